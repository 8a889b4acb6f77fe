"""
Trains a denoising prior on a folder of photos, for a given time: the learning rate falls to zero
at its end. Stopped at any moment, the same command goes on from the last checkpoint.
"""

import argparse
import json
import signal
import time
from pathlib import Path

import torch

from data import load_photos
from training import Training
from validate import format_rows, validate, validation_sets


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("photos", help="folder of training photos, searched through")
    add("held_out", help="folder of at least 8 photos for validation, each at least 256 px")
    add("out", type=Path, help="folder of checkpoint, log and result")
    add("--init", help=".safetensors or model.json to start from; its settings are taken too")
    add("--minutes", type=float, default=60, help="training time over all runs")
    add("--batch", type=int, default=16, help="crops a step")
    add("--side", type=int, default=64, help="height and width of a crop")
    add("--factors", type=int, nargs="+", default=[1, 2, 3, 4], help="photos are reduced by these")
    add("--lr", type=float, default=5e-4, help="highest learning rate")
    add("--warm-up", type=int, default=100, help="steps in which the rate rises to it")
    add("--half-life", type=float, default=250, help="of the averaged weights, in steps")
    add("--prediction", choices=["noise", "velocity"], default="noise")
    add("--halved-at", type=float, default=10, help="sigma at which D is shrunk by half; inf: never")
    add("--precision", choices=["bfloat16", "float32"], default="bfloat16")
    add("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    add("--save-every", type=float, default=3, help="minutes between checkpoints")
    add("--print-every", type=int, default=50, help="steps between lines of progress")
    add("--validate-every", type=float, default=10, help="minutes between validations")
    add("--seed", type=int, default=0)
    return parser.parse_args()


class Report:
    """Lines for people on the terminal and in STATUS.txt, lines for programs in log.jsonl."""

    def __init__(self, training, sets):
        self.training, self.sets = training, sets
        self.folder = training.options.out

    def head(self):
        t = self.training
        at = f"{t.seconds / 60:.1f} of {t.options.minutes:g} min"
        return f"{time.strftime('%H:%M:%S')}  step {t.step}  {at}  loss {t.mean_loss:.4f}"

    def progress(self):
        t = self.training
        print(f"{self.head()}  lr {t.learning_rate():.1e}  {t.usual:.2f} s a step", flush=True)

    def validation(self, names):
        t = self.training
        sets = {name: self.sets[name] for name in names}
        rows = validate(t.average, sets, t.process)
        line = {"step": t.step, "minutes": round(t.seconds / 60, 2), "psnr": rows}
        with open(self.folder / "log.jsonl", "a") as log:
            log.write(json.dumps({**line, "loss": round(t.mean_loss, 5)}) + "\n")
        text = f"{self.head()}   {format_rows(rows)}"
        print(text, flush=True)
        (self.folder / "STATUS.txt").write_text(text + "\n")


def run(training, scales, report):
    options = training.options
    stop = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.append(True))
    saved = validated = training.seconds
    while training.progress() < 1 and not stop:
        training.train_step(scales)
        if training.step % options.print_every == 0:
            report.progress()
        if training.seconds - saved > 60 * options.save_every:
            training.save()
            saved = training.seconds
        if training.seconds - validated > 60 * options.validate_every:
            report.validation(["64"])
            validated = training.seconds
    training.save()
    # Large crops cost as much as twenty steps: at the end only.
    report.validation(report.sets)


def main():
    options = parse_arguments()
    options.out.mkdir(parents=True, exist_ok=True)
    training = Training(options)
    report = Report(training, validation_sets(options.held_out))
    if training.step == 0:
        report.validation(["64"])
    scales = load_photos(options.photos, options.factors, options.side)
    print("photos at each scale:", [len(photos) for photos in scales], flush=True)
    run(training, scales, report)


if __name__ == "__main__":
    main()
