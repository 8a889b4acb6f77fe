import type { Tensor } from '@tensorflow/tfjs';
import type { LinearizedNetwork } from '../network';
import { passRecorder, type RecordedPasses } from './pass-recorder';

/** Shapes that are recorded, at most; a program runs layer by layer at further ones. */
const most = 8;

/** The recorded passes of one program, by the shapes of its inputs. */
export interface Recordings {
  /** What is recorded for the shapes of these inputs. */
  find(inputs: readonly Tensor[]): RecordedPasses | undefined;
  /** As `find`; records them first where the backend can. */
  findOrRecord(
    inputs: readonly Tensor[],
    linearize: () => LinearizedNetwork<Tensor>,
  ): RecordedPasses | undefined;
  /** Frees them. */
  dispose(): void;
}

/** Starts with nothing recorded. */
export function recordings(): Recordings {
  const known = new Map<string, RecordedPasses | undefined>();
  const keyOf = (inputs: readonly Tensor[]) => inputs.map(({ shape }) => shape.join()).join(';');
  return {
    find: (inputs) => known.get(keyOf(inputs)),
    findOrRecord(inputs, linearize) {
      const recorder = passRecorder();
      const key = keyOf(inputs);
      if (recorder && !known.has(key) && known.size < most)
        known.set(key, recorder.record(inputs, linearize));
      return known.get(key);
    },
    dispose() {
      for (const passes of known.values()) passes?.dispose();
      known.clear();
    },
  };
}
