"""The networks that the trainer knows: how one is made of its settings, and what it starts with."""

import gain
import unet
from edm import EDM
from vp import VP

ADM = {
    "image_size": 64, "num_channels": 32, "num_res_blocks": 1, "channel_mult": "1,2,4",
    "attention_resolutions": "16", "num_heads": 1, "num_head_channels": 32,
    "use_scale_shift_norm": True, "resblock_updown": True, "learn_sigma": False,
    "class_cond": False, "use_new_attention_order": False,
}
GAIN = {
    **gain.metadata_of(channels=[64, 128, 256], blocks=[1, 2, 2], patch=2),
    **EDM().settings(),
}

SETTINGS = {"adm": ADM, "gain": GAIN}


def is_gain(settings):
    """The first weights of the gain network did not name their architecture."""
    return settings.get("architecture") == "gain" or "patch" in settings


def build(settings):
    """A network with fresh weights."""
    if is_gain(settings):
        return gain.GainNetwork(**gain.settings_of(settings))
    return unet.UNet(**unet.settings_of(settings))


def complete(settings, prediction, halved_at):
    """Settings with the process in which the network is trained."""
    if is_gain(settings):
        process = EDM.of({**GAIN, **settings})
        return {**settings, **gain.metadata_of(**gain.settings_of(settings)), **process.settings()}
    return {**settings, **VP(prediction, halved_at).settings()}
