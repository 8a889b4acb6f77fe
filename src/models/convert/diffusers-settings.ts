import { checkInteger, checkRange } from '../../internal/check';
import type { TensorFile } from '../checkpoint/checkpoint';
import { cosineBetas } from '../ddpm-denoiser';
import type { DdpmPreconditioning } from '../model-metadata';
import { diffusersUnet } from '../networks/diffusers';
import { parseDiffusersConfig } from '../networks/diffusers-config';
import type { Prediction } from '../prediction';
import type { TrainedNetwork } from './trained-network';

type Config = Readonly<Record<string, unknown>>;

const owner = 'convertCheckpoint';

/** The network of a `config.json` of diffusers, and the process of the scheduler's config. */
export function diffusersNetwork(config: Config, scheduler: Config = {}): TrainedNetwork {
  const resolved = parseDiffusersConfig(config);
  const { multipleOf, ...network } = diffusersUnet(resolved);
  const { inChannels, outChannels, classes, sampleSize } = resolved;
  const kept = Object.entries(config).filter(([key]) => !key.startsWith('_'));
  return {
    architecture: 'diffusers',
    network,
    config: Object.fromEntries(kept),
    size: sampleSize ?? [8 * multipleOf, 8 * multipleOf],
    ...(sampleSize && { trainingSize: sampleSize }),
    inChannels,
    outChannels,
    multipleOf,
    classes,
    preconditioning: processOf(scheduler),
  };
}

const roles: Readonly<Record<string, string>> = {
  query: 'to_q',
  key: 'to_k',
  value: 'to_v',
  proj_attn: 'to_out.0',
};

/** The names of weights as diffusers has them now; files before 0.16 call those of attention otherwise. */
export function withPresentNames({ tensors }: TensorFile): TensorFile['tensors'] {
  const present = (name: string): string =>
    name.replace(
      /(\.attentions\.\d+\.)(query|key|value|proj_attn)(?=\.(weight|bias)$)/,
      (_, base: string, role: string) => `${base}${roles[role]}`,
    );
  return new Map([...tensors].map(([name, tensor]) => [present(name), tensor]));
}

const evenly = (from: number, to: number, steps: number): number[] =>
  Array.from({ length: steps }, (_, i) => from + ((to - from) * i) / (steps - 1));

const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value));

/** Variances of the forward process by the name of the schedule. */
const schedules: Readonly<
  Record<string, (range: { start: number; end: number; steps: number }) => number[]>
> = {
  linear: ({ start, end, steps }) => evenly(start, end, steps),
  scaled_linear: ({ start, end, steps }) =>
    evenly(Math.sqrt(start), Math.sqrt(end), steps).map((root) => root ** 2),
  squaredcos_cap_v2: ({ steps }) => cosineBetas(steps),
  sigmoid: ({ start, end, steps }) =>
    evenly(-6, 6, steps).map((value) => sigmoid(value) * (end - start) + start),
};

const predictions: Readonly<Record<string, Prediction>> = {
  epsilon: 'noise',
  v_prediction: 'velocity',
  sample: 'image',
};

const oneOf = <T>(table: Readonly<Record<string, T>>, key: string, name: unknown): T => {
  const known = typeof name === 'string' && Object.hasOwn(table, name);
  checkRange(known, owner, key, `one of ${Object.keys(table).join(', ')}`, name);
  return table[name as string]!;
};

/** The noise process of a `scheduler_config.json`; what is missing has DDPMScheduler's default. */
function processOf(scheduler: Config): DdpmPreconditioning {
  const { _class_name: kind = 'DDPMScheduler', rescale_betas_zero_snr: zeroSnr = false } =
    scheduler;
  const other = /ScoreSde|EDM|FlowMatch|Consistency|Karras|VQ/.test(String(kind));
  checkRange(!other, owner, 'scheduler', 'of a variance-preserving process', kind);
  checkRange(zeroSnr === false, owner, 'rescale_betas_zero_snr', 'false', zeroSnr);
  const { clip_sample: clips = true, clip_sample_range: range = 1 } = scheduler;
  return {
    name: 'ddpm',
    betas: betasOf(scheduler),
    clip: clips === true && range === 1,
    prediction: oneOf(predictions, 'prediction_type', scheduler.prediction_type ?? 'epsilon'),
  };
}

function betasOf(scheduler: Config): readonly number[] {
  const { trained_betas: trained = null, beta_schedule: name = 'linear' } = scheduler;
  if (trained !== null) {
    const valid =
      Array.isArray(trained) &&
      trained.length > 0 &&
      trained.length <= 100_000 &&
      trained.every((beta) => beta > 0 && beta < 1);
    checkRange(valid, owner, 'trained_betas', 'a list of numbers in (0, 1)', trained);
    return trained as number[];
  }
  const number = (key: string, usual: number): number => {
    const value = scheduler[key] ?? usual;
    checkRange((value as number) > 0 && (value as number) < 1, owner, key, 'in (0, 1)', value);
    return value as number;
  };
  const steps = (scheduler.num_train_timesteps ?? 1000) as number;
  checkInteger(owner, 'num_train_timesteps', steps, 2);
  checkRange(steps <= 100_000, owner, 'num_train_timesteps', 'at most 100000', steps);
  const [start, end] = [number('beta_start', 1e-4), number('beta_end', 0.02)];
  return oneOf(schedules, 'beta_schedule', name)({ start, end, steps });
}
