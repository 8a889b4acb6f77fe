import type { Blur, SimpleBlur } from './blur';
import {
  angleStep,
  type Candidate,
  candidate,
  candidateGroups,
  sizeRange,
  sizeStep,
} from './candidates';
import type { Fit } from './fit-spectrum';
import type { GrayImage } from './gray-image';
import { spectraOf } from './spectra';

/** The blur of a photo, as far as its spectrum tells. */
export interface BlurEstimate {
  /** The likeliest blur; undefined where a sharp photo is likelier. */
  readonly blur?: Blur;
  /**
   * The blur to undo: `blur`, a Gaussian with the size of least expected loss. It is smaller where the size
   * is uncertain, since too wide a Gaussian leaves more errors than one that is as much too narrow.
   */
  readonly cautious?: Blur;
  /** The probability that it is of this kind and within 15 % of this size, in [0, 1]. */
  readonly confidence: number;
  /** The logarithm of how many times likelier it is than none; 0 where there is none. */
  readonly evidence: number;
  /**
   * It is sure enough to be undone: `evidence` of at least 10, a size inside what can be told, and a probability
   * of at least 0.75: that of its kind for a Gaussian, `confidence` for others.
   */
  readonly isBlurred: boolean;
}

/** Sharp photos had an evidence of 3 at most. */
export const leastEvidence = 10;

/** Below this, smooth photos were taken for blurred ones, and lost up to 10 dB. */
const leastProbability = 0.75;

/**
 * How much faster the loss grows for sizes that are too large, in the logarithm of the size: a Gaussian
 * that is 14 % too wide costs about 4 dB, one that is 13 % too narrow about 2 dB.
 */
const asymmetry = 8;

/** Every photo that came out worse than it was, by 0.1 dB or more, had less. */
const leastCertainty = 0.9;

/**
 * Why the result of undoing a blur is to be compared with the photo; undefined where the blur is certain. A smooth photo
 * tells little of its blur, and one that is undone wrongly may leave it worse.
 */
export function doubtOf({ blur, confidence }: BlurEstimate): string | undefined {
  if (blur?.kind === 'free')
    return 'a blur of any shape is found roughly: compare the result with the photo';
  if (confidence >= leastCertainty) return undefined;
  return `the blur is uncertain (confidence ${Math.round(100 * confidence)} %): compare the result with the photo`;
}

/** A candidate with its evidence. */
interface Rated extends Candidate, Fit {}

/** Rates a candidate, from the parameters of a similar one. */
type Rate = (one: Candidate, similar: Fit, rounds?: number) => Rated;

const better = <T extends { readonly evidence: number }>(a: T, b: T): T =>
  b.evidence > a.evidence ? b : a;

/** The blur with another size, and a line with another direction, in the range of its kind. */
function changed(blur: SimpleBlur, factor: number, turn = 0): SimpleBlur {
  const [least, most] = sizeRange[blur.kind];
  const size = Math.min(most, Math.max(least, blur.size * factor));
  if (blur.kind !== 'line') return { ...blur, size };
  return { ...blur, size, angle: (blur.angle + turn + 180) % 180 };
}

/** Follows the evidence from a blur by ever smaller steps. */
function refined(start: Rated, rate: Rate): Rated {
  let found = start;
  for (let part = 0.5; part > 0.1; part /= 2) {
    const step = sizeStep[found.blur.kind] ** part;
    const turn = part * angleStep(found.blur.size);
    const turns: [number, number][] = [
      [1, turn],
      [1, -turn],
    ];
    const sizes: [number, number][] = [
      [step, 0],
      [1 / step, 0],
    ];
    for (const move of found.blur.kind === 'line' ? [...turns, ...sizes] : sizes)
      found = better(found, rate(candidate(changed(found.blur, ...move)), found));
  }
  return found;
}

/** The best of a group. */
function bestOf(group: readonly Candidate[], rate: Rate, sharp: Fit): Rated {
  let best: Rated | undefined;
  let last = sharp;
  for (const one of group) {
    const rated = rate(one, last, 4);
    best = better(best ?? rated, rated);
    last = rated;
  }
  return refined(rate(candidate(best!.blur), best!), rate);
}

/** Sizes around the best of a group, to tell how sure it is. */
const around = [0.75, 0.85, 0.93, 1.07, 1.18, 1.33];

const isAlike = (a: SimpleBlur, b: SimpleBlur): boolean =>
  a.kind === b.kind && Math.abs(Math.log(a.size / b.size)) < 0.15;

/** A blur, and its evidence over none. */
interface Weighed {
  readonly blur: SimpleBlur;
  readonly evidence: number;
}

/**
 * A Gaussian with the size of least expected loss, any other blur as it is, for a loss that grows exponentially with
 * sizes that are too large, and linearly with others.
 *
 * Reference: Zellner, "Bayesian estimation and prediction using asymmetric loss functions", Journal of the
 * American Statistical Association 1986.
 */
function cautiousOf(blur: SimpleBlur, all: readonly Weighed[]): SimpleBlur {
  if (blur.kind !== 'gaussian') return blur;
  const sizes = all
    .filter((one) => one.blur.kind === blur.kind)
    .map((one) => ({ log: Math.log(one.blur.size / blur.size), evidence: one.evidence }))
    .sort((a, b) => a.log - b.log);
  const most = Math.max(...sizes.map(({ evidence }) => evidence));
  let [mass, tilted] = [0, 0];
  sizes.forEach(({ log, evidence }, at) => {
    const [before, after] = [sizes[at - 1]?.log ?? log, sizes[at + 1]?.log ?? log];
    const share = (after - before) * Math.exp(evidence - most);
    mass += share;
    tilted += share * Math.exp(-asymmetry * log);
  });
  return { ...blur, size: blur.size * (tilted / mass) ** (-1 / asymmetry) };
}

/** At the end of the range, a flat part of a photo passes for a large blur. */
const isInside = ({ blur }: { readonly blur: SimpleBlur }): boolean =>
  blur.size < 0.95 * sizeRange[blur.kind][1];

/**
 * The likeliest of some blurs, and how sure it is. Where a blur at the end of its range was likelier at first,
 * the photo has smooth parts, which pass for a disc or a line as well.
 */
function likeliestOf(rated: readonly Weighed[], isSmooth: boolean): BlurEstimate {
  const { blur, evidence } = rated.reduce(better);
  const most = Math.max(0, evidence);
  const share = (some: readonly { readonly evidence: number }[]) =>
    some.reduce((sum, one) => sum + Math.exp(one.evidence - most), 0);
  const all = share([...rated, { evidence: 0 }]);
  if (evidence <= 0) return { confidence: 1 / all, evidence: 0, isBlurred: false };
  const confidence = share(rated.filter((one) => isAlike(one.blur, blur))) / all;
  const ofKind = share(rated.filter((one) => one.blur.kind === blur.kind)) / all;
  const isSure =
    blur.kind === 'gaussian'
      ? ofKind >= leastProbability
      : confidence >= leastProbability && !isSmooth;
  const isBlurred = evidence >= leastEvidence && isSure && isInside({ blur });
  return { blur, cautious: cautiousOf(blur, rated), confidence, evidence, isBlurred };
}

/**
 * The blur of a photo by the likelihood of its power spectrum, from what is known of the spectra of
 * sharp photos: none, a Gaussian, a disc, or a straight line. Regions of a photo must agree: the parts
 * of it that are sharp speak against a blur.
 *
 * It tells Gaussians up to a standard deviation of 5 pixels, discs up to a radius of 10, and lines up
 * to a length of 26.
 *
 * @param regions Parts of one photo, each at least 64 x 64; smaller ones are left out.
 * @param noiseStd Standard deviation of the noise of their pixels, on the scale of the values.
 * @param errorStd Standard deviation of errors that took detail away, as those of a JPEG. Both spectra,
 * seen and expected, are raised by its power, which hides what was lost below it.
 * @param grain The power of noise that is not white, as `spectrum` of `estimateNoise`.
 * @returns Undefined where no part is large enough.
 *
 * Reference: after Levin et al., "Understanding and evaluating blind deconvolution algorithms", CVPR
 * 2009: the likelihood of the kernel, not of kernel and photo together.
 */
export function estimateBlur(
  regions: readonly GrayImage[],
  noiseStd: number,
  errorStd = 0,
  grain?: ArrayLike<number>,
): BlurEstimate | undefined {
  const seen = spectraOf(regions, noiseStd, errorStd, grain);
  if (!seen) return undefined;
  const { sharp } = seen;
  const rate: Rate = (one, similar, rounds) => ({
    ...one,
    ...seen.fit(one.response, similar, rounds),
  });
  const groups = candidateGroups();
  const all = groups.map((group) => bestOf(group, rate, sharp));
  const isSmooth = !isInside(all.reduce(better));
  const best = all.some(isInside) ? all.filter(isInside) : all;
  const tried = best.flatMap((one) => [
    ...(one === all[0] ? groups[0]! : []).map((other) => ({ ...other, similar: one })),
    { ...one, similar: one },
    ...around.map((factor) => ({ ...candidate(changed(one.blur, factor)), similar: one })),
  ]);
  return likeliestOf(
    tried.map(({ blur, response, similar }) => ({
      blur,
      evidence: seen.evidence(response, similar),
    })),
    isSmooth,
  );
}
