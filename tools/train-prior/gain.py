"""
The gain network: a light U-Net of residual blocks without norms. The noise level sets a gain and a
shift for every channel between the two convolutions of a block.
"""

import math
import re

import torch
from torch import nn
from torch.nn import functional as F


def settings_of(metadata):
    """Settings from strings as safetensors keeps them."""

    def whole_list(key):
        return [int(part) for part in re.findall(r"\d+", str(metadata[key]))]

    return {
        "channels": whole_list("channels"),
        "blocks": whole_list("blocks"),
        "patch": int(metadata.get("patch", 2)),
    }


def metadata_of(channels, blocks, patch):
    """The settings as they stand in a weight file. `blocks`: down, in the middle, up."""
    return {
        "architecture": "gain",
        "channels": ",".join(map(str, channels)),
        "blocks": ",".join(map(str, blocks)),
        "patch": patch,
    }


class Embedding(nn.Module):
    """`log(sigma) / 4` as waves of 32 frequencies, geometric from 1 to 1000; then two layers."""

    def __init__(self, frequencies=32, out=128):
        super().__init__()
        self.frequencies = frequencies
        self.m = nn.Sequential(
            nn.Linear(2 * frequencies, out), nn.SiLU(), nn.Linear(out, out), nn.SiLU()
        )

    def forward(self, sigma):
        exponents = torch.linspace(0, math.log(1000), self.frequencies, device=sigma.device)
        angles = (sigma.log() / 4)[:, None] * exponents.exp()
        return self.m(torch.cat([angles.cos(), angles.sin()], dim=1))


class Block(nn.Module):
    """`x + b(silu(a(x) (1 + s) + t))`, with gain s and shift t from the noise level."""

    def __init__(self, channels, embedding=128):
        super().__init__()
        self.a = nn.Conv2d(channels, channels, 3, padding=1)
        self.b = nn.Conv2d(channels, channels, 3, padding=1)
        self.e = nn.Linear(embedding, 2 * channels)
        nn.init.zeros_(self.b.weight)
        nn.init.zeros_(self.b.bias)

    def forward(self, x, emb):
        gain, shift = self.e(emb)[:, :, None, None].chunk(2, dim=1)
        return x + self.b(F.silu(self.a(x) * (1 + gain) + shift))


class GainNetwork(nn.Module):
    def __init__(self, channels, blocks, patch):
        super().__init__()
        down, middle, up = blocks
        self.patch = patch
        self.emb = Embedding()
        pixels = 3 * patch**2

        def stack(count, width):
            return nn.ModuleList(Block(width) for _ in range(count))

        pairs = list(zip(channels, channels[1:]))
        self.head = nn.Conv2d(pixels, channels[0], 3, padding=1)
        self.down = nn.ModuleList(stack(down, width) for width, _ in pairs)
        self.ds = nn.ModuleList(nn.Conv2d(fine, coarse, 2, stride=2) for fine, coarse in pairs)
        self.mid = stack(middle, channels[-1])
        rising = pairs[::-1]
        self.us = nn.ModuleList(
            nn.ConvTranspose2d(coarse, fine, 2, stride=2) for fine, coarse in rising
        )
        self.up = nn.ModuleList(stack(up, width) for width, _ in rising)
        self.tail = nn.Conv2d(channels[0], pixels, 3, padding=1)

    def forward(self, x, sigma):
        emb = self.emb(sigma)

        def through(blocks, h):
            for block in blocks:
                h = block(h, emb)
            return h

        h = self.head(F.pixel_unshuffle(x, self.patch))
        kept = []
        for blocks, shrink in zip(self.down, self.ds):
            h = through(blocks, h)
            kept.append(h)
            h = shrink(h)
        h = through(self.mid, h)
        for grow, blocks in zip(self.us, self.up):
            h = through(blocks, grow(h) + kept.pop())
        return F.pixel_shuffle(self.tail(F.silu(h)), self.patch)
