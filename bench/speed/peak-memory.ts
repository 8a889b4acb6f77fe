import { readFileSync, writeFileSync } from 'node:fs';

/** The most memory this process held since `forgetPeak`, in bytes; NaN where Linux is not there. */
export function peakMemory(): number {
  try {
    const [, kilobytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))!;
    return Number(kilobytes) * 1024;
  } catch {
    return Number.NaN;
  }
}

/** Starts the count anew, once what loading left behind is collected. */
export function forgetPeak(): void {
  globalThis.gc?.();
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Elsewhere the peak holds the loading as well.
  }
}
