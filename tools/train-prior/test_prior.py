"""Run here: python -m unittest"""

import math
import subprocess
import tempfile
import unittest
from argparse import Namespace
from pathlib import Path

import numpy as np
import torch

from average import average
from checkpoint import load_weights, process_of, save_weights
from data import random_crops
from training import Training
from vp import denoise, draw_sigmas, per_image, target, timestep


HERE = Path(__file__).resolve().parent


def convert(weights, folder):
    cli = HERE.parents[1] / "dist" / "cli.js"
    command = ["node", cli, "convert", weights, "--out", folder]
    subprocess.run(command, check=True, capture_output=True)


def options(out, **changed):
    defaults = {
        "out": out, "init": None, "minutes": 1.0, "batch": 2, "side": 16, "lr": 1e-3,
        "warm_up": 2, "half_life": 5, "prediction": "velocity", "halved_at": 10.0, "precision": "float32",
        "device": "cpu", "seed": 0,
    }
    return Namespace(**{**defaults, **changed})


def photos():
    rng = np.random.default_rng(1)
    return [[rng.integers(0, 256, (31, 37, 3), dtype=np.uint8)], [np.zeros((16, 20, 3), np.uint8)]]


class Process(unittest.TestCase):
    def test_a_perfect_prediction_gives_the_clean_image(self):
        clean, noise = torch.rand(4, 3, 5, 7) * 2 - 1, torch.randn(4, 3, 5, 7)
        sigma = torch.tensor([0.01, 0.5, 3.0, 100.0])
        noisy = clean + per_image(sigma) * noise
        for prediction in ("noise", "velocity"):
            for halved_at in (2.0, math.inf):
                process = {"prediction": prediction, "halved_at": halved_at}
                perfect = target(clean, noisy, sigma, **process)
                denoised = denoise(lambda x, t: perfect, noisy, sigma, **process)
                self.assertLess((denoised - clean).abs().max().item(), 1e-4)
        of_noise = target(clean, noisy, sigma, prediction="noise")
        self.assertLess((of_noise - noise).abs().max().item(), 1e-3)

    def test_the_timestep_inverts_the_noise_level_of_the_process(self):
        sigma = torch.tensor([0.01, 0.5, 3.0, 100.0], dtype=torch.float64)
        t = timestep(sigma) / 999
        level = torch.expm1(19.9 * t**2 / 2 + 0.1 * t).sqrt()
        self.assertLess((level / sigma - 1).abs().max().item(), 1e-9)

    def test_noise_levels_cover_what_a_sampler_asks_for(self):
        sigma = draw_sigmas(20000, torch.Generator().manual_seed(0))
        self.assertGreaterEqual(sigma.min().item(), 0.0049)
        self.assertLessEqual(sigma.max().item(), 150.1)
        self.assertGreater((sigma > 30).float().mean().item(), 0.005)
        self.assertAlmostEqual(sigma.log().median().item(), math.log(0.35), delta=0.1)


class Crops(unittest.TestCase):
    def test_are_images_in_range_from_every_scale(self):
        crops = random_crops(photos(), 64, 16, np.random.default_rng(0))
        self.assertEqual(tuple(crops.shape), (64, 3, 16, 16))
        self.assertGreaterEqual(crops.min().item(), -1)
        self.assertLessEqual(crops.max().item(), 1)
        black = (crops == -1).flatten(1).all(dim=1).sum().item()
        self.assertTrue(0 < black < 64)


class Resuming(unittest.TestCase):
    def test_goes_on_where_the_checkpoint_was_written(self):
        with tempfile.TemporaryDirectory() as folder:
            first = Training(options(Path(folder)))
            for _ in range(3):
                first.train_step(photos())
            first.save()
            second = Training(options(Path(folder)))
            self.assertEqual((second.step, second.seconds), (3, first.seconds))
            for name in ("network", "average"):
                pairs = zip(getattr(first, name).parameters(), getattr(second, name).parameters())
                self.assertTrue(all(torch.equal(a, b) for a, b in pairs))
            weights, settings = load_weights(Path(folder) / "prior.safetensors")
            self.assertEqual(settings["prediction"], "velocity")
            pairs = zip(weights.parameters(), first.average.parameters())
            self.assertTrue(all(torch.equal(a, b) for a, b in pairs))

    def test_the_mean_of_two_runs_lies_halfway(self):
        with tempfile.TemporaryDirectory() as folder:
            training = Training(options(Path(folder)))
            training.train_step(photos())
            training.save()
            weights = Path(folder) / "prior.safetensors"
            network, settings = load_weights(weights)
            tripled = {name: 3 * value for name, value in network.state_dict().items()}
            save_weights(Path(folder) / "other.safetensors", tripled, settings)
            average([weights, Path(folder) / "other.safetensors"], Path(folder) / "mean.safetensors")
            mean, kept = load_weights(Path(folder) / "mean.safetensors")
            self.assertEqual(kept["prediction"], settings["prediction"])
            for one, other in zip(mean.parameters(), network.parameters()):
                self.assertLess((one - 2 * other).abs().max().item(), 1e-5)

    def test_a_converted_model_is_read_as_it_was_before(self):
        with tempfile.TemporaryDirectory() as folder:
            training = Training(options(Path(folder)))
            for parameter in training.average.parameters():
                torch.nn.init.normal_(parameter, std=0.1)
            training.save()
            weights = Path(folder) / "prior.safetensors"
            convert(weights, Path(folder) / "model")
            before, settings = load_weights(weights)
            after, kept = load_weights(Path(folder) / "model" / "model.json")
            pairs = zip(before.state_dict().items(), after.state_dict().values())
            self.assertEqual([name for (name, a), b in pairs if not torch.equal(a, b)], [])
            self.assertEqual(process_of(kept), process_of(settings))

    def test_the_bundled_prior_denoises(self):
        network, settings = load_weights(HERE.parents[1] / "models" / "prior64" / "model.json")
        clean = torch.linspace(-0.5, 0.5, 64).expand(1, 3, 64, 64)
        noise = torch.randn(clean.shape, generator=torch.Generator().manual_seed(0))
        sigma = torch.tensor([0.5])
        denoised = denoise(network.eval(), clean + 0.5 * noise, sigma, **process_of(settings))
        self.assertLess((denoised - clean).square().mean().sqrt().item(), 0.05)

    def test_a_pause_counts_as_five_steps_at_most(self):
        with tempfile.TemporaryDirectory() as folder:
            training = Training(options(Path(folder)))
            training.count(1.0, 2.0)
            training.count(1.0, 3600.0)
            self.assertLess(training.seconds, 15)


if __name__ == "__main__":
    unittest.main()
