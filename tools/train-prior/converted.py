"""Weights of a model that `spgd convert` has written, back in the names and shapes of PyTorch."""

import json
from pathlib import Path

import numpy as np
import torch


def decode(raw, weight):
    """One weight of the manifest as numbers in the shape that it has there."""
    stored = weight.get("quantization", {"dtype": weight["dtype"]})
    numbers = np.frombuffer(raw, stored["dtype"]).astype(np.float64)
    numbers = numbers * stored.get("scale", 1) + stored.get("min", 0)
    return numbers.reshape(weight["shape"]).astype(np.float32)


def read_weights(path, manifest):
    for group in manifest:
        raw = b"".join((Path(path).parent / name).read_bytes() for name in group["paths"])
        at = 0
        for weight in group["weights"]:
            dtype = weight.get("quantization", weight)["dtype"]
            end = at + int(np.prod(weight["shape"])) * np.dtype(dtype).itemsize
            yield weight["name"], decode(raw[at:end], weight)
            at = end


def rows_by_head(rows, head_channels):
    """Rows of q, of k and of v, each for all heads, as rows of q, k and v for each head."""
    return rows.reshape(3, -1, head_channels, *rows.shape[1:]).swapaxes(0, 1).reshape(rows.shape)


def to_torch(name, value, head_channels):
    value = value.transpose(3, 2, 0, 1) if value.ndim == 4 else value.T
    if ".qkv." in name:
        value = rows_by_head(value, head_channels)
    if value.ndim == 4 and (".qkv." in name or ".proj_out." in name):
        value = value[..., 0]
    return torch.from_numpy(np.ascontiguousarray(value))


def read_converted(path):
    """State dict and settings of a `model.json`; the constants of its graph are left out."""
    model = json.loads(Path(path).read_text())
    told = model["userDefinedMetadata"]["spgd"]
    process = told["preconditioning"]
    settings = {
        **told["config"],
        "preconditioning": process["name"],
        "beta_d": process["betaD"],
        "beta_min": process["betaMin"],
        "prediction": process.get("prediction", "noise"),
    }
    if "halvedAt" in process:
        settings["halved_at"] = process["halvedAt"]
    heads = int(settings["num_head_channels"])
    weights = read_weights(path, model["weightsManifest"])
    state = {
        name: to_torch(name, value, heads)
        for name, value in weights
        if name.endswith((".weight", ".bias"))
    }
    return state, {key: str(value) for key, value in settings.items()}
