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
    `## ${subject}, ${side} x ${side}, batch ${batch}`,
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

function budgetOf(lines: readonly Line[]): string | false {
  const rows = groupsOf(lines, 'budget').map((group) => [
    `${group.case.subject}, ${group.case.side} x ${group.case.side}, ${group.case.backend}`,
    String(group.case.budget! / 2 ** 20),
    spread(all(group, 'gradient')),
    gigabytes(peakOf(group)),
  ]);
  return rows.length > 0 && table(['', 'memoryBudget, MiB', 'gradient, s', 'peak, GiB'], rows);
}

/** The page of the results. */
export function resultsPage(lines: readonly Line[], skipped: ReadonlyMap<string, string>): string {
  const dates = lines.map(({ date }) => date.slice(0, 16)).sort();
  const budgets = budgetOf(lines);
  const text = [
    '# Speed and memory, measured',
    `Written by \`npm run bench\`; how to read it: [README.md](README.md). ${processor()}, Node ` +
      `${process.versions.node}; one core. Measured from ${dates[0]} to ${dates.at(-1)} UTC. Median ` +
      'and range.',
    ...speedTables(lines),
    ...[...skipped].map(([kind, reason]) => `Not measured: ${kind}: ${reason}`),
    ...(budgets ? ['## Memory against time', budgets] : []),
  ];
  return `${text.join('\n\n')}\n`;
}
