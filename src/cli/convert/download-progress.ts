import { type Progress, type ProgressStream, showProgress } from '../progress';

const parts = 100;

/** Shows the progress of a download by its fraction. */
export function showDownload(
  stream: ProgressStream,
  signal: AbortSignal,
): { report(fraction: number): void } & Pick<Progress, 'stop'> {
  const progress = showProgress(stream, signal, { unit: 'percent' });
  return {
    report(fraction) {
      const index = Math.max(0, Math.ceil(fraction * parts) - 1);
      progress.report({ index, total: parts, share: Math.max(fraction, 1e-3) });
    },
    stop: progress.stop,
  };
}
