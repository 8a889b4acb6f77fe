// Writes the program of docs/getting-started.md, as it is packed, to a file: its first two blocks.
import { readFileSync, writeFileSync } from 'node:fs';

const page = readFileSync('node_modules/spgd/docs/getting-started.md', 'utf8');
const blocks = [...page.matchAll(/^```ts.*\n([\s\S]*?)^```$/gm)].map(([, code]) => code);
writeFileSync('start.mjs', blocks.slice(0, 2).join('\n'));
