#!/usr/bin/env bash
# Installs the packed package into an empty project and uses it as a stranger would: from ESM, from
# CommonJS, through a bundler, with types by each way of finding them, and by its command.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
project=$(mktemp -d)
trap 'rm -rf "$project"' EXIT

(cd "$root" && npm pack --silent --ignore-scripts --pack-destination "$project" >/dev/null)
stray=$(tar -tzf "$project"/spgd-*.tgz |
  grep -vE '^package/((dist|models|photos|docs/images)/|(docs|bench)/[^/]+\.(md|svg)$|(package\.json|(README|CHANGELOG|CONTRIBUTING)\.md|LICENSE)$)' || true)
stray+=$(tar -tzf "$project"/spgd-*.tgz | grep -E '\.(map|tsx?)$' | grep -vE '\.d\.c?ts$' || true)
test -z "$stray" || { echo "packed by mistake: $stray"; exit 1; }

cp "$root"/tools/consumer/* "$project"
cd "$project"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund ./spgd-*.tgz @tensorflow/tfjs@4.22.0

node use.mjs
node use.cjs

# The types that a stranger sees. Declarations of TensorFlow.js have faults of their own; ours must not.
tsc() { "$root/node_modules/.bin/tsc" --noEmit --strict --target es2022 --lib es2023,dom "$@"; }
tsc --skipLibCheck --module node16 --moduleResolution node16 types.mts types.cts
tsc --skipLibCheck --module esnext --moduleResolution bundler types.mts
if tsc --module node16 --moduleResolution node16 types.mts types.cts | grep node_modules/spgd; then exit 1; fi

# A page: no Node module, no warning, and the readers of checkpoints in chunks of their own.
esbuild() { "$root/node_modules/.bin/esbuild" "$@" --bundle --minify --splitting --format=esm --log-level=warning; }
esbuild page.mjs --platform=browser --external:@tensorflow/tfjs --outdir=page 2>warnings.txt
test ! -s warnings.txt || { cat warnings.txt; exit 1; }
ls page/convert-*.js >/dev/null
test "$(gzip -9c page/page.js | wc -c)" -lt 12000
node run-page.mjs

# The first program of the docs, from the installed package alone.
node getting-started.mjs
node start.mjs
test -s sharp.png

npx --no-install spgd --version
npx --no-install spgd demo --size 16 --steps 2 --warmup-steps 1 --out demo.png
test -s demo.png
echo "consumer: all well"
