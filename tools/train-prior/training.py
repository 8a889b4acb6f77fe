"""What a training is, and one step of it; all of it survives in one checkpoint."""

import math
import time
from copy import deepcopy

import numpy as np
import torch

from checkpoint import load_weights, process_of, save_state, save_weights
from data import random_crops
from unet import UNet, settings_of
from vp import BETA_D, BETA_MIN, draw_sigmas, per_image, predict, target

DEFAULT_SETTINGS = {
    "image_size": 64, "num_channels": 32, "num_res_blocks": 1, "channel_mult": "1,2,4",
    "attention_resolutions": "16", "num_heads": 1, "num_head_channels": 32,
    "use_scale_shift_norm": True, "resblock_updown": True, "learn_sigma": False,
    "class_cond": False, "use_new_attention_order": False,
}


def begin(options):
    """Network and settings, new or from `--init`."""
    if options.init is None:
        torch.manual_seed(options.seed)
        settings = DEFAULT_SETTINGS
        network = UNet(**settings_of(settings)).to(options.device)
    else:
        network, settings = load_weights(options.init, options.device)
    process = {"preconditioning": "vp", "beta_d": BETA_D, "beta_min": BETA_MIN}
    process["prediction"] = options.prediction
    if math.isfinite(options.halved_at):
        process["halved_at"] = options.halved_at
    return network, {**settings, **process}


class Training:
    """Weights, their average, Adam's moments, and how far all of it has come."""

    def __init__(self, options):
        self.options = options
        self.network, self.settings = begin(options)
        self.process = process_of(self.settings)
        self.average = deepcopy(self.network).requires_grad_(False)
        self.adam = torch.optim.Adam(self.network.parameters(), lr=options.lr, betas=(0.9, 0.99))
        self.step, self.seconds = 0, 0.0
        self.usual = self.mean_loss = math.nan
        self.path = options.out / "checkpoint.pt"
        if self.path.exists():
            self.restore(torch.load(self.path, map_location=options.device, weights_only=True))
        # A resumed run draws other crops than those it has seen.
        self.rng = np.random.default_rng([options.seed, self.step])
        self.generator = torch.Generator().manual_seed(int(self.rng.integers(2**31)))

    def restore(self, state):
        for name in ("network", "average", "adam"):
            getattr(self, name).load_state_dict(state[name])
        self.step, self.seconds = state["step"], state["seconds"]

    def save(self):
        """The state to go on from, and the averaged weights for the converter of the package."""
        parts = {name: getattr(self, name).state_dict() for name in ("network", "average", "adam")}
        save_state(self.path, {**parts, "step": self.step, "seconds": self.seconds})
        o = self.options
        here = f"{self.step} steps of {o.batch} crops of {o.side} x {o.side}"
        earlier = self.settings.get("training")
        told = here if earlier is None else f"{earlier}; then {here}"
        weights = self.average.state_dict()
        save_weights(o.out / "prior.safetensors", weights, {**self.settings, "training": told})

    def progress(self):
        return min(1.0, self.seconds / (60 * self.options.minutes))

    def learning_rate(self):
        rise = min(1.0, (self.step + 1) / self.options.warm_up)
        return self.options.lr * rise * (1 + math.cos(math.pi * self.progress())) / 2

    def train_step(self, scales):
        start = time.monotonic()
        for group in self.adam.param_groups:
            group["lr"] = self.learning_rate()
        loss = self.loss(random_crops(scales, self.options.batch, self.options.side, self.rng))
        self.adam.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.adam.step()
        self.follow()
        self.step += 1
        self.count(loss.item(), time.monotonic() - start)

    def loss(self, clean):
        o = self.options
        noise = torch.randn(clean.shape, generator=self.generator)
        sigma = draw_sigmas(len(clean), self.generator)
        clean, noise, sigma = (part.to(o.device) for part in (clean, noise, sigma))
        noisy = clean + per_image(sigma) * noise
        half = o.precision == "bfloat16"
        with torch.autocast(torch.device(o.device).type, torch.bfloat16, enabled=half):
            predicted = predict(self.network, noisy, sigma)
        return (predicted - target(clean, noisy, sigma, **self.process)).square().mean()

    @torch.no_grad()
    def follow(self):
        """The average goes after the weights; faster at first, so that the start leaves no trace."""
        decay = min(0.5 ** (1 / self.options.half_life), (1 + self.step) / (10 + self.step))
        pair = (list(network.parameters()) for network in (self.average, self.network))
        torch._foreach_lerp_(*pair, 1 - decay)

    def count(self, loss, seconds):
        # A pause of the process is no training time: a step counts at most five times the usual.
        first = math.isnan(self.usual)
        self.usual = seconds if first else 0.9 * self.usual + 0.1 * min(seconds, 2 * self.usual)
        self.seconds += min(seconds, 5 * self.usual)
        self.mean_loss = loss if first else 0.99 * self.mean_loss + 0.01 * loss
