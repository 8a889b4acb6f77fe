/** Taps below this share of the largest are noise, and parts of the streak with less than that share of all. */
const [leastTap, leastPart] = [0.05, 0.1] as const;

/** Sums of the connected parts of a kernel, and the part of each tap; neighbours touch by a corner, too. */
function partsOf(taps: Float64Array, size: number) {
  const partOf = new Int32Array(taps.length).fill(-1);
  const sums: number[] = [];
  taps.forEach((tap, first) => {
    if (tap === 0 || partOf[first] !== -1) return;
    const part = sums.push(0) - 1;
    const waiting = [first];
    partOf[first] = part;
    while (waiting.length > 0) {
      const at = waiting.pop()!;
      sums[part]! += taps[at]!;
      const [row, column] = [Math.floor(at / size), at % size];
      for (let y = Math.max(0, row - 1); y <= Math.min(size - 1, row + 1); y++)
        for (let x = Math.max(0, column - 1); x <= Math.min(size - 1, column + 1); x++) {
          const next = y * size + x;
          if (taps[next] === 0 || partOf[next] !== -1) continue;
          partOf[next] = part;
          waiting.push(next);
        }
    }
  });
  return { partOf, sums };
}

/** A kernel moved by whole pixels so that its centre of mass is in the middle; what leaves it is lost. */
function centred(taps: Float64Array, size: number): Float64Array {
  const middle = size >> 1;
  let [down, right] = [0, 0];
  taps.forEach((tap, at) => {
    down += tap * (Math.floor(at / size) - middle);
    right += tap * ((at % size) - middle);
  });
  const [dy, dx] = [Math.round(down), Math.round(right)];
  return taps.map((_, at) => {
    const [row, column] = [Math.floor(at / size) + dy, (at % size) + dx];
    const isInside = row >= 0 && row < size && column >= 0 && column < size;
    return isInside ? taps[row * size + column]! : 0;
  });
}

const normalized = (taps: Float64Array): Float64Array => {
  const sum = taps.reduce((total, tap) => total + tap, 0);
  return taps.map((tap) => tap / sum);
};

/** A kernel without weak taps and small separate parts, centred, with sum 1. */
export function trimKernel(taps: Float64Array): Float64Array {
  const size = Math.sqrt(taps.length);
  const most = Math.max(...taps);
  const strong = normalized(taps.map((tap) => (tap < leastTap * most ? 0 : tap)));
  const { partOf, sums } = partsOf(strong, size);
  const kept = strong.map((tap, at) => (tap > 0 && sums[partOf[at]!]! < leastPart ? 0 : tap));
  return normalized(centred(normalized(kept), size));
}
