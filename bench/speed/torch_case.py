"""One measurement of the same network in PyTorch: prints one line of JSON. bench/speed.ts starts it.

torch-released: as the released code runs it. Weights require gradients, so backward computes those
as well; attention is written out and always checkpointed.
torch-frozen: gradients in the input alone, fused attention, channels-last memory.
"""

import json
import sys
import time
from pathlib import Path

import torch
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint

sys.path.insert(0, str(Path(__file__).parents[2] / "tools" / "train-prior"))
import gain  # noqa: E402
import unet  # noqa: E402


class WrittenOutAttention(unet.AttentionBlock):
    """QKVAttentionLegacy of guided-diffusion, checkpointed."""

    def attend(self, x):
        flat = x.flatten(2)
        batch, width, pixels = flat.shape
        size = width // self.heads
        qkv = self.qkv(self.norm(flat)).reshape(batch * self.heads, 3 * size, pixels)
        q, k, v = qkv.split(size, dim=1)
        scale = size**-0.25
        weight = torch.softmax(torch.einsum("bct,bcs->bts", q * scale, k * scale), dim=-1)
        h = torch.einsum("bts,bcs->bct", weight, v).reshape(batch, width, pixels)
        return (flat + self.proj_out(h)).view_as(x)

    def forward(self, x, _emb):
        return checkpoint(self.attend, x, use_reentrant=True)


def network(settings, released):
    if "patch" in settings:
        net = gain.GainNetwork(**settings)
    else:
        if released:
            unet.AttentionBlock = WrittenOutAttention
        out = settings.pop("out")
        net = unet.UNet(**{**settings, "attention": set(settings["attention"])})
        net.out[2] = torch.nn.Conv2d(settings["channels"] * settings["mult"][0], out, 3, padding=1)
    for parameter in net.parameters():
        if parameter.dim() > 1:
            torch.nn.init.kaiming_uniform_(parameter, a=5**0.5)
    return net if released else net.requires_grad_(False).to(memory_format=torch.channels_last)


def peak(device):
    if device == "cuda":
        return torch.cuda.max_memory_reserved()
    with open("/proc/self/status") as status:
        line = next(line for line in status if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def main():
    case, settings = (json.loads(argument) for argument in sys.argv[1:])
    device = case.get("device", "cpu")
    released = case["way"] == "torch-released"
    net = network(settings, released).to(device)
    side, batch = case["side"], case["batch"]
    start = torch.randn(batch, 3, side, side, device=device)
    narrow = torch.autocast(device, torch.bfloat16, enabled=case.get("precision") == "bfloat16")
    if not released:
        start = start.contiguous(memory_format=torch.channels_last)
    time_of_all = torch.full((batch,), 500.0, device=device)
    y = F.avg_pool2d(start.clamp(-1, 1), 4)

    def forward():
        with torch.no_grad(), narrow:
            net(start, time_of_all)

    def gradient():
        x = start.detach().requires_grad_()
        with narrow:
            noise = net(x, time_of_all)[:, :3]
        denoised = x - noise.float()
        small = F.interpolate(denoised, scale_factor=0.25, mode="bicubic", antialias=True)
        (y - small).square().sum().backward()

    def seconds(run):
        """Of the processor, which others may share, or of a card."""
        if device == "cpu":
            started = time.process_time()
            run()
            return time.process_time() - started
        torch.cuda.synchronize()
        started = time.perf_counter()
        run()
        torch.cuda.synchronize()
        return time.perf_counter() - started

    gradient()
    if Path("/proc/self/clear_refs").exists():
        Path("/proc/self/clear_refs").write_text("5")
    result = {
        "forward": [seconds(forward) for _ in range(case["repeats"])],
        "gradient": [seconds(gradient) for _ in range(case["repeats"])],
        "peak": peak(device),
    }
    print(json.dumps(result))


main()
