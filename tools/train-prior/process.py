"""Noise, and how D(x; sigma) is made of a network F: `D = skip x + out F`."""

import math

import torch

from edm import EDM
from vp import VP


def process_of(settings):
    kinds = {"vp": VP, "edm": EDM}
    return kinds[settings.get("preconditioning", "vp")].of(settings)


def less_noise(count, share, generator):
    """What to multiply sigma by: 1, or for a share of the images a number in [0.2, 1].

    Samplers of temperature below 1 give D images with less noise than sigma says.
    """
    def uniform():
        return torch.rand(count, generator=generator, device=generator.device)

    return torch.where(uniform() < share, 0.2 + 0.8 * uniform(), 1.0)


def per_image(sigma):
    return sigma[:, None, None, None]


def predict(process, network, x, sigma):
    """F of the noisy images `x0 + sigma n`."""
    return network(*process.inputs(x, sigma)).float()


def target(process, clean, noisy, sigma):
    """What the network is to say: the F that makes D the clean image."""
    skip, out = map(per_image, process.scaling(sigma))
    return (clean - skip * noisy) / out


def denoise(process, network, x, sigma):
    """D(x; sigma), for one sigma an image."""
    skip, out = map(per_image, process.scaling(sigma))
    return skip * x + out * predict(process, network, x, sigma)


def draw_sigmas(count, generator, tail=0.1):
    """
    Log-normal about the levels at which details are decided (16 to 84 %: 0.1 to 1.2), and a thin
    log-uniform tail over all that a sampler may ask for, 0.005 to 150. Every batch is spread evenly
    over them (one draw in each of `count` equal parts), so that batches differ less.
    """
    jitter = torch.rand(count, generator=generator, device=generator.device, dtype=torch.float64)
    place = (torch.arange(count, device=generator.device) + jitter) / count
    low, high = math.log(0.005), math.log(150)
    wide = (low + (high - low) * place / tail).exp()
    normal = torch.special.ndtri((place - tail) / (1 - tail))
    sigma = torch.where(place < tail, wide, 0.35 * (1.2 * normal).exp())
    return sigma.float().clamp(0.005, 150)
