import { tasks } from 'spgd/tasks';
import { type Figures, quality, type Row } from './rows';

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

![clean, measurement, simple baseline and restoration: ${task}](images/gallery/${task}.webp)
`,
  );
  return `# Gallery

Noise and the tasks of the published code that need no network but the prior, on bundled photos with the
light prior: ${sizes} pixels, one run each with seed 0, not selected, at the level \`${quality}\`, which is the
default of \`spgd restore\`. Noise is on the [-1, 1] scale. To make this page, its figures and pictures:

\`\`\`sh
npm run gallery
npm run gallery -- --tasks high-dynamic-range,motion-blur
\`\`\`

The second command makes two tasks only. Pictures made with the same prior and settings are kept; \`--force\`
makes them again.

PSNR in dB; the best of a row is bold. One photo shows what a task looks like, not which method is better:
[Results](results.md) compares them.

| task | photo | measurement | simple baseline | \`${quality}\` |
|---|---|---|---|---|
${table.join('\n')}

The measurement of \`super-resolution\` is smaller than the photo and that of \`phase-retrieval\` is a
spectrum (shown as the logarithm of its magnitude), so they have no PSNR. A spectrum does not distinguish an
image from its rotation by 180 degrees, so each channel of a phase retrieval is shown in the orientation nearer
to the clean photo, the baseline's too. It fails at this size; crops of 64 x 64 pixels reach 20.3 dB on average.

${pictures.join('\n')}`;
}
