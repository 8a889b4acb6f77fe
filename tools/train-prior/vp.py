"""The variance-preserving process, in the words of the package: x = x0 + sigma n, D(x; sigma)."""

import math

import torch

# The schedule of Song et al. (VP SDE), as in vp-denoiser.ts: beta(t) = BETA_D t + BETA_MIN.
BETA_D, BETA_MIN, STEPS = 19.9, 0.1, 1000


def timestep(sigma):
    root = (BETA_MIN**2 + 2 * BETA_D * torch.log1p(sigma**2)).sqrt()
    return (STEPS - 1) * (root - BETA_MIN) / BETA_D


class VP:
    """`D = skip x + out F`, as prediction.ts has it."""

    def __init__(self, prediction="noise", halved_at=math.inf):
        self.prediction, self.halved_at = prediction, halved_at

    @classmethod
    def of(cls, settings):
        halved_at = float(settings.get("halved_at", math.inf))
        return cls(settings.get("prediction", "noise"), halved_at)

    def settings(self):
        told = {"preconditioning": "vp", "beta_d": BETA_D, "beta_min": BETA_MIN}
        told["prediction"] = self.prediction
        return told if math.isinf(self.halved_at) else {**told, "halved_at": self.halved_at}

    def scaling(self, sigma):
        shrink = 1 / (1 + (sigma / self.halved_at) ** 2)
        if self.prediction == "noise":
            return shrink, -sigma * shrink
        return shrink / (1 + sigma**2), -sigma / (1 + sigma**2).sqrt() * shrink

    def inputs(self, x, sigma):
        return x / (1 + sigma**2).sqrt()[:, None, None, None], timestep(sigma)
