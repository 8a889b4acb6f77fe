"""Denoising PSNR per sigma of one or more weight files on held-out photos, as a table."""

import argparse

import torch
from PIL import Image

from checkpoint import load_weights
from data import centre_crops, files_of
from process import denoise, process_of
from stored import store

# Noise of 15, 25, 50 and 100 of 255 grey levels, in sigma on the [-1, 1] scale.
LEVELS = (15, 25, 50, 100)


def validation_sets(folder, count=8):
    """Crops of 64 px from photos reduced 3x, and centre crops of 256 px."""
    return {
        "64 px": centre_crops(folder, count, 64, 64, factor=3),
        "256 px": centre_crops(folder, count, 256, 256),
    }


@torch.no_grad()
def denoising_psnr(network, clean, level, process, seed=0):
    """Mean over images of the PSNR of D, in dB; the noise is the same at every call."""
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(clean.shape, generator=generator)
    device = next(network.parameters()).device
    sigma = torch.full((len(clean),), 2 * level / 255)
    noisy = clean + sigma[0] * noise
    denoised = denoise(process, network, noisy.to(device), sigma.to(device)).cpu()
    error = (denoised - clean).square().mean(dim=(1, 2, 3)) / 4
    return (-10 * error.log10()).mean().item()


def validate(network, sets, process):
    network.eval()
    rows = {
        name: [round(denoising_psnr(network, clean, level, process), 2) for level in LEVELS]
        for name, clean in sets.items()
    }
    network.train()
    return rows


def whole_photos(folder, count):
    """Photos as they are, each a batch of its own."""
    for path in files_of(folder)[:count]:
        with Image.open(path) as opened:
            height, width = opened.height // 8 * 8, opened.width // 8 * 8
        yield centre_crops(path, 1, height, width)


def validate_whole(network, folder, count, process):
    """PSNR over all pixels and channels of each photo, then the mean over photos."""
    rows = [
        [denoising_psnr(network, clean, level, process) for level in LEVELS]
        for clean in whole_photos(folder, count)
    ]
    return [round(sum(row) / len(rows), 2) for row in zip(*rows)]


def format_rows(rows):
    return "   ".join(f"{name}: {' '.join(f'{v:.2f}' for v in row)}" for name, row in rows.items())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", help="folder of held-out photos, each at least 256 px")
    parser.add_argument("weights", nargs="+", help=".safetensors files, or model.json of converted ones")
    stored = {"choices": ["float32", "float16", "uint8"], "default": "float32"}
    parser.add_argument("--stored", **stored, help="as which the filters are stored")
    parser.add_argument("--whole", type=int, default=0, help="so many photos as they are, too")
    arguments = parser.parse_args()
    sets = validation_sets(arguments.photos)
    print(f"PSNR in dB at noise {LEVELS} of 255")
    for path in arguments.weights:
        network, settings = load_weights(path)
        store(network, arguments.stored)
        process = process_of(settings)
        rows = validate(network, sets, process)
        if arguments.whole > 0:
            network.eval()
            rows["whole"] = validate_whole(network, arguments.photos, arguments.whole, process)
        print(f"{path}   {format_rows(rows)}", flush=True)


if __name__ == "__main__":
    main()
