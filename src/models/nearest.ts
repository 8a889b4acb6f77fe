/** The index of the level that lies nearest to sigma. */
export function nearest(levels: readonly number[], sigma: number): number {
  let best = 0;
  for (const [i, level] of levels.entries()) {
    if (Math.abs(level - sigma) < Math.abs(levels[best]! - sigma)) best = i;
  }
  return best;
}
