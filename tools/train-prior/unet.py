"""The ADM / guided-diffusion U-Net, with its names and shapes, so that their checkpoints fit."""

import math

import torch
from torch import nn
from torch.nn import functional as F


def settings_of(metadata):
    """Settings in guided-diffusion's keys, from strings as safetensors keeps them."""

    def whole(key):
        return int(metadata[key])

    def whole_list(key):
        return [int(part) for part in str(metadata[key]).split(",")]

    return {
        "channels": whole("num_channels"),
        "mult": whole_list("channel_mult"),
        "blocks": whole("num_res_blocks"),
        "attention": {whole("image_size") // side for side in whole_list("attention_resolutions")},
        "head_channels": whole("num_head_channels"),
    }


def norm(channels):
    return nn.GroupNorm(32, channels)


def zero(module):
    for parameter in module.parameters():
        nn.init.zeros_(parameter)
    return module


def resample(x, step):
    if step == "down":
        return F.avg_pool2d(x, 2)
    return F.interpolate(x, scale_factor=2, mode="nearest") if step == "up" else x


class ResBlock(nn.Module):
    """Scale-shift normalised residual block that may halve or double the size on its way."""

    def __init__(self, channels, out, embedding, step=None):
        super().__init__()
        self.step = step
        conv = nn.Conv2d(channels, out, 3, padding=1)
        self.in_layers = nn.Sequential(norm(channels), nn.SiLU(), conv)
        self.emb_layers = nn.Sequential(nn.SiLU(), nn.Linear(embedding, 2 * out))
        last = zero(nn.Conv2d(out, out, 3, padding=1))
        # Index 2 is the dropout of the original: the names of what follows depend on it.
        self.out_layers = nn.Sequential(norm(out), nn.SiLU(), nn.Identity(), last)
        same = channels == out
        self.skip_connection = nn.Identity() if same else nn.Conv2d(channels, out, 1)

    def forward(self, x, emb):
        h = resample(self.in_layers[1](self.in_layers[0](x)), self.step)
        h = self.in_layers[2](h)
        scale, shift = self.emb_layers(emb)[:, :, None, None].chunk(2, dim=1)
        h = self.out_layers[0](h) * (1 + scale) + shift
        h = self.out_layers[3](self.out_layers[1](h))
        return self.skip_connection(resample(x, self.step)) + h


class AttentionBlock(nn.Module):
    """Self-attention over positions; the channels of a head hold its q, k and v in a row."""

    def __init__(self, channels, head_channels):
        super().__init__()
        self.heads = channels // head_channels
        self.norm = norm(channels)
        self.qkv = nn.Conv1d(channels, 3 * channels, 1)
        self.proj_out = zero(nn.Conv1d(channels, channels, 1))

    def forward(self, x, _emb):
        flat = x.flatten(2)
        qkv = self.qkv(self.norm(flat)).unflatten(1, (self.heads, 3, -1))
        q, k, v = qkv.transpose(-1, -2).unbind(2)
        h = F.scaled_dot_product_attention(q, k, v).transpose(-1, -2).flatten(1, 2)
        return (flat + self.proj_out(h)).view_as(x)


class UNet(nn.Module):
    def __init__(self, channels, mult, blocks, attention, head_channels):
        super().__init__()
        self.channels = channels
        embedding = 4 * channels
        self.time_embed = nn.Sequential(
            nn.Linear(channels, embedding), nn.SiLU(), nn.Linear(embedding, embedding)
        )

        def stage(at, out, factor, step=None):
            parts = [ResBlock(at, out, embedding)]
            if factor in attention:
                parts.append(AttentionBlock(out, head_channels))
            if step is not None:
                parts.append(ResBlock(out, out, embedding, step))
            return nn.ModuleList(parts)

        at = channels * mult[0]
        kept, factor = [at], 1
        self.input_blocks = nn.ModuleList([nn.ModuleList([nn.Conv2d(3, at, 3, padding=1)])])
        for level, times in enumerate(mult):
            if level > 0:
                self.input_blocks.append(nn.ModuleList([ResBlock(at, at, embedding, "down")]))
                kept.append(at)
                factor *= 2
            for _ in range(blocks):
                self.input_blocks.append(stage(at, channels * times, factor))
                at = channels * times
                kept.append(at)

        self.middle_block = nn.ModuleList(
            [
                ResBlock(at, at, embedding),
                AttentionBlock(at, head_channels),
                ResBlock(at, at, embedding),
            ]
        )

        self.output_blocks = nn.ModuleList()
        for level, times in reversed(list(enumerate(mult))):
            for i in range(blocks + 1):
                step = "up" if level > 0 and i == blocks else None
                out = channels * times
                self.output_blocks.append(stage(at + kept.pop(), out, factor, step))
                at = out
            factor //= 2
        self.out = nn.Sequential(norm(at), nn.SiLU(), zero(nn.Conv2d(at, 3, 3, padding=1)))

    def forward(self, x, t):
        half = self.channels // 2
        frequencies = torch.exp(torch.arange(half, device=x.device) * (-math.log(10000) / half))
        angles = t[:, None] * frequencies
        emb = self.time_embed(torch.cat([angles.cos(), angles.sin()], dim=1))

        def through(block, h):
            for part in block:
                h = part(h) if isinstance(part, nn.Conv2d) else part(h, emb)
            return h

        h, kept = x, []
        for block in self.input_blocks:
            h = through(block, h)
            kept.append(h)
        h = through(self.middle_block, h)
        for block in self.output_blocks:
            h = through(block, torch.cat([h, kept.pop()], dim=1))
        return self.out(h)
