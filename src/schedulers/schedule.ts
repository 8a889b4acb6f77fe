/**
 * Noise levels in the order in which they are visited: `sigma_0 > sigma_1 > … > sigma_M`, that is
 * M steps. All are positive, only the last may be 0. Any such list of numbers will do.
 */
export type NoiseSchedule = readonly number[];
