import type { Command } from 'commander';
import { interruptibleGently } from '../interrupt';
import { type NativeOptions, native } from '../native';

/** `spgd native`. */
export function addNative(program: Command): void {
  program
    .command('native')
    .description("build native TensorFlow where 'npm install @tensorflow/tfjs-node' fails")
    .option('--cuda', 'TensorFlow with CUDA 12, through @tensorflow/tfjs-node-gpu')
    .option(
      '--tensorflow <path>',
      "TensorFlow to link: a Python package's folder, a wheel, or libtensorflow unpacked (default: that of python3, or PyPI's)",
    )
    .option('--check', 'only check what is there, and say what is wrong with it')
    .action((options: NativeOptions) => interruptibleGently((signal) => native(options, signal)));
}
