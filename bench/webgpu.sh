#!/usr/bin/env bash
# WebGPU on a card of a machine without a network. Here
#
#   bash bench/webgpu.sh pack
#
# makes out/webgpu-kit.tar.xz: Node, Dawn, the built package with its models, and fixtures. There
#
#   bash bench/webgpu.sh [options of bench/speed/card.ts]
#
# in the unpacked folder writes webgpu.json within 8 minutes. With `--python` of a Python that has
# PyTorch, it compares.
set -euo pipefail
cd "$(dirname "$0")/.."

pack() {
  local kit=out/webgpu-kit
  rm -rf "$kit" "$kit.tar.xz"
  mkdir -p "$kit/bench/speed" "$kit/tools/train-prior" "$kit/test/fixtures/released" "$kit/test/fixtures/models"
  [ -e dist/node.js ] || npm run build >/dev/null
  npx esbuild bench/speed/card.ts bench/speed/case.ts --bundle --platform=node --format=esm \
    --outdir="$kit/bench/speed" --out-extension:.js=.mjs --log-level=error \
    --external:spgd --external:'spgd/*' --external:'@tensorflow/*'
  cp bench/webgpu.sh "$kit/bench"
  cp bench/speed/torch_case.py "$kit/bench/speed"
  cp tools/train-prior/{unet,gain}.py "$kit/tools/train-prior"
  cp test/fixtures/released/operator-{gaussian-blur,down-sampling-x4}.safetensors "$kit/test/fixtures/released"
  cp test/fixtures/models/gain.safetensors "$kit/test/fixtures/models"
  cp "$(node -p process.execPath)" "$kit/node"

  npm pack --ignore-scripts --silent --pack-destination "$kit" >/dev/null
  echo '{ "private": true }' >"$kit/package.json"
  (cd "$kit" && npm install --ignore-scripts --no-audit --no-fund --silent \
    ./spgd-*.tgz @tensorflow/tfjs@4.22.0 @tensorflow/tfjs-backend-webgpu@4.22.0 webgpu)
  rm "$kit"/spgd-*.tgz
  # Node loads one file of each package of TensorFlow.js, and one library of Dawn.
  find "$kit/node_modules/@tensorflow" -type f ! -name package.json ! -name '*.node.js' -delete
  find "$kit/node_modules/webgpu/dist" -mindepth 1 -maxdepth 1 ! -name "linux-$(node -p process.arch)" \
    -exec rm -r {} +
  find "$kit/node_modules" -name '*.map' -delete
  XZ_OPT=-2 tar -C out -cJf "$kit.tar.xz" webgpu-kit
  du -h "$kit.tar.xz"
}

if [ "${1:-}" = pack ]; then
  pack
  exit
fi
node=./node
[ -x "$node" ] || node=node
code=0
timeout 475 "$node" bench/speed/card.mjs --backend webgpu --out webgpu.json "$@" || code=$?
echo "webgpu.json is written; the code is $code"
exit "$code"
