/**
 * Where the time of one gradient goes: seconds of each kernel of the backend, in one forward and
 * backward pass through a network, layer by layer.
 *
 *   npm run bench:profile -- --subject ffhq256
 */
import * as tf from '@tensorflow/tfjs';
import { Command } from 'commander';
import type { Network } from 'spgd';
import { useBackend } from 'spgd/node';
import { offerRecorder } from '../src/models/graph/pass-recorder';
import { denoiserOf, subjects } from './speed/networks';

const options = new Command()
  .option('--subject <name>', `one of ${Object.keys(subjects).join(', ')}`, 'prior64')
  .option('--side <pixels>', 'height and width (default: of the subject)', Number)
  .option('--precision <name>', 'float32 or bfloat16', 'float32')
  .option('--backend <name>', 'backend of TensorFlow.js', 'auto')
  .parse()
  .opts();

const { name } = await useBackend(options.backend);
offerRecorder(undefined); // A session is one call: nothing inside it is watched.
const side: number = options.side ?? subjects[options.subject]!.side;
let network: Network;
await denoiserOf(options.subject, options, (own) => {
  network = own;
  return own;
});
const x = tf.randomNormal<tf.Rank.R4>([1, side, side, 3], 0, 1, 'float32', 1);
const t = tf.tensor1d([500]);
const gradient = () =>
  tf.tidy(() => {
    const { output, backward } = network.linearize!(x, t);
    return backward(output);
  });

gradient().dispose(); // The first pass makes what is kept.
const started = performance.now();
gradient().dispose();
const whole = (performance.now() - started) / 1000;

const { kernels } = await tf.profile(gradient);
const seconds = new Map<string, { calls: number; time: number }>();
// Fused operations are watched twice: as a whole, and the kernel inside.
for (const { name: kernel, kernelTimeMs } of kernels.filter((one) => !one.name.endsWith('__op'))) {
  const { calls, time } = seconds.get(kernel) ?? { calls: 0, time: 0 };
  seconds.set(kernel, { calls: calls + 1, time: time + Number(await kernelTimeMs) / 1000 });
}
const rows = [...seconds].sort(([, a], [, b]) => b.time - a.time);
const all = rows.reduce((sum, [, { time }]) => sum + time, 0);
console.log(`${options.subject}, ${side} x ${side}, ${name}: ${whole.toFixed(3)} s a gradient`);
console.log(`watched, ${all.toFixed(3)} s in ${kernels.length} kernels:\n`);
console.log('| kernel | calls | s | share |\n| --- | --- | --- | --- |');
for (const [kernel, { calls, time }] of rows.filter(([, { time }]) => time > all / 200))
  console.log(
    `| ${kernel} | ${calls} | ${time.toFixed(3)} | ${((100 * time) / all).toFixed(1)} % |`,
  );
