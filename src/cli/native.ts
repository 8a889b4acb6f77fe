import type { Command } from 'commander';
import { installNative } from 'spgd/node';
import { interruptibleGently } from './interrupt';

/** Options of `spgd native`, as the command line gives them. */
interface NativeOptions {
  readonly cuda?: boolean;
  readonly tensorflow?: string;
  readonly check?: boolean;
}

/** Builds native TensorFlow, or checks it, and prints which it is and on what it computes. */
async function native(options: NativeOptions, signal: AbortSignal): Promise<void> {
  const say = (line: string) => console.log(line);
  const { name, origin, device } = await installNative({ ...options, say, signal });
  const how = origin ? `built against ${origin}` : 'works';
  console.log(`${name} ${how}: ${device}; a convolution and its gradient are right`);
  if (options.cuda && !device.endsWith('CUDA'))
    console.log(
      "no CUDA device: it needs an NVIDIA driver, and 'pip install tensorflow[and-cuda]' for the libraries",
    );
}

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
    .option('--check', 'only check what is installed, and say what is wrong with it')
    .action((options: NativeOptions) => interruptibleGently((signal) => native(options, signal)));
}
