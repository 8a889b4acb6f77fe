"""
Gradients of a batch, made in parts by threads of one core each. On a processor that others use as
well this is several times faster than operations that are split over the cores: those wait for
their slowest part every time, and these once a step.
"""

import queue
from concurrent.futures import ThreadPoolExecutor

import torch


class Gradients:
    """`loss(network, *batch)`, a mean over the batch, and its gradients in the parameters."""

    def __init__(self, network, loss, threads):
        self.network, self.loss = network, loss
        self.parameters = list(network.parameters())
        self.threads = threads
        if threads > 1:
            torch.set_num_threads(1)
            start = torch.set_num_threads
            self.pool = ThreadPoolExecutor(threads, initializer=start, initargs=(1,))

    @property
    def map(self):
        return self.pool.map if self.threads > 1 else map

    def __call__(self, *batch):
        """The loss; the gradients come to lie where optimizers look for them."""
        if self.threads <= 1:
            self.network.zero_grad()
            loss = self.loss(*batch)
            loss.backward()
            return loss.detach()
        parts = queue.SimpleQueue()
        # Two for each thread, so that one whose core is taken by others is waited for less.
        for part in zip(*(whole.tensor_split(2 * self.threads) for whole in batch)):
            if len(part[0]):
                parts.put(part)
        jobs = [self.pool.submit(self.work, parts, len(batch[0])) for _ in range(self.threads)]
        losses, sums = zip(*(job.result() for job in jobs))
        sums = [one for one in sums if one is not None]
        for other in sums[1:]:
            torch._foreach_add_(sums[0], other)
        for parameter, gradient in zip(self.parameters, sums[0]):
            parameter.grad = gradient
        return sum(losses)

    def work(self, parts, whole):
        """A thread takes parts until none are left."""
        total, sums = torch.zeros(()), None
        while True:
            try:
                part = parts.get_nowait()
            except queue.Empty:
                return total, sums
            loss = self.loss(*part) * (len(part[0]) / whole)
            gradients = list(torch.autograd.grad(loss, self.parameters))
            total += loss.detach()
            if sums is None:
                sums = gradients
            else:
                torch._foreach_add_(sums, gradients)
