import type { TaskSettings } from 'spgd';

/** What happened to a photo. */
export type TaskName = 'repair' | 'denoise' | 'enlarge' | 'deblur' | 'exposure';

/** What the page knows of a task; `worker.ts` makes its operator. */
export interface Task {
  /** Its name in the settings of a model. */
  readonly key: string;
  /** Noise that is added where the damage is simulated, on [-1, 1]. */
  readonly simulatedNoise: number;
  /** Samplers that can do it, the one taken by default first. */
  readonly samplers: readonly SamplerName[];
}

/** The samplers that the page offers. */
export type SamplerName = 'spgd' | 'diffpir' | 'ddrm' | 'dps';

const linear: readonly SamplerName[] = ['diffpir', 'spgd', 'ddrm', 'dps'];

/** The tasks by what happened to the photo. */
export const tasks: Readonly<Record<TaskName, Task>> = {
  repair: { key: 'inpainting', simulatedNoise: 0.01, samplers: linear },
  denoise: { key: 'denoising', simulatedNoise: 0.4, samplers: linear },
  enlarge: { key: 'down_sampling', simulatedNoise: 0.01, samplers: linear },
  deblur: { key: 'gaussian_blur', simulatedNoise: 0.02, samplers: linear },
  exposure: { key: 'hdr', simulatedNoise: 0.05, samplers: ['spgd', 'dps'] },
};

/** What a run is told: noise levels, and options of its sampler by name. */
export interface Settings {
  readonly steps: number;
  readonly sigmaMax: number;
  readonly sigmaMin: number;
  readonly [option: string]: number | string;
}

/**
 * The model's own settings for a task and a sampler. One that the model does not name takes the noise
 * levels that it has for `spgd`.
 */
export function settingsFor(
  task: TaskName,
  sampler: SamplerName,
  tuned: TaskSettings = {},
): Settings {
  const own = tuned[tasks[task].key] ?? {};
  const { spgd = { learningRate: 1 } } = own;
  const { steps = 20, sigmaMax = 3, sigmaMin = 0.1 } = spgd;
  const levels = { steps, sigmaMax, sigmaMin } as Settings;
  return { ...levels, ...(own[sampler] ?? (sampler === 'spgd' ? spgd : {})) };
}
