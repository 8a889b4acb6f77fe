import { installNative } from 'spgd/node';

/** Options of `spgd native`, as the command line gives them. */
export interface NativeOptions {
  readonly cuda?: boolean;
  readonly tensorflow?: string;
  readonly check?: boolean;
}

/** Builds native TensorFlow, or checks it, and says which it is and on what it computes. */
export async function native(options: NativeOptions, signal: AbortSignal): Promise<void> {
  const say = (line: string) => console.log(line);
  const { name, origin, device } = await installNative({ ...options, say, signal });
  const how = origin ? `built against ${origin}` : 'works';
  console.log(`${name} ${how}: ${device}; a convolution and its gradient are right`);
  if (options.cuda && !device.endsWith('CUDA'))
    console.log(
      "no CUDA device: it needs an NVIDIA driver, and 'pip install tensorflow[and-cuda]' for the libraries",
    );
}
