import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { share } from '../../../src/models/graph/share';
import { testBackends, useTestBackend } from '../../support/backend';

describe.each(testBackends)('share on %s', (backend) => {
  useTestBackend(backend);

  it('copies no values, and either tensor outlives the other', () => {
    const start = tf.memory().numDataBuffers;
    const [first, second] = [tf.tensor1d([1, 2]), tf.tensor1d([3, 4])];
    const shared = [first, second].map(share);
    expect(tf.memory().numDataBuffers).toBe(start + 2);
    tf.dispose([first, shared[1]!]);
    expect([...shared[0]!.dataSync(), ...second.dataSync()]).toEqual([1, 2, 3, 4]);
    tf.dispose([second, shared[0]!]);
    expect(tf.memory().numDataBuffers).toBe(start);
  });
});
