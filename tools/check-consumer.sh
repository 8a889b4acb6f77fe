#!/usr/bin/env bash
# Installs the packed package into an empty project and uses it as a stranger would:
# from ESM, from CommonJS, with types, and by its command.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
project=$(mktemp -d)
trap 'rm -rf "$project"' EXIT

(cd "$root" && npm pack --silent --ignore-scripts --pack-destination "$project" >/dev/null)
cd "$project"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund ./spgd-*.tgz @tensorflow/tfjs@4.22.0

cat >use.mjs <<'JS'
import { gaussianPrior, identity, spgdSample } from 'spgd';
import { bundledPrior, useBackend } from 'spgd/node';
import * as tf from '@tensorflow/tfjs';
const { name } = await useBackend('auto');
const measurement = tf.fill([1, 4, 4, 3], 0.5);
const problem = { denoiser: gaussianPrior(), operator: identity(), measurement };
const { sample } = await spgdSample({ ...problem, learningRate: 0.1 });
if (!Number.isFinite(tf.sum(sample).dataSync()[0])) throw new Error('no number');
console.log(`ESM: ${name}, ${sample.shape}, ${bundledPrior.startsWith('file://')}`);
JS
node use.mjs

cat >use.cjs <<'JS'
const { gaussianBlur, loadDenoiser } = require('spgd');
const { bundledPrior, useBackend } = require('spgd/node');
useBackend('wasm').then(async ({ name }) => {
  const denoiser = await loadDenoiser(bundledPrior);
  console.log(`CommonJS: ${name}, ${gaussianBlur({ kernelSize: 3, std: 1 }).name}, ${denoiser.metadata.parameterCount}`);
});
JS
node use.cjs

npx --no-install spgd --version
npx --no-install spgd demo --size 16 --steps 2 --warmup-steps 1 --out demo.png
test -s demo.png
echo "consumer: all well"
