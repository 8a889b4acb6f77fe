#!/usr/bin/env bash
# The training of a prior on this machine, for a card: steps, losses and PSNR in train.json within 8
# minutes, and the weights in out/train. `PYTHON` names a Python that has PyTorch.
#
#   bash bench/train.sh PHOTOS HELD_OUT [options of tools/train-prior/train.py]
set -uo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
out=out/train
rm -rf "$out"
mkdir -p "$out"
timeout 470 "$python" tools/train-prior/train.py "$1" "$2" "$out" --minutes 5 --validate-every 2 \
  --print-every 10 "${@:3}" 2>&1 | tee "$out/printed.txt"
code=${PIPESTATUS[0]}
"$python" - "$out" "$code" <<'PYTHON'
import json
import sys
from pathlib import Path

import torch

out, code = Path(sys.argv[1]), int(sys.argv[2])
printed = (out / "printed.txt").read_text().splitlines()
log = out / "log.jsonl"
report = {
    "device": torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu",
    "torch": torch.__version__,
    "code": code,
    "probe": [line for line in printed if line.startswith("a step takes")],
    "validations": [json.loads(line, parse_constant=lambda _: None) for line in log.read_text().splitlines()] if log.exists() else [],
    "last": printed[-3:],
}
Path("train.json").write_text(json.dumps(report, indent=1) + "\n")
print("train.json is written;", "nothing failed" if code == 0 else f"FAILED with {code}: {printed[-1:]}")
PYTHON
exit "$code"
