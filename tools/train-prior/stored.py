"""Weights as `spgd convert` stores them, so that the cost of fewer bytes can be measured."""

import torch

# `spgd convert` stores weights of fewer numbers as float16.
SMALLEST_8_BIT = 2**16


def rounded(value, dtype):
    """Vectors stay exact. uint8: 256 levels, evenly spaced over the range and zero, if not small."""
    if value.ndim < 2 or dtype == "float32":
        return value
    if dtype == "float16" or value.numel() < SMALLEST_8_BIT:
        return value.half().float()
    least, largest = value.min().clamp(max=0), value.max().clamp(min=0)
    scale = (largest - least) / 255
    scale = torch.where(scale > 0, scale, 1)
    zero = (-least / scale).round()
    return ((value / scale).round().add(zero).clamp(0, 255) - zero) * scale


def store(network, dtype):
    """Puts the stored numbers in the place of the exact ones."""
    state = network.state_dict()
    network.load_state_dict({name: rounded(value, dtype) for name, value in state.items()})
