import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { availableMemory } from '../internal/available-memory';
import type { Denoiser, Linearized } from './denoiser';
import { linearize, recomputed } from './linearize';

/** The share of the memory left that groups may keep for their backward passes. */
const share = 0.5;

/**
 * Linearizes one group after the other while half of the memory that is left allows; groups after
 * that keep only their x and are recomputed in `backward`. `processes` is how many do the same on
 * this machine.
 */
export function linearizeWithinMemory(
  denoiser: Denoiser,
  processes = 1,
): (group: Tensor4D, sigma: number) => Linearized {
  const room = (share * availableMemory()) / processes;
  const before = tf.memory().numBytes;
  let groups = 0;
  let hasRoom = true;
  return (group, sigma) => {
    const held = tf.memory().numBytes - before;
    // Beside what it keeps, a group needs about twice as much while it runs.
    hasRoom &&= groups === 0 || held + (3 * held) / groups <= room;
    if (!hasRoom) return recomputed(denoiser, group, sigma);
    groups++;
    return linearize(denoiser, group, sigma);
  };
}
