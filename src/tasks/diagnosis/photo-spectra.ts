/**
 * The logarithm of the power spectrum of sharp photos, as the terms of `fit-spectrum.ts`: mean and
 * covariance over the centres of 306 photos, of 128 x 128 pixels in [-1, 1], full size and halved.
 * `tools/photo-spectra.ts` prints them.
 */
export const mean: readonly number[] = [-1.945, -2.33, -0.328, -0.065, 0.016, 0.305, 0, 0.168];

/** See `mean`. */
export const covariance: readonly (readonly number[])[] = [
  [2.152, 0.079, -0.172, 0.069, -0.051, 0.074, -0.031, 0.052],
  [0.079, 0.508, -0.16, -0.016, -0.007, -0.008, -0.002, 0.001],
  [-0.172, -0.16, 0.168, -0.019, 0.007, -0.015, -0.003, -0.002],
  [0.069, -0.016, -0.019, 0.299, 0.016, -0.01, 0.011, 0.008],
  [-0.051, -0.007, 0.007, 0.016, 0.131, -0.029, -0.006, -0.008],
  [0.074, -0.008, -0.015, -0.01, -0.029, 0.279, 0.002, 0.097],
  [-0.031, -0.002, -0.003, 0.011, -0.006, 0.002, 0.063, 0.007],
  [0.052, 0.001, -0.002, 0.008, -0.008, 0.097, 0.007, 0.08],
];
