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


def gain_to_torch(name, value, _head_channels):
    """The same for a gain network, whose changes of size are stored as shuffles of 2 x 2 pixels."""
    layer, kind = name.split(".")[0], name.rsplit(".", 1)[1]
    if kind == "bias":
        if layer == "us":
            value = value[: len(value) // 4]
        elif layer == "tail":
            value = value.reshape(4, -1).T.flatten()
    elif layer == "head":
        high, wide, inner, outer = value.shape
        value = value.reshape(high, wide, 4, inner // 4, outer).transpose(4, 3, 2, 0, 1)
        value = value.reshape(outer, inner, high, wide)
    elif layer == "tail":
        high, wide, inner, outer = value.shape
        value = value.reshape(high, wide, inner, 4, outer // 4).transpose(4, 3, 2, 0, 1)
        value = value.reshape(outer, inner, high, wide)
    elif layer == "ds":
        value = value.reshape(2, 2, -1, value.shape[-1]).transpose(3, 2, 0, 1)
    elif layer == "us":
        value = value.reshape(value.shape[2], 2, 2, -1).transpose(0, 3, 1, 2)
    else:
        value = value.transpose(3, 2, 0, 1) if value.ndim == 4 else value.T
    return torch.from_numpy(np.ascontiguousarray(value))


def process_settings(told):
    if told["name"] == "edm":
        return {"preconditioning": "edm", "sigma_data": told["sigmaData"]}
    settings = {
        "preconditioning": told["name"],
        "beta_d": told["betaD"],
        "beta_min": told["betaMin"],
        "prediction": told.get("prediction", "noise"),
    }
    return {**settings, "halved_at": told["halvedAt"]} if "halvedAt" in told else settings


def read_converted(path):
    """State dict and settings of a `model.json`; the constants of its graph are left out."""
    model = json.loads(Path(path).read_text())
    told = model["userDefinedMetadata"]["spgd"]
    settings = {**told["config"], **process_settings(told["preconditioning"])}
    is_gain = told["architecture"] == "gain"
    if is_gain:
        settings["architecture"] = "gain"
    back = gain_to_torch if is_gain else to_torch
    heads = int(settings.get("num_head_channels", 0))
    state = {
        name: back(name, value, heads)
        for name, value in read_weights(path, model["weightsManifest"])
        if name.endswith((".weight", ".bias"))
    }
    return state, {key: str(value) for key, value in settings.items()}
