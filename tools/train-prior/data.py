"""Photos, decoded once at several scales; crops of them, drawn at random or fixed for validation."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image

SUFFIXES = {".png", ".jpg", ".jpeg", ".webp"}


def files_of(folder):
    """The photos in a folder, or the one that is named."""
    if Path(folder).is_file():
        return [Path(folder)]
    return sorted(path for path in Path(folder).rglob("*") if path.suffix.lower() in SUFFIXES)


def reduced(photo, factor):
    """A photo made `factor` times smaller, antialiased."""
    size = (photo.width // factor, photo.height // factor)
    return photo if factor == 1 else photo.resize(size, Image.Resampling.LANCZOS)


def load_photos(folder, factors, least):
    """uint8 arrays [height, width, 3] of every photo at every scale that holds `least` pixels."""
    scales = {factor: [] for factor in factors}
    for path in files_of(folder):
        with Image.open(path) as opened:
            photo = opened.convert("RGB")
        for factor in factors:
            if min(photo.size) // factor >= least:
                scales[factor].append(np.asarray(reduced(photo, factor)))
    return [photos for photos in scales.values() if photos]


def to_images(crops):
    """[-1, 1] images [batch, 3, height, width] of uint8 ones [batch, height, width, 3]."""
    return crops.permute(0, 3, 1, 2).contiguous().float() / 127.5 - 1


class Crops:
    """All photos in one row of pixels on the device, so that a batch of crops is one look-up."""

    def __init__(self, scales, device="cpu"):
        photos = [photo for scale in scales for photo in scale]
        pixels = np.concatenate([photo.reshape(-1, 3) for photo in photos])
        self.pixels = torch.from_numpy(pixels).to(device)
        self.shapes = np.array([photo.shape[:2] for photo in photos])
        self.starts = np.concatenate([[0], np.cumsum(self.shapes.prod(axis=1))])
        self.counts = np.array([len(scale) for scale in scales])
        self.firsts = np.concatenate([[0], np.cumsum(self.counts)])

    def draw(self, count, side, rng):
        """Each from a scale, a photo and a place drawn at random; turned and mirrored."""
        scale = rng.integers(len(self.counts), size=count)
        photo = self.firsts[scale] + rng.integers(self.counts[scale])
        height, width = self.shapes[photo].T
        corner = self.starts[photo] + rng.integers(height - side + 1) * width
        corner += rng.integers(width - side + 1)
        down, right = width, np.ones_like(width)
        for step in (down, right):
            mirrored = rng.random(count) < 0.5
            corner = np.where(mirrored, corner + (side - 1) * step, corner)
            step *= np.where(mirrored, -1, 1)
        turned = rng.random(count) < 0.5
        down, right = np.where(turned, right, down), np.where(turned, down, right)
        corner, down, right = (
            torch.from_numpy(part).to(self.pixels.device)[:, None, None]
            for part in (corner, down, right)
        )
        along = torch.arange(side, device=self.pixels.device)
        at = corner + along[None, :, None] * down + along[None, None, :] * right
        return to_images(self.pixels[at])


def centre_crops(folder, count, height, width, factor=1):
    """Centre crops of the first photos, for validation."""
    crops = []
    for path in files_of(folder)[:count]:
        with Image.open(path) as opened:
            photo = np.asarray(reduced(opened.convert("RGB"), factor))
        top, left = (photo.shape[0] - height) // 2, (photo.shape[1] - width) // 2
        crops.append(photo[top : top + height, left : left + width])
    return to_images(torch.from_numpy(np.stack(crops)))
