"""The variance-preserving process, in the words of the package: x = x0 + sigma n, D(x; sigma)."""

import math

import torch

# The schedule of Song et al. (VP SDE), as in vp-denoiser.ts: beta(t) = BETA_D t + BETA_MIN.
BETA_D, BETA_MIN, STEPS = 19.9, 0.1, 1000


def timestep(sigma):
    root = (BETA_MIN**2 + 2 * BETA_D * torch.log1p(sigma**2)).sqrt()
    return (STEPS - 1) * (root - BETA_MIN) / BETA_D


def per_image(sigma):
    return sigma[:, None, None, None]


def scaling(sigma, prediction, halved_at=math.inf):
    """`D = skip x + out F`, as prediction.ts has it; each of shape [batch, 1, 1, 1]."""
    s = per_image(sigma)
    shrink = 1 / (1 + (s / halved_at) ** 2)
    if prediction == "noise":
        return shrink, -s * shrink
    return shrink / (1 + s**2), -s / (1 + s**2).sqrt() * shrink


def predict(network, x, sigma):
    """F of the noisy images `x0 + sigma n`."""
    return network(x / (1 + per_image(sigma) ** 2).sqrt(), timestep(sigma)).float()


def target(clean, noisy, sigma, **process):
    """What the network is to say: the F that makes D the clean image."""
    skip, out = scaling(sigma, **process)
    return (clean - skip * noisy) / out


def denoise(network, x, sigma, **process):
    """D(x; sigma), for one sigma an image."""
    skip, out = scaling(sigma, **process)
    return skip * x + out * predict(network, x, sigma)


def draw_sigmas(count, generator, tail=0.1):
    """
    Log-normal about the levels at which details are decided (16 to 84 %: 0.1 to 1.2), and a thin
    log-uniform tail over all that a sampler may ask for, 0.005 to 150.
    """
    normal = torch.randn(count, generator=generator)
    sigma = 0.35 * (1.2 * normal).exp()
    low, high = math.log(0.005), math.log(150)
    wide = (low + (high - low) * torch.rand(count, generator=generator)).exp()
    in_tail = torch.rand(count, generator=generator) < tail
    return torch.where(in_tail, wide, sigma).clamp(0.005, 150)
