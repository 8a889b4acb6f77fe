import { responseOf, type SimpleBlur } from './blur';
import { seenThroughWindow } from './frequencies';

/** A blur that a photo may have, and how a spectrum shows it. */
export interface Candidate {
  readonly blur: SimpleBlur;
  readonly response: Float64Array;
}

/** Sizes from the least to the most, each larger than the last by a factor. */
function ladder(least: number, most: number, factor: number): number[] {
  const count = Math.floor(Math.log(most / least) / Math.log(factor));
  return Array.from({ length: count + 1 }, (_, k) => least * factor ** k);
}

/** The factor between the sizes that are tried first. */
export const sizeStep = { gaussian: 1.2, disc: 1.12, line: 1.2 } as const;

/** What can be told from windows of 64 pixels. */
export const sizeRange = { gaussian: [0.5, 5], disc: [1.8, 10], line: [3, 26] } as const;

/** Degrees between the directions that are tried first: an end of a longer line moves farther. */
export const angleStep = (length: number): number =>
  180 / Math.ceil(180 / Math.min(20, 120 / length));

const sizesOf = (kind: SimpleBlur['kind']): number[] => {
  const [least, most] = sizeRange[kind];
  return ladder(least, most, sizeStep[kind]);
};

/** A blur as a candidate. */
export const candidate = (blur: SimpleBlur): Candidate => ({
  blur,
  response: seenThroughWindow(responseOf(blur)),
});

/** A line whose response is the mean over the lines that are nearer to it than to others. */
function broadLine(length: number, angle: number): Candidate {
  const spread = [-1 / 3, 0, 1 / 3];
  const all = spread.flatMap((longer) =>
    spread.map((turn) =>
      responseOf({
        kind: 'line',
        size: length * sizeStep.line ** longer,
        angle: angle + turn * angleStep(length),
      }),
    ),
  );
  const response = seenThroughWindow(
    (x, y) => all.reduce((sum, one) => sum + one(x, y), 0) / all.length,
  );
  return { blur: { kind: 'line', size: length, angle }, response };
}

/** Lines of a length, in all directions. */
const linesOf = (length: number): Candidate[] =>
  Array.from({ length: Math.round(180 / angleStep(length)) }, (_, k) =>
    broadLine(length, k * angleStep(length)),
  );

/** A length between short and long lines: the best of both are looked at closely. */
const middleLength = 9;

let known: readonly (readonly Candidate[])[] | undefined;

/** What is tried first, in groups of which each has a best; Gaussians first. Computed once. */
export function candidateGroups(): readonly (readonly Candidate[])[] {
  const lengths = sizesOf('line');
  known ??= [
    sizesOf('gaussian').map((size) => candidate({ kind: 'gaussian', size })),
    sizesOf('disc').map((size) => candidate({ kind: 'disc', size })),
    lengths.filter((length) => length < middleLength).flatMap(linesOf),
    lengths.filter((length) => length >= middleLength).flatMap(linesOf),
  ];
  return known;
}
