import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** A Chromium of this machine, if there is one; the variable CHROMIUM names another. */
export const executablePath = [process.env.CHROMIUM, ...places].find(
  (path) => path && existsSync(path),
);

/** To write behind the title of what is skipped without it. */
export const chromiumNote = executablePath
  ? ''
  : ' (skipped: no Chromium here; the variable CHROMIUM names one)';

const quiet = ['--no-sandbox', '--disable-quic', '--disable-background-networking'];

/** Starts it without calls of its own to the network. */
export const launchChromium = (flags: readonly string[] = []): Promise<Browser> =>
  chromium.launch({ executablePath: executablePath!, args: [...quiet, ...flags] });

/** Lets Chromium offer WebGPU where there is no graphics device, computed by the processor. */
export const softwareWebgpu = [
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--enable-features=Vulkan',
  // TensorFlow.js reads at once by way of a canvas, which is black without these two.
  '--use-vulkan=swiftshader',
  '--use-angle=swiftshader',
  // A deep network compiles for longer than a healthy graphics process is silent.
  '--disable-gpu-watchdog',
];
