#!/usr/bin/env bash
# CUDA on a machine with an NVIDIA card: brings TensorFlow with CUDA 12, links it, and compares it with
# other backends and with PyTorch on the same card. Writes cuda.json within 8 minutes of the
# installation. Everything lies in node_modules/.cache/spgd; remove that to undo.
#
#   bash bench/cuda.sh [--wheels FOLDER] [options of bench/speed/card.ts]
#
# `bash bench/cuda.sh collect FOLDER` fills the folder where there is a network: with it, and with
# node_modules, the machine with the card needs none. `SPGD_CPU=1` does the same without a card.
set -euo pipefail
cd "$(dirname "$0")/.."
environment=node_modules/.cache/spgd/python
what=('tensorflow[and-cuda]==2.21.0' torch)
backend=tfjs-node-gpu
if [ -n "${SPGD_CPU:-}" ]; then
  what=('tensorflow_cpu==2.21.0')
  backend=tfjs-node
fi

if [ "${1:-}" = collect ]; then
  mkdir -p "$2"
  python3 -m pip download --quiet --dest "$2" "${what[@]}"
  # What npm takes from its cache later.
  there=$(mktemp -d)
  npm install --prefix "$there" --cache "$2/npm" --ignore-scripts --no-audit --no-fund --silent \
    "@tensorflow/$backend@4.22.0"
  rm -r "$there"
  exit
fi
from=()
if [ "${1:-}" = --wheels ]; then
  wheels=$(realpath "$2")
  from=(--no-index --find-links "$wheels")
  export npm_config_cache=$wheels/npm npm_config_offline=true
  shift 2
fi

if [ -z "${SPGD_CPU:-}" ]; then
  if ! command -v nvidia-smi >/dev/null; then
    echo 'cuda: no nvidia-smi: install the driver of the card first' >&2
    exit 1
  fi
  nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader
fi
[ -x "$environment/bin/python3" ] || python3 -m venv "$environment"
"$environment/bin/python3" -m pip install --quiet --no-cache-dir "${from[@]}" "${what[@]}"

PATH="$PWD/$environment/bin:$PATH"
packages=$(python3 -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])')
libraries=$(printf '%s:' "$packages"/nvidia/*/lib)
export PATH LD_LIBRARY_PATH="$libraries${LD_LIBRARY_PATH:-}"

[ -e dist/node.js ] || npm run build >/dev/null
cuda=()
[ "$backend" = tfjs-node ] || cuda=(--cuda)
found=$(node dist/cli.js native "${cuda[@]}" --tensorflow "$packages/tensorflow")
echo "$found"
case $backend,$found in
  tfjs-node,* | *'on CUDA'*) ;;
  *)
    echo 'cuda: TensorFlow found no card it can use; TF_CPP_MIN_LOG_LEVEL=0 node dist/cli.js info --backend tfjs-node-gpu says why' >&2
    exit 1
    ;;
esac

code=0
timeout 475 npx tsx bench/speed/card.ts --backend "$backend" --out cuda.json "$@" || code=$?
echo "cuda.json is written; the code is $code"
exit "$code"
