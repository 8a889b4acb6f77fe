import { tasks } from 'spgd/tasks';
import type { Figures, Row } from './rows';

const shown = (value: number | null): string => (value === null ? '–' : value.toFixed(2));

/** The page of the gallery. */
export function galleryPage(made: readonly (Row & Figures)[]): string {
  const table = made.map(({ task, photo, baseline, psnr }) => {
    const best = Math.max(psnr.measurement ?? 0, psnr.baseline, psnr.restored);
    const [measurement, simple, restored] = [psnr.measurement, psnr.baseline, psnr.restored].map(
      (value) => (value === best ? `**${shown(value)}**` : shown(value)),
    );
    return `| \`${task}\` | ${photo} | ${measurement} | ${simple} (${baseline}) | ${restored} |`;
  });
  const sizes = [...new Set(made.map(({ size }) => `${size} x ${size}`))].join(' and ');
  const pictures = made.map(
    ({ task, photo, noiseStd }) => `## ${task}

${tasks[task]!.summary[0]!.toUpperCase()}${tasks[task]!.summary.slice(1)}, noise ${noiseStd}: ${photo}.

![clean, measurement, simple baseline and SPGD: ${task}](images/gallery/${task}.webp)
`,
  );
  return `# Gallery

The tasks of the published code that need no network but the prior, on the prior and the photos that
come with the package: ${sizes} pixels, one run each with seed 0, none chosen. The settings
are the model's own (\`npx spgd info\`), noise is on the [-1, 1] scale.

\`\`\`sh
npm run gallery
npm run gallery -- --tasks high-dynamic-range,motion-blur
\`\`\`

makes this page, the figures and the pictures; the second line two tasks only. What is made already, with
the same prior and settings, is left as it is; \`--force\` makes it again.

PSNR in dB; the best of a row is bold. One photo a task shows what it looks like, not who is better: for
that see [the results](results.md).

| task | photo | measurement | simple baseline | SPGD |
|---|---|---|---|---|
${table.join('\n')}

The measurement of \`super-resolution\` is smaller than the photo and that of \`phase-retrieval\` is a
spectrum (shown by the logarithm of its magnitude): they have no PSNR. A spectrum has the same magnitudes
when the image is turned by 180 degrees, so what is restored from it is turned back where that is nearer to
the clean photo, each channel on its own, the baseline's too.

${pictures.join('\n')}`;
}
