import { checkInteger, checkPositive, checkRange } from '../../internal/check';
import { nameOf } from '../../internal/file-error';
import type { Checkpoint } from '../checkpoint/checkpoint';
import { cosineBetas } from '../ddpm-denoiser';
import type { Preconditioning } from '../model-metadata';
import {
  type AdmConfigKeys,
  admKeys,
  flagOf,
  parseAdmConfig,
  presets,
} from '../networks/adm-config';
import { admUnet } from '../networks/adm-unet';
import { checkPrediction, type Prediction } from '../prediction';
import { plainConfig } from './plain-config';
import type { TrainedNetwork } from './trained-network';

const owner = 'convertCheckpoint';

const processKeys = [
  ...['preconditioning', 'beta_d', 'beta_min', 'prediction', 'halved_at'],
  ...['noise_schedule', 'diffusion_steps', 'steps', 'predict_xstart', 'model_mean_type'],
  ...['rescale_timesteps'],
];

// Flags of training, of losses and of sampling: the network and its process do not depend on them.
const otherKeys = [
  ...['training', 'name', 'model_path', 'use_checkpoint', 'use_fp16', 'dropout', 'use_kl'],
  ...['rescale_learned_sigmas', 'sigma_small', 'model_var_type', 'timestep_respacing', 'sampler'],
  ...['clip_denoised', 'dynamic_threshold', 'data_dir', 'schedule_sampler', 'lr', 'weight_decay'],
  ...['lr_anneal_steps', 'batch_size', 'microbatch', 'ema_rate', 'log_interval', 'save_interval'],
  ...['resume_checkpoint', 'fp16_scale_growth', 'num_samples', 'use_ddim', 'classifier_path'],
  ...['classifier_scale', 'mirrored'],
];

/** The network of a preset, of a config, or else of the config that the checkpoint itself holds. */
export function admNetwork(
  checkpoint: Checkpoint,
  file: string,
  options: { preset: string | undefined; config: AdmConfigKeys | undefined },
): TrainedNetwork {
  const all = plainConfig(find(checkpoint, file, options));
  const unknown = Object.keys(all).find(
    (key) => ![...admKeys, ...processKeys, ...otherKeys].includes(key),
  );
  checkRange(
    unknown === undefined,
    owner,
    'config',
    'made of the flags of guided-diffusion',
    unknown,
  );
  const entries = Object.entries(all).filter(([key]) => admKeys.includes(key));
  const config = Object.fromEntries(entries);
  const resolved = parseAdmConfig(config);
  const { imageSize, inChannels, classes } = resolved;
  const { multipleOf, outChannels, ...network } = admUnet(resolved);
  return {
    architecture: 'adm',
    network,
    config,
    size: [imageSize, imageSize],
    trainingSize: [imageSize, imageSize],
    inChannels,
    outChannels,
    multipleOf,
    classes,
    ...(flagOf('mirrored', all.mirrored ?? false) && { mirrored: true as const }),
    preconditioning: preconditioningOf(all),
  };
}

function find(
  { metadata }: Checkpoint,
  file: string,
  { preset, config }: Parameters<typeof admNetwork>[2],
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
  const name = nameOf({ name: file });
  throw new RangeError(`${owner}: ${name} does not hold its config: give preset or config`);
}

const predictions: Readonly<Record<string, Prediction>> = { epsilon: 'noise', start_x: 'image' };

function predictionOf(settings: AdmConfigKeys): Prediction {
  const { predict_xstart: ofImage, model_mean_type: type, prediction } = settings;
  if (prediction !== undefined) checkPrediction(owner, prediction);
  if (type !== undefined) {
    const names = Object.keys(predictions);
    const known = names.includes(type as string);
    checkRange(known, owner, 'model_mean_type', `one of ${names.join(', ')}`, type);
  }
  const said: (Prediction | undefined)[] = [prediction, predictions[type as string]];
  if (ofImage !== undefined) said.push(flagOf('predict_xstart', ofImage) ? 'image' : 'noise');
  const different = [...new Set(said.filter((one) => one !== undefined))];
  const rule = 'the same in prediction, predict_xstart and model_mean_type';
  checkRange(different.length <= 1, owner, 'prediction', rule, different);
  return different[0] ?? 'noise';
}

function preconditioningOf(settings: AdmConfigKeys): Preconditioning {
  const { preconditioning: name = 'vp', noise_schedule: schedule = 'linear' } = settings;
  checkRange(name === 'vp', owner, 'preconditioning', "'vp'", name);
  const known = schedule === 'linear' || schedule === 'cosine';
  checkRange(known, owner, 'noise_schedule', 'linear or cosine', schedule);
  const steps = Number(settings.diffusion_steps ?? settings.steps ?? 1000);
  checkInteger(owner, 'diffusion_steps', steps, 2);
  checkRange(steps <= 100_000, owner, 'diffusion_steps', 'at most 100000', steps);
  const rescaled = flagOf('rescale_timesteps', settings.rescale_timesteps ?? false);
  const prediction = predictionOf(settings);
  return schedule === 'cosine'
    ? cosine(settings, { steps, rescaled, prediction })
    : linear(settings, { steps, rescaled, prediction });
}

interface Process {
  readonly steps: number;
  /** Whether the network is given times of 0 to 1000, however many steps there are. */
  readonly rescaled: boolean;
  readonly prediction: Prediction;
}

function linear(
  settings: AdmConfigKeys,
  { steps, rescaled, prediction }: Process,
): Preconditioning {
  const betaD = Number(settings.beta_d ?? 19.9);
  const betaMin = Number(settings.beta_min ?? 0.1);
  checkPositive(owner, 'beta_d', betaD);
  checkPositive(owner, 'beta_min', betaMin);
  const halvedAt = Number(settings.halved_at ?? 1);
  checkPositive(owner, 'halved_at', halvedAt);
  const last = rescaled ? (1000 * (steps - 1)) / steps : steps - 1;
  return {
    name: 'vp',
    betaD,
    betaMin,
    ...(last === 999 ? {} : { steps: last + 1 }),
    prediction,
    ...(settings.halved_at === undefined ? {} : { halvedAt }),
  };
}

function cosine(
  settings: AdmConfigKeys,
  { steps, rescaled, prediction }: Process,
): Preconditioning {
  const rule = 'left out where noise_schedule is cosine';
  for (const key of ['beta_d', 'beta_min', 'halved_at'])
    checkRange(settings[key] === undefined, owner, key, rule, settings[key]);
  const scale = rescaled && steps !== 1000 ? { rescaled } : {};
  return { name: 'ddpm', betas: cosineBetas(steps), clip: true, prediction, ...scale };
}
