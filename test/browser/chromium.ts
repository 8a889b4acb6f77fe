import { existsSync } from 'node:fs';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** A Chromium of this machine, if there is one; the variable CHROMIUM names another. */
export const executablePath = [process.env.CHROMIUM, ...places].find(
  (path) => path && existsSync(path),
);

/** To write behind the title of what is skipped without it. */
export const chromiumNote = executablePath
  ? ''
  : ' (skipped: no Chromium here; the variable CHROMIUM names one)';
