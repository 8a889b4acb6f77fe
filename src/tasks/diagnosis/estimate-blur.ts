/** A grey image in plain numbers. */
export interface GrayImage {
  /** Row by row. */
  readonly values: ArrayLike<number>;
  /** Rows. */
  readonly height: number;
  /** Columns. */
  readonly width: number;
}

/** The two scales at which an edge is looked at, in pixels. */
const [fine, coarse] = [1, 2] as const;

const radius = 4 * coarse;

function gaussian(std: number): Float64Array {
  const taps = Float64Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-((i - radius) ** 2) / (2 * std ** 2)),
  );
  const sum = taps.reduce((a, b) => a + b);
  return taps.map((tap) => tap / sum);
}

/** The derivative of a Gaussian, scaled to give the slope of a ramp. */
const slope = (std: number): Float64Array =>
  gaussian(std).map((tap, i) => (tap * (i - radius)) / std ** 2);

/** Correlation along one axis, inside the border alone; elsewhere 0. */
function along(
  { values, height, width }: GrayImage,
  taps: Float64Array,
  [down, across]: readonly [number, number],
): GrayImage {
  const result = new Float32Array(height * width);
  const stride = down * width + across;
  for (let y = radius; y < height - radius; y++)
    for (let x = radius; x < width - radius; x++) {
      const at = y * width + x;
      let sum = 0;
      for (let k = -radius; k <= radius; k++) sum += taps[k + radius]! * values[at + k * stride]!;
      result[at] = sum;
    }
  return { values: result, height, width };
}

const rows = [0, 1] as const;
const columns = [1, 0] as const;

/** The gradient of an image that is blurred by a Gaussian of `std`. */
function gradient(
  image: GrayImage,
  std: number,
): readonly [x: ArrayLike<number>, y: ArrayLike<number>] {
  const [smooth, change] = [gaussian(std), slope(std)];
  return [
    along(along(image, smooth, columns), change, rows).values,
    along(along(image, smooth, rows), change, columns).values,
  ];
}

/** A place of an edge. */
interface Edge {
  readonly steepness: number;
  /** Of the Gaussian that blurs a step to it, in square pixels. */
  readonly variance: number;
  /** Direction across it in radians, anticlockwise from the rows. */
  readonly angle: number;
}

/**
 * The steepest places of an image. A step that a Gaussian of s blurs has, seen at the scales of 1 and
 * 2 pixels, slopes of the ratio `R² = (s² + 4) / (s² + 1)`.
 */
function edgesOf(image: GrayImage, noiseStd: number): Edge[] {
  const { height, width } = image;
  const [fineX, fineY] = gradient(image, fine);
  const [coarseX, coarseY] = gradient(image, coarse);
  const edges: Edge[] = [];
  // Ten times the noise of the slope at the coarser scale, std / (sqrt(8 pi) scale²).
  const least = Math.max(0.02, (10 * noiseStd) / (Math.sqrt(8 * Math.PI) * coarse ** 2));
  for (let y = 2 * radius; y < height - 2 * radius; y++)
    for (let x = 2 * radius; x < width - 2 * radius; x++) {
      const at = y * width + x;
      const steepness = Math.hypot(coarseX[at]!, coarseY[at]!);
      if (steepness < least) continue;
      const [dx, dy] = [coarseX[at]! / steepness, coarseY[at]! / steepness];
      // Only the crest of an edge: its neighbours across are less steep.
      const step = Math.round(dy) * width + Math.round(dx);
      const ahead = Math.hypot(coarseX[at + step]!, coarseY[at + step]!);
      const behind = Math.hypot(coarseX[at - step]!, coarseY[at - step]!);
      if (ahead > steepness || behind >= steepness) continue;
      const ratio = ((fineX[at]! * dx + fineY[at]! * dy) / steepness) ** 2;
      if (ratio <= 1) continue;
      const variance = (coarse ** 2 - ratio * fine ** 2) / (ratio - 1);
      edges.push({ steepness, variance, angle: Math.atan2(-dy, dx) });
    }
  return edges;
}

/** How wide the edges of an image are, as the standard deviation of a Gaussian that blurs a step. */
export interface BlurEstimate {
  /** Of the sharper third of the steepest edges, in pixels: rather too small than too large. */
  readonly std: number;
  /**
   * Even the sharper edges are wide: the photo is out of focus, shaken or enlarged. Photos in focus have
   * sharp edges somewhere.
   */
  readonly isBlurred: boolean;
  /**
   * Direction in degrees along which edges are twice as wide as across it, in [0, 180), anticlockwise
   * from the rows, as after a movement in a line; undefined where there is none.
   */
  readonly direction?: number;
}

/** Fewest edges that say something. */
const enough = 50;

/** Width of the sharper quarter of edges from which a photo counts as blurred: sharp ones had 0.7 at most. */
const blurredFrom = 0.85;

/** Directions that are told apart. */
const sectors = 6;

const quantile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.floor(share * (values.length - 1))]!;

const width = ({ variance }: Edge): number => Math.sqrt(Math.max(0, variance));

/** The steepest quarter of some edges. */
function steepest(edges: readonly Edge[]): Edge[] {
  const sorted = [...edges].sort((a, b) => b.steepness - a.steepness);
  return sorted.slice(0, Math.max(enough, Math.ceil(edges.length / 4)));
}

/** The direction with the widest edges, where those across it are less than half as wide. */
function directionOf(edges: readonly Edge[]): number | undefined {
  const groups = Array.from({ length: sectors }, (): Edge[] => []);
  for (const edge of edges)
    groups[Math.round((edge.angle / Math.PI + 2) * sectors) % sectors]!.push(edge);
  const widths = groups.map((own) =>
    own.length < enough ? 0 : quantile(steepest(own).map(width), 0.5),
  );
  const widest = widths.indexOf(Math.max(...widths));
  const across = widths[(widest + sectors / 2) % sectors]!;
  if (across === 0 || across > widths[widest]! / 2) return undefined;
  return (180 * widest) / sectors;
}

/**
 * The blur of a photo from the width of its steepest edges, looked for in some windows of it. Texture as
 * fine as a pixel makes it too small, a subject out of focus too large.
 *
 * @param windows Parts of one photo, each at least 64 x 64.
 * @param noiseStd Standard deviation of the noise, on the scale of the values.
 * @returns Undefined where fewer than 50 edges are found.
 *
 * Reference: after Zhuo and Sim, "Defocus map estimation from a single image", Pattern Recognition 2011.
 */
export function estimateBlur(
  windows: readonly GrayImage[],
  noiseStd: number,
): BlurEstimate | undefined {
  const edges = windows.flatMap((image) => edgesOf(image, noiseStd));
  if (edges.length < enough) return undefined;
  const widths = steepest(edges).map(width);
  const direction = directionOf(edges);
  return {
    std: quantile(widths, 0.35),
    isBlurred: quantile(widths, 0.25) >= blurredFrom,
    ...(direction !== undefined && { direction }),
  };
}
