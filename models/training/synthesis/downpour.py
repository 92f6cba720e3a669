"""A downpour: fine streaks at all distances, denser in gusts, most visible before dark things, with spray above the ground.

Photographs of heavy rain show neither Rain100H's bright bars nor a few thin lines. Streaks are as bright as the sky, so they
vanish before pale walls and stand out before dark coats and trees. Far streaks are fine and many, and only visible before things
still farther away. Farther drops merge into mist (Garg and Nayar 2007; Li, Cheong and Tan 2019). That mist is haze, which
sample_pool.py adds below the rain with its own mask.

Mask: as in rain.py.
"""
from __future__ import annotations

import math

import torch

from .filters import gaussian_blur, smooth_noise
from .haze import procedural_depth
from .rain import damage, smeared
from .random import chance, integer, log_uniform, normal, uniform


def gusts(height: int, width: int, g: torch.Generator) -> torch.Tensor:
    """Local density of the rain, [1,H,W] in 0..1."""
    return uniform(g, 0.1, 0.7) + 0.6 * smooth_noise(height, width, uniform(g, 1, 6), g)


def spray(height: int, width: int, g: torch.Generator, near: torch.Tensor) -> torch.Tensor:
    """Spray above the ground: specks, denser towards the lower edge, [1,H,W] in 0..1."""
    top = uniform(g, 0.35, 0.85)
    band = ((torch.linspace(0, 1, height)[:, None] - top) / uniform(g, 0.1, 0.4)).clamp(0, 1)
    specks = (torch.rand(1, height, width, generator=g) < log_uniform(g, 0.01, 0.15)).float()
    specks = gaussian_blur(specks, log_uniform(g, 0.5, 1.6))
    return specks / specks.amax().clamp(min=1e-3) * band * (0.4 + 0.6 * smooth_noise(height, width, uniform(g, 2, 10), g)) * near


def synthesise(clean: torch.Tensor, g: torch.Generator, depth: torch.Tensor | None = None,
               layers: list[torch.Tensor] | tuple = ()) -> tuple[torch.Tensor, torch.Tensor]:
    _, height, width = clean.shape
    depth = procedural_depth(height, width, g, clean.device) if depth is None else depth
    far = (depth / depth.flatten()[::7].quantile(0.8).clamp(min=0.1)).clamp(0, 1).cpu()
    angle, fine = math.pi / 2 + normal(g, 0.3), log_uniform(g, 0.35, 0.8)
    count = integer(g, 2, 4)
    alpha = torch.zeros(1, height, width)
    for k in range(count):  # from the farthest layer, which is only visible before farther things
        wide = fine * 1.45 ** k
        seen = (far * uniform(g, 1, 2)).clamp(0, 1) if k == 0 and chance(g, 0.6) else 1.0
        streaks = smeared(height, width, g, torch.device("cpu"), wide * log_uniform(g, 8, 45), wide, angle + normal(g, 0.05),
                          log_uniform(g, 0.1, 0.9) / 2 ** k)
        alpha = torch.maximum(alpha, streaks.clamp(0, 1) * gusts(height, width, g) * seen * uniform(g, 0.5, 1.0))
    alpha = alpha * log_uniform(g, 0.12, 0.8)
    if chance(g, 0.35):
        alpha = torch.maximum(alpha, spray(height, width, g, 1 - 0.5 * far) * uniform(g, 0.15, 0.6))
    sky = clean.flatten(1).quantile(0.92, 1)[:, None, None]
    light = (sky * uniform(g, 0.85, 1.2) + uniform(g, 0.0, 0.15)).clamp(0.35, 1)
    light = light + uniform(g, 0.5, 1.0) * (light.mean(0, keepdim=True) - light)
    degraded = (clean + alpha.to(clean.device) * (light - clean).clamp(min=-0.1)).clamp(0, 1)
    return degraded, damage(degraded, clean)
