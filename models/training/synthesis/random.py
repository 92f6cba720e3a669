"""Draws that read like the text that describes them."""
import math

import torch


def uniform(g, low, high):
    return low + (high - low) * torch.rand((), generator=g).item()


def log_uniform(g, low, high):
    return math.exp(uniform(g, math.log(low), math.log(high)))


def chance(g, probability):
    return torch.rand((), generator=g).item() < probability


def integer(g, low, high):
    """low..high, both included."""
    return torch.randint(low, high + 1, (), generator=g).item()


def normal(g, sigma=1.0):
    return sigma * torch.randn((), generator=g).item()
