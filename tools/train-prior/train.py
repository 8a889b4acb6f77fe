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

from data import Crops, load_photos
from networks import SETTINGS
from training import Training
from validate import format_rows, validate, validation_sets


GPU = torch.cuda.is_available()


def clock(text):
    """The next moment at which clocks here show HH:MM, in seconds as time.time() counts."""
    now = time.localtime()
    hour, minute = map(int, text.split(":"))
    ahead = 3600 * (hour - now.tm_hour) + 60 * (minute - now.tm_min) - now.tm_sec
    return time.time() + ahead % 86400


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("photos", help="folder of training photos, searched through")
    add("held_out", help="folder of at least 8 photos for validation, each at least 256 px")
    add("out", type=Path, help="folder of checkpoint, log and result")
    add("--network", choices=list(SETTINGS), default="gain", help="what to begin without --init")
    add("--init", help=".safetensors or model.json to start from; its settings are taken too")
    add("--blocks", help="of the gain network: down, middle, up, as 2,4,4; may be more than --init has")
    add("--minutes", type=float, default=60, help="training time over all runs")
    add("--until", type=clock, help="HH:MM: train until then, however long that is; not --minutes")
    add("--batch", type=int, default=256 if GPU else 16, help="crops a step; 256 on a GPU")
    add("--side", type=int, default=64, help="height and width of a crop")
    add("--late-side", type=int, help="of the crops of the last part, with as many pixels in all")
    add("--late-from", type=float, default=0.67, help="part of the time after which it begins")
    add("--factors", type=int, nargs="+", default=[1, 2, 3, 4], help="photos are reduced by these")
    add("--optimizer", choices=["adam", "muon"], default="muon")
    add("--lr", type=float, default=1e-3, help="highest learning rate")
    add("--warm-up", type=int, default=100, help="steps in which the rate rises to it")
    add("--half-life", type=float, default=250, help="of the averaged weights, in steps")
    add("--prediction", choices=["noise", "velocity"], default="noise")
    add("--halved-at", type=float, default=10, help="sigma at which D is shrunk by half; inf: never")
    add("--less-noise", type=float, default=0, help="share of crops with less noise than sigma says")
    add("--precision", choices=["auto", "bfloat16", "float32"], default="auto", help="auto: the faster")
    add("--compile", action="store_true", help="let torch.compile fuse operations")
    add("--device", default="cuda" if GPU else "cpu")
    add("--threads", type=int, default=torch.get_num_threads(), help="of one core each, without a GPU")
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
        at = f"{t.seconds / 60:.1f} min, {100 * t.progress():.0f} %"
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


def run(training, crops, report):
    options = training.options
    stop = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.append(True))
    saved = validated = training.seconds
    while training.progress() < 1 and not stop:
        training.train_step(crops)
        if training.step % options.print_every == 0:
            report.progress()
        if training.seconds - saved > 60 * options.save_every:
            training.save()
            saved = training.seconds
        if training.seconds - validated > 60 * options.validate_every:
            report.validation(["64 px"])
            validated = training.seconds
    training.save()
    # Large crops cost as much as twenty steps: at the end only.
    report.validation(report.sets)


def main():
    options = parse_arguments()
    options.out.mkdir(parents=True, exist_ok=True)
    torch.backends.cudnn.benchmark = True
    training = Training(options)
    report = Report(training, validation_sets(options.held_out))
    if training.step == 0:
        report.validation(["64 px"])
    scales = load_photos(options.photos, options.factors, max(options.side, options.late_side or 0))
    print("photos at each scale:", [len(photos) for photos in scales], flush=True)
    crops = Crops(scales, options.device)
    if options.precision == "auto":
        taken = training.probe(crops)
        times = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in taken.items())
        print(f"a step takes: {times}; taking the faster", flush=True)
    run(training, crops, report)


if __name__ == "__main__":
    main()
