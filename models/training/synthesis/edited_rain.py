"""Rain as image editors make it: noise over the whole picture, blurred along a direction, its levels raised, and blended in.

Most sets of rainy pairs are made so (Zhang, Sindagi and Patel 2019; Fu et al. 2017), and so is the rain of many pictures on the web.
It differs from points smeared on an empty layer (rain.py): its density goes up to a grey sheet with brighter streaks, which veils the
picture. Many of those pairs also have more contrast in the rainy picture than in its truth. That is not learned: nothing in a picture
tells it from a scene of much contrast, and undoing it near streaks alone would leave patches.

Mask: as in rain.py.
"""
from __future__ import annotations

import math

import torch

from .rain import damage, line_kernel
from .random import chance, log_uniform, normal, uniform


def sheet(height: int, width: int, g: torch.Generator, angle: float) -> torch.Tensor:
    """Noise blurred along `angle`, [1,H,W], from nothing (0) to opaque (1)."""
    kernel = line_kernel(height, width, log_uniform(g, 6, 55), angle, log_uniform(g, 0.4, 1.7), torch.device("cpu"))
    noise = torch.fft.irfft2(torch.fft.rfft2(torch.randn(height, width, generator=g)) * torch.fft.rfft2(kernel), s=(height, width))
    noise = noise / noise.std()
    floor = uniform(g, -1.6, 1.6)
    return ((noise - floor) / uniform(g, 1.2, 4.0)).clamp(0, 1)[None]


def blended(clean: torch.Tensor, rain: torch.Tensor, g: torch.Generator) -> torch.Tensor:
    """By one of the modes of image editors."""
    mode = uniform(g, 0, 1)
    if mode < 0.55:  # screen
        return 1 - (1 - clean) * (1 - rain)
    if mode < 0.75:  # linear dodge
        return clean + rain * uniform(g, 0.5, 1.0)
    if mode < 0.9:  # normal
        return clean + rain * (uniform(g, 0.6, 1.0) - clean)
    return torch.where(clean < 0.5, clean * (1 + rain), 1 - (1 - clean) * (1 - rain))  # overlay, lighter half


def synthesise(clean: torch.Tensor, g: torch.Generator, layers: list[torch.Tensor] | tuple = (),
               depth: torch.Tensor | None = None) -> tuple[torch.Tensor, torch.Tensor]:
    _, height, width = clean.shape
    angle = math.pi / 2 + normal(g, 0.35)
    rain = sheet(height, width, g, angle)
    if chance(g, 0.25):
        rain = torch.maximum(rain, sheet(height, width, g, angle + normal(g, 0.1)) * uniform(g, 0.3, 1.0))
    rain = (rain * log_uniform(g, 0.15, 0.95)).to(clean.device)
    degraded = blended(clean, rain, g).clamp(0, 1)
    return degraded, damage(degraded, clean)
