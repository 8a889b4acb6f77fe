"""Denoising PSNR per sigma of one or more weight files on held-out photos, as a table."""

import argparse

import torch

from checkpoint import load_weights
from data import centre_crops
from process import denoise, process_of

# Noise of 15, 25, 50 and 100 of 255 grey levels, in sigma on the [-1, 1] scale.
LEVELS = (15, 25, 50, 100)


def validation_sets(folder, count=8):
    """Crops of 64 px from photos reduced 3x, and centre crops of 256 px."""
    return {
        "64": centre_crops(folder, count, 64, 64, factor=3),
        "256": centre_crops(folder, count, 256, 256),
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


def format_rows(rows):
    return "   ".join(f"{name} px: {' '.join(f'{v:.2f}' for v in row)}" for name, row in rows.items())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", help="folder of held-out photos, each at least 256 px")
    parser.add_argument("weights", nargs="+", help=".safetensors files, or model.json of converted ones")
    arguments = parser.parse_args()
    sets = validation_sets(arguments.photos)
    print(f"PSNR in dB at noise {LEVELS} of 255")
    for path in arguments.weights:
        network, settings = load_weights(path)
        rows = validate(network, sets, process_of(settings))
        print(f"{path}   {format_rows(rows)}")


if __name__ == "__main__":
    main()
