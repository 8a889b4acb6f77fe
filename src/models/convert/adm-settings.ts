import { checkPositive, checkRange } from '../../internal/check';
import type { Checkpoint } from '../checkpoint/checkpoint';
import type { ModelMetadata } from '../model-metadata';
import { type AdmConfigKeys, presets } from '../networks/adm-config';
import { checkPrediction } from '../prediction';

/** What a checkpoint of guided-diffusion was trained as. */
interface AdmSettings {
  /** What describes the network itself, in guided-diffusion's keys. */
  readonly config: AdmConfigKeys;
  /** The noise process it was trained on. */
  readonly preconditioning: ModelMetadata['preconditioning'];
}

const owner = 'convertCheckpoint';
const noiseKeys = ['preconditioning', 'beta_d', 'beta_min', 'prediction', 'halved_at', 'training'];

/** The settings of a preset, of a config, or else those that the checkpoint itself holds. */
export function admSettings(
  checkpoint: Checkpoint,
  file: string,
  options: { preset: string | undefined; config: AdmConfigKeys | undefined },
): AdmSettings {
  const all = find(checkpoint, file, options);
  const entries = Object.entries(all).filter(([key]) => !noiseKeys.includes(key));
  return { config: Object.fromEntries(entries), preconditioning: preconditioningOf(all) };
}

function find(
  { metadata }: Checkpoint,
  file: string,
  { preset, config }: Parameters<typeof admSettings>[2],
): AdmConfigKeys {
  const both = preset !== undefined && config !== undefined;
  checkRange(!both, owner, 'preset', 'left out where config is given', preset);
  if (preset !== undefined) {
    const names = Object.keys(presets);
    checkRange(names.includes(preset), owner, 'preset', `one of ${names.join(', ')}`, preset);
    return presets[preset as keyof typeof presets];
  }
  if (config !== undefined) return config;
  if ('image_size' in metadata) return metadata;
  throw new RangeError(`${owner}: ${file} does not hold its config: give preset or config`);
}

function preconditioningOf(settings: AdmConfigKeys): ModelMetadata['preconditioning'] {
  const { preconditioning: name = 'vp' } = settings;
  checkRange(name === 'vp', owner, 'preconditioning', "'vp'", name);
  const betaD = Number(settings.beta_d ?? 19.9);
  const betaMin = Number(settings.beta_min ?? 0.1);
  checkPositive(owner, 'beta_d', betaD);
  checkPositive(owner, 'beta_min', betaMin);
  const { prediction = 'noise' } = settings;
  checkPrediction(owner, prediction);
  if (settings.halved_at === undefined) return { name: 'vp', betaD, betaMin, prediction };
  const halvedAt = Number(settings.halved_at);
  checkPositive(owner, 'halved_at', halvedAt);
  return { name: 'vp', betaD, betaMin, prediction, halvedAt };
}
