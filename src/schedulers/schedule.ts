/**
 * Noise levels in the order of the steps: `sigma_0 > sigma_1 > … > sigma_M`, that is
 * M steps. All are positive, only the last may be 0. Any such list of numbers is valid.
 */
export type NoiseSchedule = readonly number[];
