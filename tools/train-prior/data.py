"""Photos, decoded once at several scales; crops of them, drawn at random or fixed for validation."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image

SUFFIXES = {".png", ".jpg", ".jpeg", ".webp"}


def files_of(folder):
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


def to_tensor(crops):
    """Batch of [-1, 1] images [batch, 3, height, width] from uint8 arrays."""
    batch = torch.from_numpy(np.stack(crops)).permute(0, 3, 1, 2)
    return batch.contiguous().float() / 127.5 - 1


def random_crops(scales, count, side, rng):
    """Each from a scale, a photo and a place drawn at random; half of them mirrored."""
    crops = []
    for _ in range(count):
        photos = scales[rng.integers(len(scales))]
        photo = photos[rng.integers(len(photos))]
        top = rng.integers(photo.shape[0] - side + 1)
        left = rng.integers(photo.shape[1] - side + 1)
        crop = photo[top : top + side, left : left + side]
        crops.append(crop[:, ::-1] if rng.random() < 0.5 else crop)
    return to_tensor(crops)


def centre_crops(folder, count, height, width, factor=1):
    """Centre crops of the first photos, for validation."""
    crops = []
    for path in files_of(folder)[:count]:
        with Image.open(path) as opened:
            photo = np.asarray(reduced(opened.convert("RGB"), factor))
        top, left = (photo.shape[0] - height) // 2, (photo.shape[1] - width) // 2
        crops.append(photo[top : top + height, left : left + width])
    return to_tensor(crops)
