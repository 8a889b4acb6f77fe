"""Weights as safetensors, with the settings that the converter of the package reads."""

import os
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from converted import read_converted
from networks import build


def read_state(path):
    """State dict and settings of a .safetensors file or of a converted model.json."""
    if Path(path).suffix == ".json":
        return read_converted(path)
    with safe_open(path, "pt") as file:
        return load_file(path), file.metadata()


def load_weights(path, device="cpu", changed=None):
    """
    Network and settings of a file. `changed` settings may ask for more blocks than it holds: those
    come last in their row and begin as nothing, so that the deeper network denoises as before.
    """
    state, settings = read_state(path)
    settings = {**settings, **(changed or {})}
    network = build(settings).to(device)
    state = {name: value.float() for name, value in state.items()}
    network.load_state_dict({**network.state_dict(), **state} if changed else state)
    return network, settings


def atomically(path, write):
    """A reader, or a later session after a crash, never meets half a file."""
    partial = Path(f"{path}.partial")
    write(partial)
    os.replace(partial, path)


def save_weights(path, state, settings):
    tensors = {name: value.detach().cpu().contiguous() for name, value in state.items()}
    metadata = {key: str(value) for key, value in settings.items()}
    atomically(path, lambda partial: save_file(tensors, partial, metadata))


def save_state(path, state):
    atomically(path, lambda partial: torch.save(state, partial))
