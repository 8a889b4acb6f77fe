import * as tf from '@tensorflow/tfjs';
import { gaussianMixture, gaussianNoise, type InverseProblem, inpainting } from 'spgd';

/** Two pixels that are both dark or both bright; only the first is measured, with much noise. */
const modes = { dark: -0.5, bright: 0.5, std: 0.15 };
const measured = 0.25;
const noiseStd = 0.5;

/** The problem for a batch of images `[1, 2, 1]`. */
export const mixtureProblem = (batch: number): InverseProblem => {
  const { dark, bright, std } = modes;
  return {
    denoiser: gaussianMixture([
      { mean: dark, std },
      { mean: bright, std },
    ]),
    operator: inpainting({ mask: tf.tensor4d([1, 0], [1, 1, 2, 1]) }),
    measurement: tf.tile(tf.tensor4d([measured, 0], [1, 1, 2, 1]), [batch, 1, 1, 1]),
    noise: gaussianNoise(noiseStd),
  };
};

/** Shares of samples by the pixel that is not measured. */
export interface ModeShares {
  /** Within three standard deviations of the bright mode. */
  readonly bright: number;
  /** The same of the dark one. */
  readonly dark: number;
  /** Standard deviation of those round their mode. */
  readonly spread: number;
}

const density = (mode: number): number =>
  Math.exp(-((measured - mode) ** 2) / (2 * (noiseStd ** 2 + modes.std ** 2)));

/** The true shares; three standard deviations leave out 0.27 % and make the spread 1.3 % smaller. */
export const trueShares = (): ModeShares => {
  const [dark, bright] = [density(modes.dark), density(modes.bright)];
  const near = 0.9973 / (dark + bright);
  return { bright: bright * near, dark: dark * near, spread: 0.987 * modes.std };
};

/** The shares of samples `[batch, 1, 2, 1]`. */
export async function modeShares(images: tf.Tensor4D): Promise<ModeShares> {
  const values = await images.data();
  const hidden = Array.from({ length: images.shape[0] }, (_, item) => values[2 * item + 1]!);
  const near = (mode: number) =>
    hidden.map((value) => value - mode).filter((away) => Math.abs(away) < 3 * modes.std);
  const [dark, bright] = [near(modes.dark), near(modes.bright)];
  const all = [...dark, ...bright];
  const square = all.reduce((sum, away) => sum + away ** 2, 0);
  return {
    bright: bright.length / hidden.length,
    dark: dark.length / hidden.length,
    spread: Math.sqrt(square / Math.max(all.length, 1)),
  };
}
