#!/usr/bin/env bash
# On a machine with an NVIDIA card: brings TensorFlow with CUDA 12, links it, checks it and writes the
# table of bench/RESULTS.md for it. Everything lies in node_modules/.cache/spgd; remove that to undo.
#
#   bash bench/cuda.sh [options of npm run bench]
set -euo pipefail
cd "$(dirname "$0")/.."
environment=node_modules/.cache/spgd/python

if ! command -v nvidia-smi >/dev/null; then
  echo 'cuda: no nvidia-smi: install the driver of the card first' >&2
  exit 1
fi
nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader

if [ ! -x "$environment/bin/python3" ]; then
  python3 -m venv "$environment"
fi
"$environment/bin/python3" -m pip install --quiet --no-cache-dir 'tensorflow[and-cuda]==2.21.0' torch

PATH="$PWD/$environment/bin:$PATH"
packages=$(python3 -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])')
libraries=$(printf '%s:' "$packages"/nvidia/*/lib)
export PATH LD_LIBRARY_PATH="$libraries${LD_LIBRARY_PATH:-}"

npm run build >/dev/null
found=$(node dist/cli.js native --cuda --tensorflow "$packages/tensorflow")
echo "$found"
case $found in
  *'on CUDA'*) ;;
  *)
    echo 'cuda: TensorFlow found no card it can use; TF_CPP_MIN_LOG_LEVEL=0 node dist/cli.js info --backend tfjs-node-gpu says why' >&2
    exit 1
    ;;
esac

npm run bench -- --backends tfjs-node-gpu --subjects small,ffhq256,imagenet256 --python python3 "$@"
