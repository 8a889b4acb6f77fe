#!/usr/bin/env bash
# The laws and reference numbers on native TensorFlow, where it can be had; run after the build. Where
# python3 has TensorFlow, it imports the plain graph of a model as well.
set -euo pipefail
cd "$(dirname "$0")/.."
export SPGD_SAVED_MODEL=node_modules/.cache/spgd/saved_model.pb
trap 'rm -rf node_modules/.cache/spgd' EXIT

if ! said=$(node dist/cli.js native 2>&1); then
  echo "$said"
  case $said in
    *'cannot be reached'* | *'no python3'* | *'has no pip'* | *'no TensorFlow for this platform'* | \
      *'there is no make'* | *'no C++ compiler'* | *'works on Linux with glibc only'*)
      echo 'native: NOT TESTED, for the reason above'
      exit 0
      ;;
  esac
  exit 1
fi
echo "$said"

# What reads files only, and the longest comparison, which another backend has passed, are left out.
SPGD_TEST_BACKEND=tfjs-node npx vitest run \
  test/internal test/operators test/models test/metrics test/samplers \
  test/node/native/plain-graph.test.ts test/node/native/session.test.ts \
  --exclude 'test/models/checkpoint/**' --exclude 'test/models/convert/**' \
  --exclude test/samplers/spgd-fixtures.test.ts --exclude test/samplers/affine.test.ts

if python3 -c 'import tensorflow' 2>/dev/null; then
  python3 tools/import-graph.py "$SPGD_SAVED_MODEL"
else
  echo 'native: python3 has no TensorFlow; the C library alone imported the plain graph'
fi
echo 'native: all well'
