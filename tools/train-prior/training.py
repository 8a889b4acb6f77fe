"""What a training is, and one step of it; all of it survives in one checkpoint."""

import math
import time
from copy import deepcopy

import numpy as np
import torch

from checkpoint import load_weights, save_state, save_weights
from muon import Muon
from networks import SETTINGS, build, complete, is_gain
from parallel import Gradients
from process import draw_sigmas, less_noise, per_image, predict, process_of, target


def begin(options):
    """Network and settings, new or from `--init`."""
    torch.manual_seed(options.seed)
    changed = {} if options.blocks is None else {"blocks": options.blocks}
    if options.init is not None:
        network, settings = load_weights(options.init, options.device, changed)
    else:
        settings = {**SETTINGS[options.network], **changed}
        network = build(settings).to(options.device)
    if changed and not is_gain(settings):
        raise ValueError("--blocks is for the gain network")
    settings = complete(settings, options.prediction, options.halved_at)
    return network.to(memory_format=torch.channels_last), settings


def optimizers(network, options, run):
    """Muon for filters between many channels, where asked for; Adam for all others."""
    parameters = list(network.parameters())
    for_muon = [p for p in parameters if p.ndim == 4 and min(p.shape[:2]) >= 16]
    if options.optimizer == "adam":
        for_muon = []
    chosen = {id(p) for p in for_muon}
    rest = [p for p in parameters if id(p) not in chosen]
    adam = torch.optim.Adam(rest, lr=options.lr, betas=(0.9, 0.99))
    return [adam, Muon(for_muon, lr=options.lr, run=run)] if for_muon else [adam]


class Training:
    """Weights, their average, the optimizers' moments, and how far all of it has come."""

    def __init__(self, options):
        self.options = options
        self.network, self.settings = begin(options)
        self.process = process_of(self.settings)
        self.average = deepcopy(self.network).requires_grad_(False)
        on_cpu = torch.device(options.device).type == "cpu"
        self.gradients = Gradients(self.network, self.loss, options.threads if on_cpu else 1)
        self.optimizers = optimizers(self.network, options, self.gradients.map)
        self.step, self.seconds = 0, 0.0
        self.told = []
        self.usual = self.mean_loss = math.nan
        self.path = options.out / "checkpoint.pt"
        if self.path.exists():
            self.restore(torch.load(self.path, map_location=options.device, weights_only=True))
        # A resumed run draws other crops than those it has seen.
        self.rng = np.random.default_rng([options.seed, self.step])
        self.generator = torch.Generator(options.device)
        self.generator.manual_seed(int(self.rng.integers(2**31)))
        self.call = torch.compile(self.network) if options.compile else self.network
        self.half = options.precision == "bfloat16"

    def restore(self, state):
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        for optimizer, kept in zip(self.optimizers, state["optimizers"]):
            optimizer.load_state_dict(kept)
        self.step, self.seconds, self.told = state["step"], state["seconds"], state["told"]

    def save(self):
        """The state to go on from, and the averaged weights for the converter of the package."""
        parts = {name: getattr(self, name).state_dict() for name in ("network", "average")}
        parts["optimizers"] = [optimizer.state_dict() for optimizer in self.optimizers]
        so_far = {"step": self.step, "seconds": self.seconds, "told": self.told}
        save_state(self.path, {**parts, **so_far})
        earlier = self.settings.get("training")
        here = [f"{steps} steps of {crops}" for crops, steps in self.told]
        told = "; then ".join(here if earlier is None else [earlier, *here])
        weights = self.average.state_dict()
        path = self.options.out / "prior.safetensors"
        save_weights(path, weights, {**self.settings, "mirrored": True, "training": told})

    def progress(self):
        """The part of the time that has gone."""
        whole = 60 * self.options.minutes
        if self.options.until is not None:
            whole = self.seconds + max(0.0, self.options.until - time.time())
        return min(1.0, self.seconds / whole) if whole > 0 else 1.0

    def learning_rate(self):
        rise = min(1.0, (self.step + 1) / self.options.warm_up)
        return self.options.lr * rise * (1 + math.cos(math.pi * self.progress())) / 2

    def crops(self):
        """How many crops, of which side: larger ones late, with about as many pixels in all."""
        o = self.options
        if o.late_side is None or self.progress() < o.late_from:
            return o.batch, o.side
        return max(1, round(o.batch * (o.side / o.late_side) ** 2)), o.late_side

    def train_step(self, crops):
        start = time.monotonic()
        for optimizer in self.optimizers:
            optimizer.param_groups[0]["lr"] = self.learning_rate()
        count, side = self.crops()
        loss = self.gradients(*self.batch(crops.draw(count, side, self.rng)))
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        for optimizer in self.optimizers:
            optimizer.step()
        self.follow()
        self.step += 1
        self.tell(f"{count} crops of {side} x {side}")
        # To wait for the loss of every step would leave a GPU idle between them.
        told = loss.item() if self.step % self.options.print_every < 8 else None
        self.count(told, time.monotonic() - start)

    def batch(self, clean):
        clean = clean.contiguous(memory_format=torch.channels_last)
        noise = torch.empty_like(clean).normal_(generator=self.generator)
        sigma = draw_sigmas(len(clean), self.generator)
        std = sigma * less_noise(len(clean), self.options.less_noise, self.generator)
        return clean, clean + per_image(std) * noise, sigma

    def loss(self, clean, noisy, sigma):
        with torch.autocast(clean.device.type, torch.bfloat16, enabled=self.half):
            predicted = predict(self.process, self.call, noisy, sigma)
        return (predicted - target(self.process, clean, noisy, sigma)).square().mean()

    @torch.no_grad()
    def follow(self):
        """The average goes after the weights; faster at first, so that the start leaves no trace."""
        decay = min(0.5 ** (1 / self.options.half_life), (1 + self.step) / (5 + self.step))
        pair = (list(network.parameters()) for network in (self.average, self.network))
        torch._foreach_lerp_(*pair, 1 - decay)

    def tell(self, crops):
        if self.told and self.told[-1][0] == crops:
            self.told[-1][1] += 1
        else:
            self.told.append([crops, 1])

    def count(self, loss, seconds):
        # A pause of the process is no training time: a step counts at most five times the usual.
        first = math.isnan(self.usual)
        self.usual = seconds if first else 0.9 * self.usual + 0.1 * min(seconds, 2 * self.usual)
        self.seconds += min(seconds, 5 * self.usual)
        if loss is not None:
            first = math.isnan(self.mean_loss)
            self.mean_loss = loss if first else 0.95 * self.mean_loss + 0.05 * loss

    def probe(self, crops, steps=2):
        """Chooses the faster precision by the time of a few steps of each that leave no trace."""
        rng, taken = np.random.default_rng(0), {}
        for half in (False, True):
            self.half = half
            times = []
            for _ in range(1 + steps):
                start = time.monotonic()
                self.gradients(*self.batch(crops.draw(self.options.batch, self.options.side, rng)))
                if torch.device(self.options.device).type == "cuda":
                    torch.cuda.synchronize()
                times.append(time.monotonic() - start)
            taken["bfloat16" if half else "float32"] = min(times[1:])
        self.half = taken["bfloat16"] < taken["float32"]
        return taken
