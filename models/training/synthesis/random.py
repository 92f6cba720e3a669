"""Random draws with readable names."""
from __future__ import annotations

import math

import torch


def uniform(g: torch.Generator, low: float, high: float) -> float:
    return low + (high - low) * torch.rand((), generator=g).item()


def log_uniform(g: torch.Generator, low: float, high: float) -> float:
    return math.exp(uniform(g, math.log(low), math.log(high)))


def chance(g: torch.Generator, probability: float) -> bool:
    return torch.rand((), generator=g).item() < probability


def integer(g: torch.Generator, low: int, high: int) -> int:
    """A whole number in low..high, both included."""
    return torch.randint(low, high + 1, (), generator=g).item()


def normal(g: torch.Generator, sigma: float = 1.0) -> float:
    return sigma * torch.randn((), generator=g).item()
