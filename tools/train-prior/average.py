"""The mean of the weights of training runs that began at the same prior, as one weight file."""

import argparse

import torch

from checkpoint import load_weights, save_weights


def average(paths, out):
    networks, settings = zip(*(load_weights(path) for path in paths))
    told = " | ".join(one.pop("training", "") for one in settings)
    if any(other != settings[0] for other in settings):
        raise SystemExit("average: the settings of the weights differ")
    states = [network.state_dict() for network in networks]
    mean = {name: torch.stack([state[name] for state in states]).mean(0) for name in states[0]}
    save_weights(out, mean, {**settings[0], "training": f"mean of: {told}"})


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", nargs="+", help=".safetensors files, or model.json of converted ones")
    parser.add_argument("out", help=".safetensors file to write")
    arguments = parser.parse_args()
    average(arguments.weights, arguments.out)
