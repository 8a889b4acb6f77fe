/**
 * Convolutions of 3 x 3 on WebAssembly, plain and by rows, in turns: milliseconds of the processor, the share, and
 * the largest difference, relative to the largest value.
 *
 *   npm run bench:convolution
 *   npm run bench:convolution -- --channels 64,128 --sides 32,64
 */
import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { Command } from 'commander';
import { useBackend } from 'spgd/node';
import type { LayerWeights } from '../src/models/graph/op';
import { conv2dByRows } from '../src/models/graph/winograd';
import { byComma } from './arguments';

const { channels, sides } = new Command()
  .option('--channels <list>', 'channels, in and out', byComma, ['16', '32', '64', '128', '256'])
  .option('--sides <list>', 'height and width', byComma, ['8', '16', '32', '64', '128'])
  .parse()
  .opts<{ channels: string[]; sides: string[] }>();

const rounds = 9;
/** Multiplications of a measurement, at least: the clock of the processor is coarse. */
const enough = 5e8;

await useBackend('wasm');

function milliseconds(run: () => tf.Tensor, times: number): number {
  const before = process.cpuUsage();
  for (let i = 0; i < times; i++) tf.tidy(run).dispose();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / times;
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1]!;

console.log(
  '| channels | side | plain | by rows | share | difference |\n|---|---|---|---|---|---|',
);
for (const wide of channels.map(Number))
  for (const side of sides.map(Number)) {
    const x = tf.randomNormal<tf.Rank.R4>([1, side, side, wide]);
    const filter = tf.randomNormal<tf.Rank.R4>([3, 3, wide, wide]);
    const bias = tf.randomNormal([wide]);
    const kept = new Map<string, tf.Tensor>();
    const weights: LayerWeights = {
      precision: 'float32',
      modelBytes: 4 * filter.size,
      get: () => filter,
      derived(key, make) {
        const tensor = kept.get(key) ?? tf.keep(make());
        kept.set(key, tensor);
        return tensor;
      },
    };
    const plain = () => tf.fused.conv2d({ x, filter, bias, strides: 1, pad: 'same' }) as Tensor4D;
    const byRows = () => conv2dByRows(x, weights, { name: 'rows', filter: () => filter, bias });
    const difference = tf.tidy(() => {
      const error = tf.max(tf.abs(tf.sub(plain(), byRows())));
      return tf.div(error, tf.max(tf.abs(plain()))).dataSync()[0]!;
    });
    const times = Math.max(1, Math.ceil(enough / (9 * x.size * wide)));
    const measured = Array.from({ length: rounds }, () =>
      [plain, byRows].map((run) => milliseconds(run, times)),
    );
    const [a, b] = [0, 1].map((way) => median(measured.map((pair) => pair[way]!))) as [
      number,
      number,
    ];
    const figures = [a.toFixed(2), b.toFixed(2), (b / a).toFixed(2), difference.toExponential(1)];
    console.log(`| ${wide} | ${side} | ${figures.join(' | ')} |`);
    tf.dispose([x, filter, bias, ...kept.values()]);
  }
