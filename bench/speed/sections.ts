import type { BackendName } from 'spgd/node';
import type { Case } from './measured';
import { subjects } from './networks';

/** What may be chosen on the command line. */
export interface Choice {
  readonly backends: readonly BackendName[];
  readonly subjects: readonly string[];
}

const megabyte = 2 ** 20;

/** Measured passes: many of the small network, few of the large ones. */
const repeatsOf: Readonly<Record<string, number>> = { small: 15, ffhq256: 3, imagenet256: 1 };

/** Megabytes of activations kept: nothing, some, and all of them. */
const budgetsOf: Readonly<Record<string, readonly number[]>> = {
  small: [0, 16, 32, 4096],
  ffhq256: [0, 256, 512, 768, 4096],
  imagenet256: [0, 1024, 2048, 16384],
};

const subjectCase = (
  subject: string,
  rest: Omit<Case, 'subject' | 'side' | 'batch' | 'repeats'>,
) => ({
  subject,
  side: subjects[subject]!.side,
  batch: 1,
  repeats: repeatsOf[subject]!,
  ...rest,
});

const smallCase = (rest: Partial<Case> & Pick<Case, 'way'>): Case => ({
  subject: 'small',
  side: 64,
  batch: 1,
  repeats: 5,
  ...rest,
});

/** Each table, and the cases it is made of, in the order that a round takes them. */
export const sections: Readonly<Record<string, (choice: Choice) => Case[]>> = {
  speed: ({ backends, subjects: chosen }) =>
    chosen.flatMap((subject) => [
      subjectCase(subject, { way: 'torch-released' }),
      ...backends.flatMap((backend) => [
        subjectCase(subject, { way: 'library', backend }),
        subjectCase(subject, { way: 'floor', backend }),
        ...(backend === 'tfjs-node'
          ? [subjectCase(subject, { way: 'library', backend, precision: 'bfloat16' })]
          : []),
      ]),
      subjectCase(subject, { way: 'torch-frozen' }),
      subjectCase(subject, { way: 'torch-frozen', precision: 'bfloat16' }),
      ...(subject === 'small' && backends.includes('wasm')
        ? [subjectCase(subject, { way: 'stock', backend: 'wasm' })]
        : []),
    ]),
  pixels: ({ backends }) =>
    backends.flatMap((backend) =>
      [32, 64, 128, 192, 256].map((side) => smallCase({ way: 'library', backend, side })),
    ),
  batch: ({ backends }) =>
    backends.flatMap((backend) =>
      [1, 2, 4, 8].map((batch) => smallCase({ way: 'library', backend, batch })),
    ),
  steps: ({ backends }) =>
    backends.flatMap((backend) =>
      [2, 4, 8, 16].map((steps) =>
        smallCase({ way: 'run', backend, steps, warmupSteps: 2, repeats: 2 }),
      ),
    ),
  warmupSteps: ({ backends }) =>
    backends.flatMap((backend) =>
      [0, 1, 2, 5, 10].map((warmupSteps) =>
        smallCase({ way: 'run', backend, steps: 3, warmupSteps, repeats: 2 }),
      ),
    ),
  budget: ({ backends, subjects: chosen }) =>
    chosen.flatMap((subject) =>
      backends.flatMap((backend) =>
        budgetsOf[subject]!.map((megabytes) =>
          subjectCase(subject, { way: 'library', backend, budget: megabytes * megabyte }),
        ),
      ),
    ),
  workers: () => [1, 2].map((workers) => smallCase({ way: 'workers', workers, batch: 8 })),
};
