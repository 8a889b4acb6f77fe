import type { BackendName } from 'spgd/node';
import type { Case } from './measured';

/** What may be chosen on the command line. */
export interface Choice {
  readonly backends: readonly BackendName[];
  readonly subjects: readonly string[];
  /** Of PyTorch, where it is not the CPU. */
  readonly device?: 'cuda';
}

const megabyte = 2 ** 20;

/** Height and width of the images, and how many at once, that a subject is measured at. */
const sizesOf = (subject: string) =>
  subject.endsWith('256')
    ? [{ side: 256, batch: 1 }]
    : [64, 256].flatMap((side) => [1, 8].map((batch) => ({ side, batch })));

/** Measured passes of a process: many of what is short. */
const repeatsOf = (subject: string, side: number, batch: number): number => {
  if (subject === 'imagenet256') return 1;
  if (side * side * batch >= 2 ** 16) return 2;
  return batch === 1 ? 30 : 10;
};

/** Megabytes of activations kept: nothing, some, and all of them. */
const budgetsOf: Readonly<Record<string, readonly number[]>> = {
  prior64: [0, 16, 4096],
  light: [0, 8, 4096],
  ffhq256: [0, 256, 512, 4096],
  imagenet256: [0, 1024, 2048, 16384],
};

/** What is compared for one subject at one size. */
function speedCases(base: Omit<Case, 'way'>, { backends, device: card }: Choice): Case[] {
  const smallest = base.side === 64 && base.batch === 1;
  const device = card ? { device: card } : {};
  const narrow = base.batch === 1 ? [{ ...base, precision: 'bfloat16' } as const] : [];
  return [
    { ...base, ...device, way: 'torch-released' },
    { ...base, ...device, way: 'torch-frozen' },
    ...backends.flatMap((backend): Case[] =>
      backend === 'wasm' && base.side * base.batch > 512
        ? [] // Near the end of its memory
        : [
            { ...base, way: 'library', backend },
            { ...base, way: 'floor', backend },
            ...(backend === 'wasm' ? [] : [{ ...base, way: 'layers', backend } as const]),
          ],
    ),
    ...narrow.flatMap((one): Case[] => [
      { ...one, ...device, way: 'torch-frozen' },
      ...(backends.includes('tfjs-node')
        ? [{ ...one, way: 'library', backend: 'tfjs-node' } as const]
        : []),
    ]),
    ...(smallest && backends.includes('wasm')
      ? [{ ...base, way: 'stock', backend: 'wasm' } as const]
      : []),
  ];
}

/** Each table, and the cases it is made of, in the order that a round takes them. */
export const sections: Readonly<Record<string, (choice: Choice) => Case[]>> = {
  speed: (choice) =>
    choice.subjects.flatMap((subject) =>
      sizesOf(subject).flatMap(({ side, batch }) => {
        const repeats = repeatsOf(subject, side, batch);
        return speedCases({ subject, side, batch, repeats }, choice);
      }),
    ),
  budget: ({ backends, subjects }) =>
    subjects.flatMap((subject) =>
      backends.flatMap((backend) =>
        budgetsOf[subject]!.map((megabytes): Case => {
          const { side, batch } = sizesOf(subject)[0]!;
          const repeats = repeatsOf(subject, side, batch);
          const budget = megabytes * megabyte;
          return { way: 'library', backend, subject, side, batch, repeats, budget };
        }),
      ),
    ),
};
