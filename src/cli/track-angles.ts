import * as tf from '@tensorflow/tfjs';
import {
  type Denoiser,
  type Directions,
  type GradientAngles,
  gradientAngles,
  tracedDenoiser,
} from 'spgd';

/** The angles at one gradient, in degrees, a number an item. */
export type AngleReading = { readonly [K in keyof GradientAngles]: readonly number[] };

/** A denoiser that notes down the angles of all gradients taken through it. */
export interface AngleTracker {
  readonly denoiser: Denoiser;
  /** The angles at each gradient since the last call. */
  take(): Promise<AngleReading[]>;
  /** Frees what it holds. */
  dispose(): void;
}

const keep = <T extends tf.Tensor>(tensor: T): T => tf.keep(tf.clone(tensor));

const tensorsOf = (parts: object): tf.Tensor[] => Object.values(parts);

async function read(angles: GradientAngles): Promise<AngleReading> {
  const entries = Object.entries(angles).map(
    async ([key, tensor]) => [key, [...(await tensor.data())]] as const,
  );
  return Object.fromEntries(await Promise.all(entries)) as unknown as AngleReading;
}

/** Tracks the angles between likelihood and prior, and of each with itself one gradient before. */
export function trackAngles(inner: Denoiser): AngleTracker {
  let before: Directions | undefined;
  let found: GradientAngles[] = [];
  const denoiser = tracedDenoiser(inner, ({ likelihood, prior }) => {
    const angles = gradientAngles({ likelihood, prior }, before);
    for (const tensor of tensorsOf(angles)) tf.keep(tensor);
    found.push(angles);
    if (before) tf.dispose(tensorsOf(before));
    before = { likelihood: keep(likelihood), prior: keep(prior) };
  });
  return {
    denoiser,
    async take() {
      const taken = found;
      found = [];
      const readings = await Promise.all(taken.map(read));
      for (const angles of taken) tf.dispose(tensorsOf(angles));
      return readings;
    },
    dispose() {
      for (const angles of found) tf.dispose(tensorsOf(angles));
      if (before) tf.dispose(tensorsOf(before));
    },
  };
}
