/**
 * A gradient and a forward pass of a bundled prior on native TensorFlow, layer by layer and by one
 * call of a session for each pass: seconds of CPU, interleaved, so that a busy machine does not count.
 *
 *   npm run bench:session -- --model light --side 256
 */
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs';
import { Command } from 'commander';
import { loadDenoiser, type Network, vpDenoiser } from 'spgd';
import { useBackend } from 'spgd/node';
import { offerRecorder, passRecorder } from '../src/models/graph/pass-recorder';

const options = new Command()
  .option('--model <name>', 'a folder of models/', 'prior64')
  .option('--side <pixels>', 'height and width', Number, 64)
  .option('--batch <n>', 'images at once', Number, 1)
  .option('--rounds <n>', 'how often each pass is measured', Number, 10)
  .parse()
  .opts();

await useBackend('tfjs-node');
const recorder = passRecorder();
const folder = new URL(`../models/${options.model}/model.json`, import.meta.url);

async function networkOf(): Promise<Network> {
  let found: Network | undefined;
  const precondition = (network: Network) => {
    found = network;
    return vpDenoiser(network);
  };
  await loadDenoiser(`file://${fileURLToPath(folder)}`, { precondition });
  return found!;
}

const shape: [number, number, number, number] = [options.batch, options.side, options.side, 3];
const x = tf.randomNormal<tf.Rank.R4>(shape, 0, 1, 'float32', 1);
const cotangent = tf.randomNormal<tf.Rank.R4>(shape, 0, 1, 'float32', 2);
const t = tf.fill([options.batch], 1.5) as tf.Tensor1D;
const gradient = (network: Network) => () =>
  tf.tidy(() => {
    const { output, backward } = network.linearize!(x, t);
    return [output, backward(cotangent)];
  });

const byLayer = (run: () => tf.TensorContainer) => () => {
  offerRecorder(undefined);
  const result = run();
  offerRecorder(recorder);
  return result;
};

function processorOf(run: () => tf.TensorContainer): number {
  const before = process.cpuUsage();
  tf.dispose(run());
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

const [layers, session] = [await networkOf(), await networkOf()];
const ways = {
  'gradient by layer': byLayer(gradient(layers)),
  'gradient by session': gradient(session),
  'forward by layer': byLayer(() => layers(x, t)),
  'forward by session': () => session(x, t),
};
const first = Object.entries(ways).map(([name, run]) => [name, processorOf(run)] as const);
const spent = new Map(first.map(([name]) => [name, [] as number[]]));
for (let round = 0; round < options.rounds; round++)
  for (const [name, run] of Object.entries(ways)) spent.get(name)!.push(processorOf(run));

const { model, side, batch } = options;
console.log(
  `${model}, ${side} x ${side}, batch ${batch}: seconds of CPU, the first and the median`,
);
for (const [name, once] of first) {
  const all = spent.get(name)!.sort((a, b) => a - b);
  console.log(`${name}: ${once.toFixed(3)}, ${all[all.length >> 1]!.toFixed(3)}`);
}
process.exit(0);
