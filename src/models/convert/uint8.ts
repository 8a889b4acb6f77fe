/** 256 levels that stand for the numbers `scale * level + min`; zero is one of them. */
export interface Levels {
  readonly levels: Uint8Array;
  readonly scale: number;
  readonly min: number;
}

/** Numbers as the nearest of 256 levels that are spaced evenly over their range and zero. */
export function toUint8(values: Float32Array): Levels {
  const least = values.reduce((a, b) => Math.min(a, b), 0);
  const largest = values.reduce((a, b) => Math.max(a, b), 0);
  const scale = (largest - least) / 255 || 1;
  const zero = Math.round(-least / scale);
  const level = (value: number) => Math.min(255, Math.round(value / scale) + zero);
  return { levels: Uint8Array.from(values, level), scale, min: -zero * scale };
}
