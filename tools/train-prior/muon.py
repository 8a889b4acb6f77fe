"""
Muon (Jordan et al. 2024): momentum made orthogonal for filters and matrices, Adam for the rest.
"""

import torch


def orthogonal(matrices, steps=5):
    """Matrices [count, rows, columns] with their singular values near one (Newton-Schulz)."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = matrices.bfloat16()
    tall = x.shape[1] > x.shape[2]
    x = x.mT if tall else x
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(steps):
        square = x @ x.mT
        x = a * x + (b * square + c * square @ square) @ x
    return (x.mT if tall else x).float()


class Muon(torch.optim.Optimizer):
    """
    For parameters of two or more dimensions: a step moves each number by about a fifth of `lr`.
    `run(function, items)` is `map`, or one that uses several threads.
    """

    def __init__(self, parameters, lr, momentum=0.95, run=map):
        super().__init__(parameters, {"lr": lr, "momentum": momentum})
        self.run = run

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            # The largest first: a thread that is done early takes the small ones.
            parameters = sorted(group["params"], key=torch.numel, reverse=True)
            list(self.run(lambda one: self.update(one, group["lr"], group["momentum"]), parameters))

    @torch.no_grad()
    def update(self, parameter, lr, momentum):
        state = self.state[parameter]
        if "momentum" not in state:
            state["momentum"] = torch.zeros_like(parameter)
        state["momentum"].lerp_(parameter.grad, 1 - momentum)
        direction = parameter.grad.lerp(state["momentum"], momentum).flatten(1)
        size = 0.2 * max(direction.shape) ** 0.5
        parameter.add_(orthogonal(direction[None])[0].view_as(parameter), alpha=-lr * size)
