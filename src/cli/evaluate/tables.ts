import type { ItemRecord } from './saved';
import type { Summary } from './summary';

/** Digits behind the point that a number of this size needs. */
export const show = (value: number): string => value.toFixed(Math.abs(value) >= 1 ? 2 : 4);

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string[] => [
  row(head),
  row(head.map(() => '---')),
  ...rows.map(row),
];

const bar = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

/** The content of `eval.md`. */
export function evalMarkdown({ sampler, samples, done, items, tasks, missing }: Summary): string {
  const overview = Object.entries(tasks).flatMap(([task, metrics]) =>
    Object.entries(metrics).map(([name, { mean, std, bestOfSamples, photos }]) => [
      task,
      name,
      show(mean),
      show(std),
      String(Object.keys(photos).length),
      ...(bestOfSamples === undefined ? [] : [show(bestOfSamples)]),
    ]),
  );
  const best = samples > 1 ? [`best of ${samples} samples`] : [];
  const details = Object.entries(tasks).flatMap(([task, metrics]) => {
    const names = Object.keys(metrics);
    const photos = [...new Set(names.flatMap((name) => Object.keys(metrics[name]!.photos)))].sort();
    const rows = photos.map((photo) => [
      photo,
      ...names.map((name) => {
        const spread = metrics[name]!.photos[photo];
        if (!spread) return '–';
        return samples > 1 ? `${show(spread.mean)} ± ${show(spread.std)}` : show(spread.mean);
      }),
    ]);
    return [`\n## ${task}\n`, ...table(['photo', ...names], rows)];
  });
  const notes = [
    `${done} of ${items} items done. Mean and std over photos of the mean over ${samples} sample(s).`,
    ...(samples > 1
      ? [
          '"Best of" picks the best sample of each photo by the clean image: no score of the method.',
        ]
      : []),
  ];
  const list = missing.map(({ item, error }) => `- ${bar(item)}: ${bar(error)}`);
  return [
    `# ${sampler}\n`,
    notes.join(' '),
    '',
    ...table(['task', 'metric', 'mean', 'std', 'photos', ...best], overview),
    ...details,
    ...(list.length ? ['\n## Missing\n', ...list] : []),
    '',
  ].join('\n');
}

const quoted = (text: string): string =>
  /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

/** The content of `steps.csv`: one line a step of an item. */
export function stepsCsv(records: readonly ItemRecord[]): string {
  const lines = records.flatMap(({ photo, task, run, steps = [] }) =>
    steps.map(({ sigma, dataError, psnr, gradientAngle }, step) =>
      [quoted(photo), task, run, step, sigma, dataError ?? '', psnr, gradientAngle ?? ''].join(','),
    ),
  );
  return ['photo,task,run,step,sigma,data_error,psnr,gradient_angle', ...lines, ''].join('\n');
}
