import { chart } from '../../src/cli/chart';
import { convolutionsOf, flopsOf } from './convolutions';
import type { Case, Line, Measured } from './measured';
import { subjects } from './networks';
import { processor } from './run-case';

const sorted = (values: readonly number[]) => [...values].sort((a, b) => a - b);

const median = (values: readonly number[]): number => {
  const all = sorted(values);
  const [low, high] = [all[(all.length - 1) >> 1]!, all[all.length >> 1]!];
  return (low + high) / 2;
};

const gigabytes = (bytes: number) => (bytes / 2 ** 30).toFixed(2);

/** `1.23 (1.20 to 1.31)`: the median, and the range. */
function spread(values: readonly number[]): string {
  if (values.length === 0) return '';
  const all = sorted(values);
  const text = (value: number) => value.toPrecision(3);
  return `${text(median(all))} (${text(all[0]!)} to ${text(all.at(-1)!)})`;
}

/** All measurements of one case. */
interface Group {
  readonly case: Case;
  readonly lines: readonly Line[];
}

function groupsOf(lines: readonly Line[], section: string): Group[] {
  const groups = new Map<string, Line[]>();
  for (const line of lines.filter((one) => one.section === section)) {
    const key = JSON.stringify(line.case);
    groups.set(key, [...(groups.get(key) ?? []), line]);
  }
  return [...groups.values()].map((all) => ({ case: all[0]!.case, lines: all }));
}

type Pass = 'forward' | 'gradient';

const all = ({ lines }: Group, of: Pass): number[] => lines.flatMap(({ measured }) => measured[of]);

const peakOf = ({ lines }: Group): number =>
  median(lines.map(({ measured }: { measured: Measured }) => measured.peak));

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

const names: Readonly<Record<Case['way'], string>> = {
  library: 'spgd',
  layers: 'spgd, layer by layer',
  floor: 'convolutions alone',
  stock: "TensorFlow.js's own gradients",
  run: 'spgd',
  'torch-released': '(a) PyTorch as released',
  'torch-frozen': '(b) PyTorch, input gradients',
};

const nameOf = ({ way, backend, device, precision }: Case) =>
  [names[way], backend ?? device, precision].filter(Boolean).join(', ');

/** What each way of computing takes at one size, and the ratios that are asked for. */
function speedOf(groups: readonly Group[]): string {
  const of = (way: Case['way'], backend?: string) =>
    groups.find(({ case: one }) => one.way === way && one.backend === backend && !one.precision);
  const ratio = (group: Group, other: Group | undefined, pass: Pass) =>
    other ? (median(all(group, pass)) / median(all(other, pass))).toFixed(2) : '';
  const rows = groups.map((group) => {
    const lean = of('torch-frozen');
    return [
      nameOf(group.case),
      String(all(group, 'gradient').length),
      spread(all(group, 'forward')),
      ratio(group, lean, 'forward'),
      spread(all(group, 'gradient')),
      ratio(group, of('torch-released'), 'gradient'),
      ratio(group, lean, 'gradient'),
      group.case.backend ? ratio(group, of('floor', group.case.backend), 'gradient') : '',
      gigabytes(peakOf(group)),
    ];
  });
  const { subject, side, batch } = groups[0]!.case;
  const flops = (batch * flopsOf(convolutionsOf(subjects[subject]!, side))) / 1e9;
  const head = ['', 'n', 'forward, s', 'of (b)', 'gradient, s', 'of (a)', 'of (b)', 'of the floor'];
  return [
    `### ${subject}, ${side} x ${side}, batch ${batch}`,
    `${flops.toFixed(1)} GFLOP of convolutions a forward pass.`,
    table([...head, 'peak, GiB'], rows),
  ].join('\n\n');
}

/** A table for each subject and size. */
function speedTables(lines: readonly Line[]): string[] {
  const sizes = new Map<string, Group[]>();
  for (const group of groupsOf(lines, 'speed')) {
    const { subject, side, batch } = group.case;
    const key = `${subject} ${side} ${batch}`;
    sizes.set(key, [...(sizes.get(key) ?? []), group]);
  }
  return [...sizes.values()].map(speedOf);
}

/** Seconds against one number of the cases, a column for each backend. */
function costOf(lines: readonly Line[], section: string, key: keyof Case): string {
  const groups = groupsOf(lines, section);
  const rows = groups.map((group) => [
    nameOf(group.case),
    String(group.case[key]),
    spread(all(group, 'forward')),
    spread(all(group, 'gradient')),
    gigabytes(peakOf(group)),
  ]);
  return table(['', key, 'forward, s', 'seconds', 'peak, GiB'], rows);
}

/** Seconds against a number of each group, a curve for each backend, as a picture. */
function plotOf(
  title: string,
  groups: readonly Group[],
  numberOf: (group: Group) => number,
): string {
  const backends = [...new Set(groups.map((group) => group.case.backend))];
  const curves = backends.map((backend, i) => {
    const own = groups.filter((group) => group.case.backend === backend);
    const points = own.map((group) => [numberOf(group), median(all(group, 'gradient'))] as const);
    points.sort(([a], [b]) => a - b);
    return {
      bold: i === 0,
      at: points.map(([at]) => at),
      values: points.map(([, value]) => value),
    };
  });
  const [first, second] = backends;
  const legend = second ? `; thin: ${second}` : `, ${first}`;
  return chart(`seconds against ${title}${legend}`, curves);
}

/** What a cost is plotted and listed against. */
const costs = [
  ['pixels', 'side', 'one gradient against the side of the image'],
  ['batch', 'batch', 'one gradient against the items of the batch'],
  ['steps', 'steps', 'a run with 2 gradients a step, against the steps'],
  ['warmupSteps', 'warmupSteps', 'a run of 3 steps, against N, the gradients in each'],
] as const;

/** The pictures of all costs, and of time against memory where the network takes most of it. */
function plotsOf(lines: readonly Line[]): string[] {
  const budgets = groupsOf(lines, 'budget');
  const large = Object.keys(subjects).filter((subject) => subject.endsWith('256'));
  return [
    ...costs.map(([section, key]) =>
      plotOf(key, groupsOf(lines, section), (group) => Number(group.case[key])),
    ),
    ...large.map((subject) =>
      plotOf(
        `GiB, ${subject}`,
        budgets.filter((group) => group.case.subject === subject),
        (group) => peakOf(group) / 2 ** 30,
      ),
    ),
  ];
}

function budgetOf(lines: readonly Line[]): string {
  const rows = groupsOf(lines, 'budget').map((group) => [
    `${group.case.subject}, ${group.case.side} x ${group.case.side}, ${group.case.backend}`,
    String(group.case.budget! / 2 ** 20),
    spread(all(group, 'gradient')),
    gigabytes(peakOf(group)),
  ]);
  return table(['', 'memoryBudget, MiB', 'gradient, s', 'peak, GiB'], rows);
}

/** The files of the results, by name. */
export function writeResults(
  lines: readonly Line[],
  skipped: ReadonlyMap<string, string>,
): Record<string, string> {
  const dates = lines.map(({ date }) => date).sort();
  const text = [
    '# Speed and memory, measured',
    `Written by \`npm run bench\`; how to read it: [README.md](README.md). ${processor()}, Node ` +
      `${process.versions.node}; one core. Measured from ${dates[0]?.slice(0, 16)} to ` +
      `${dates.at(-1)?.slice(0, 16)} UTC. Median and range.`,
    '## One gradient',
    ...speedTables(lines),
    ...[...skipped].map(([kind, reason]) => `Not measured: ${kind}: ${reason}`),
    '## What it costs',
    '`prior64`, 64 x 64 unless said otherwise.',
    ...costs.flatMap(([section, key, title]) =>
      groupsOf(lines, section).length > 0 ? [`### ${title}`, costOf(lines, section, key)] : [],
    ),
    `![${caption}](cost.svg)`,
    '## Memory against time',
    budgetOf(lines),
  ];
  return {
    'RESULTS.md': `${text.filter(Boolean).join('\n\n')}\n`,
    'cost.svg': stacked(plotsOf(lines)),
  };
}

const caption = 'Seconds against side, batch, steps, N and memory';

const style =
  '.grid{stroke:#ddd}.bold{fill:none;stroke:#06c;stroke-width:2}.thin{fill:none;stroke:#c60}' +
  'text{font:11px sans-serif;fill:#333}.title{font-size:13px}';

/** Pictures below each other in one. */
function stacked(plots: readonly string[]): string {
  const there = plots.filter(Boolean);
  const parts = there.map((plot, i) => plot.replace('<svg ', `<svg y="${200 * i}" `)).join('');
  const height = 200 * there.length;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="360" height="${height}" ` +
    `viewBox="0 0 360 ${height}"><title>${caption}</title><style>${style}</style>` +
    `<rect width="100%" height="100%" fill="#fff"/>${parts}</svg>\n`
  );
}
