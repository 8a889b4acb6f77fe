"""Run here: python -m unittest"""

import math
import subprocess
import sys
import tempfile
import time
import unittest
from argparse import Namespace
from pathlib import Path

import numpy as np
import torch

from average import average
from checkpoint import load_weights, read_state, save_weights
from data import Crops
from edm import EDM
from gain import GainNetwork
from muon import orthogonal
from networks import build, complete
from parallel import Gradients
from process import denoise, draw_sigmas, less_noise, per_image, predict, process_of, target
from stored import rounded
from train import clock
from training import Training
from validate import validate
from vp import VP, timestep


HERE = Path(__file__).resolve().parent


def convert(weights, folder):
    cli = HERE.parents[1] / "dist" / "cli.js"
    command = ["node", cli, "convert", weights, "--out", folder]
    subprocess.run(command, check=True, capture_output=True)


def options(out, **changed):
    defaults = {
        "out": out, "network": "adm", "init": None, "blocks": None,
        "minutes": 1.0, "until": None, "batch": 2, "side": 16,
        "late_side": None, "late_from": 0.5, "optimizer": "adam", "lr": 1e-3,
        "warm_up": 2, "half_life": 5, "prediction": "velocity", "halved_at": 10.0,
        "precision": "float32", "compile": False, "threads": 1, "device": "cpu", "seed": 0,
        "print_every": 50, "less_noise": 0.5,
    }
    return Namespace(**{**defaults, **changed})


def photos():
    rng = np.random.default_rng(1)
    noise = rng.integers(1, 256, (31, 37, 3), dtype=np.uint8)
    return Crops([[noise], [np.zeros((16, 20, 3), np.uint8)]])


def crop_of(row):
    """[side, side, 3] grey levels, of one image of a batch."""
    return ((row.permute(1, 2, 0) + 1) * 127.5).round().byte().numpy()


class Process(unittest.TestCase):
    def test_a_perfect_prediction_gives_the_clean_image(self):
        clean, noise = torch.rand(4, 3, 5, 7) * 2 - 1, torch.randn(4, 3, 5, 7)
        sigma = torch.tensor([0.01, 0.5, 3.0, 100.0])
        noisy = clean + per_image(sigma) * noise
        processes = [EDM(), EDM(1.0)]
        for prediction in ("noise", "velocity"):
            processes += [VP(prediction, halved_at) for halved_at in (2.0, math.inf)]
        for process in processes:
            perfect = target(process, clean, noisy, sigma)
            denoised = denoise(process, lambda x, t: perfect, noisy, sigma)
            self.assertLess((denoised - clean).abs().max().item(), 1e-4)
        of_noise = target(VP(), clean, noisy, sigma)
        self.assertLess((of_noise - noise).abs().max().item(), 1e-3)

    def test_is_told_by_the_settings(self):
        for process in (EDM(0.7), VP("velocity", 3.0), VP()):
            told = {key: str(value) for key, value in process.settings().items()}
            self.assertEqual(vars(process_of(told)), vars(process))

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

    def test_noise_levels_of_a_batch_are_spread_evenly(self):
        generator = torch.Generator().manual_seed(0)
        for _ in range(20):
            below = (draw_sigmas(20, generator) < 0.35).sum().item()
            self.assertTrue(9 <= below <= 12, below)

    def test_a_share_of_the_images_has_less_noise(self):
        factors = less_noise(20000, 0.25, torch.Generator().manual_seed(0))
        self.assertAlmostEqual((factors < 1).float().mean().item(), 0.25, delta=0.01)
        self.assertGreaterEqual(factors.min().item(), 0.2)
        self.assertLess(factors.min().item(), 0.21)
        self.assertTrue((less_noise(100, 0, torch.Generator()) == 1).all())


class RandomCrops(unittest.TestCase):
    def test_are_images_in_range_from_every_scale(self):
        crops = photos().draw(64, 16, np.random.default_rng(0))
        self.assertEqual(tuple(crops.shape), (64, 3, 16, 16))
        self.assertGreaterEqual(crops.min().item(), -1)
        self.assertLessEqual(crops.max().item(), 1)
        black = (crops == -1).flatten(1).all(dim=1).sum().item()
        self.assertTrue(0 < black < 64)

    def test_are_turned_and_mirrored_pieces_of_a_photo(self):
        photo = np.arange(5 * 6 * 3, dtype=np.uint8).reshape(5, 6, 3)
        pieces = {}
        for top in range(2):
            for left in range(3):
                for turns in range(4):
                    piece = np.rot90(photo[top : top + 4, left : left + 4], turns)
                    pieces[piece.tobytes()] = pieces[piece[::-1].tobytes()] = 0
        for row in Crops([[photo]]).draw(2000, 4, np.random.default_rng(0)):
            pieces[crop_of(row).tobytes()] += 1
        self.assertEqual(len(pieces), 2 * 3 * 8)
        self.assertGreater(min(pieces.values()), 10)


class Networks(unittest.TestCase):
    def test_the_gain_network_takes_any_size_that_divides_by_eight(self):
        network = GainNetwork([8, 12, 16], [1, 2, 2], 2)
        for height, width in ((16, 24), (8, 8)):
            out = network(torch.randn(2, 3, height, width), torch.tensor([0.1, 3.0]))
            self.assertEqual(tuple(out.shape), (2, 3, height, width))

    def test_old_and_new_settings_of_the_gain_network_mean_the_same(self):
        old = {"channels": "8,12", "blocks": "1 down, 2 middle, 2 up", "patch": "2"}
        told = complete(old, "noise", 10.0)
        self.assertEqual((told["blocks"], told["architecture"]), ("1,2,2", "gain"))
        self.assertEqual(told["preconditioning"], "edm")

    def test_its_numbers_are_those_of_the_fixture(self):
        fixtures = HERE.parents[1] / "test" / "fixtures"
        sys.path.insert(0, str(fixtures))
        from fill import fill

        numbers, settings = read_state(fixtures / "models" / "gain.safetensors")
        network = build(settings)
        state = {name: fill(name, tuple(p.shape)) for name, p in network.named_parameters()}
        network.load_state_dict(state)
        x, expected = (numbers[name].permute(0, 3, 1, 2) for name in ("x", "denoised"))
        denoised = denoise(process_of(settings), network, x, numbers["sigma"])
        self.assertLess((denoised - expected).abs().max().item(), 1e-4)


class Stored(unittest.TestCase):
    def test_weights_move_by_half_a_level_at_most_and_zero_stays(self):
        value = torch.cat([torch.randn(30_000, 3) * 0.1 + 0.05, torch.zeros(1, 3)])
        for dtype, step in (("float16", 1e-3), ("uint8", (value.max() - value.min()) / 255)):
            kept = rounded(value, dtype)
            self.assertLessEqual((kept - value).abs().max().item(), 0.51 * step)
            self.assertEqual(kept[-1].abs().max().item(), 0)
            self.assertGreater((kept - value).abs().max().item(), 0)
            self.assertTrue(torch.equal(rounded(value[:, 0], dtype), value[:, 0]))
        few = value[:9]
        self.assertTrue(torch.equal(rounded(few, "uint8"), few.half().float()))


class Steps(unittest.TestCase):
    def test_orthogonal_matrices_have_singular_values_near_one(self):
        for shape in ((3, 8, 20), (2, 20, 8)):
            values = torch.linalg.svdvals(orthogonal(torch.randn(shape)))
            self.assertTrue(0.5 < values.min().item() <= values.max().item() < 1.5)

    def test_threads_find_the_gradients_of_the_whole_batch(self):
        network, process = GainNetwork([8, 12], [1, 1, 1], 2), EDM()
        for parameter in network.parameters():
            torch.nn.init.normal_(parameter, std=0.1)

        def loss(clean, noisy, sigma):
            error = predict(process, network, noisy, sigma) - target(process, clean, noisy, sigma)
            return error.square().mean()

        clean, sigma = torch.rand(7, 3, 8, 8), torch.rand(7) + 0.1
        noisy = clean + per_image(sigma) * torch.randn(clean.shape)
        found = []
        for threads in (1, 3):
            value = Gradients(network, loss, threads)(clean, noisy, sigma)
            found.append([value, *(p.grad.clone() for p in network.parameters())])
        for whole, parts in zip(*found):
            self.assertLess((whole - parts).abs().max().item(), 1e-5)

    def test_both_networks_and_optimizers_learn(self):
        ramp = np.linspace(0, 255, 40 * 40 * 3).reshape(40, 40, 3).astype(np.uint8)
        crops = Crops([[ramp]])
        for network, optimizer in (("adm", "adam"), ("gain", "adam"), ("gain", "muon")):
            with tempfile.TemporaryDirectory() as folder:
                changed = {"network": network, "optimizer": optimizer}
                training = Training(options(Path(folder), **changed))
                clean = {"16": crops.draw(8, 16, np.random.default_rng(0))}
                before = validate(training.network, clean, training.process)["16"]
                for _ in range(20):
                    training.train_step(crops)
                after = validate(training.network, clean, training.process)["16"]
                self.assertGreater(sum(after), sum(before), (network, optimizer))

    def test_crops_are_larger_late(self):
        with tempfile.TemporaryDirectory() as folder:
            changed = {"network": "gain", "batch": 16, "late_side": 32, "minutes": 1.0}
            training = Training(options(Path(folder), **changed))
            self.assertEqual(training.crops(), (16, 16))
            training.seconds = 40.0
            self.assertEqual(training.crops(), (4, 32))

    def test_the_faster_precision_is_chosen(self):
        with tempfile.TemporaryDirectory() as folder:
            training = Training(options(Path(folder), network="gain"))
            taken = training.probe(photos())
            self.assertEqual(training.half, taken["bfloat16"] < taken["float32"])

    def test_trains_until_a_time_of_day(self):
        with tempfile.TemporaryDirectory() as folder:
            ahead = time.localtime(time.time() + 7200)
            training = Training(options(Path(folder), until=clock(time.strftime("%H:%M", ahead))))
            self.assertEqual(training.progress(), 0)
            training.seconds = 7200.0
            self.assertAlmostEqual(training.progress(), 0.5, delta=0.01)
            training.options.until = time.time() - 1
            self.assertEqual(training.progress(), 1)


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

    def test_a_deeper_network_begins_as_the_one_that_it_goes_on_from(self):
        light = HERE.parents[1] / "models" / "light" / "model.json"
        shallow, _ = load_weights(light)
        deep, settings = load_weights(light, changed={"blocks": "2,4,4"})
        self.assertEqual(settings["blocks"], "2,4,4")
        x, sigma = torch.randn(1, 3, 16, 24), torch.tensor([0.3])
        with torch.no_grad():
            torch.testing.assert_close(deep(x, sigma), shallow(x, sigma))
        with self.assertRaises(RuntimeError):
            load_weights(light, changed={"blocks": "1,1,2"})

    def test_blocks_are_refused_for_the_other_network(self):
        with self.assertRaisesRegex(ValueError, "--blocks is for the gain network"):
            Training(options(Path("unused"), blocks="1,2,2"))

    def test_a_converted_model_is_read_as_it_was_before(self):
        for network in ("adm", "gain"):
            with tempfile.TemporaryDirectory() as folder:
                training = Training(options(Path(folder), network=network))
                for parameter in training.average.parameters():
                    torch.nn.init.normal_(parameter, std=0.1)
                training.save()
                weights = Path(folder) / "prior.safetensors"
                convert(weights, Path(folder) / "model")
                before, settings = load_weights(weights)
                after, kept = load_weights(Path(folder) / "model" / "model.json")
                pairs = zip(before.state_dict().items(), after.state_dict().values())
                self.assertEqual([name for (name, a), b in pairs if not torch.equal(a, b)], [])
                self.assertEqual(vars(process_of(kept)), vars(process_of(settings)))

    def test_the_bundled_prior_denoises(self):
        network, settings = load_weights(HERE.parents[1] / "models" / "prior64" / "model.json")
        clean = torch.linspace(-0.5, 0.5, 64).expand(1, 3, 64, 64)
        noise = torch.randn(clean.shape, generator=torch.Generator().manual_seed(0))
        sigma = torch.tensor([0.5])
        denoised = denoise(process_of(settings), network.eval(), clean + 0.5 * noise, sigma)
        self.assertLess((denoised - clean).square().mean().sqrt().item(), 0.05)

    def test_a_pause_counts_as_five_steps_at_most(self):
        with tempfile.TemporaryDirectory() as folder:
            training = Training(options(Path(folder)))
            training.count(1.0, 2.0)
            training.count(1.0, 3600.0)
            self.assertLess(training.seconds, 15)


if __name__ == "__main__":
    unittest.main()
