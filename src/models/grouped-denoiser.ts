import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { availableMemory } from '../internal/available-memory';
import type { Denoiser } from './denoiser';
import { denoiserVjp } from './denoiser-vjp';

/** Of the memory that is left, what groups may keep for their way back. */
const share = 0.5;

/** Groups that wait for each other at most: each is a call inside the call of the one before. */
const deepest = 100;

/**
 * Whether one more group may wait beside those that do, told by what they keep; of this process, when
 * as many do the same.
 */
export function roomToWait(processes = 1): (waiting: number) => boolean {
  const room = (share * availableMemory()) / processes;
  const before = tf.memory().numBytes;
  return (waiting) => {
    const held = tf.memory().numBytes - before;
    // Beside what it keeps, a group needs about twice as much while it runs.
    return waiting < deepest && held + (3 * held) / waiting <= room;
  };
}

/** Groups of `size` items in order; the last may be smaller. */
export function splitBatch(x: Tensor4D, size: number): Tensor4D[] {
  const [batch, ...rest] = x.shape;
  const count = Math.ceil(batch / size);
  return Array.from({ length: count }, (_, i) =>
    tf.slice(x, [i * size, 0, 0, 0], [Math.min(size, batch - i * size), ...rest]),
  );
}

/**
 * A denoiser that never gives its network more than `size` items at once.
 *
 * A cotangent needs the whole denoised image. So each group waits inside the gradient of the one
 * before, with what it keeps for its way back; groups for which half of the memory that is left does
 * not suffice keep nothing, and run forward a second time.
 */
export function groupedDenoiser(denoiser: Denoiser, size: number): Denoiser {
  const vjpOfGroup = denoiserVjp(denoiser);
  const denoise: Denoiser['denoise'] = (x, sigma) =>
    tf.tidy(() => tf.concat(splitBatch(x, size).map((group) => denoiser.denoise(group, sigma))));
  const vjp: Required<Denoiser>['vjp'] = (x, sigma, cotangent) => {
    if (x.shape[0] <= size) return vjpOfGroup(x, sigma, cotangent);
    const groups = splitBatch(x, size);
    const fits = roomToWait();
    const denoised: Tensor4D[] = [];
    const gradients: Tensor4D[] = [];
    let whole: Tensor4D | undefined;
    let cotangents: Tensor4D[] = [];
    /** What outlives the groups that wait. */
    const kept: Tensor4D[] = [];
    const keep = (tensor: Tensor4D): Tensor4D => {
      kept.push(tf.keep(tensor));
      return tensor;
    };
    const enter = (i: number): void => {
      const { gradient } = vjpOfGroup(groups[i]!, sigma, (value) => {
        denoised.push(value);
        if (i + 1 < groups.length && fits(i + 1)) enter(i + 1);
        else finish(i + 1);
        return cotangents[i]!;
      });
      gradients[i] = keep(gradient);
    };
    const finish = (from: number): void => {
      const rest = groups.slice(from);
      denoised.push(...rest.map((group) => denoiser.denoise(group, sigma)));
      whole = keep(tf.concat(denoised));
      cotangents = splitBatch(cotangent(whole), size).map(keep);
      for (const [i, group] of rest.entries()) {
        const { gradient } = vjpOfGroup(group, sigma, () => cotangents[from + i]!);
        gradients[from + i] = keep(gradient);
      }
    };
    return tf.tidy(() => {
      try {
        enter(0);
        return { denoised: tf.clone(whole!), gradient: tf.concat(gradients) };
      } finally {
        tf.dispose([...kept, ...groups]);
      }
    });
  };
  return { ...denoiser, denoise, vjp };
}
