"""Light rain: few streaks, from faint to as bright as the sky; most of the picture is undamaged.

The rain of rain.py is mostly dense. Rain100L (Yang et al. 2017) has thin bright streaks of one direction at 25 dB, photographs of
rain (SPA-Data, Wang et al. 2019) have thin faint ones, and both hide in texture. The strength of the rain is drawn as a PSNR, not
as a brightness, so that few streaks are bright ones. Some pictures have the part of a Rain100H layer above a floor.

Mask: as in rain.py.
"""
from __future__ import annotations

import math

import torch

from .rain import damage, recorded, smeared
from .random import chance, integer, log_uniform, normal, uniform


def synthesise(clean: torch.Tensor, g: torch.Generator, layers: list[torch.Tensor] | tuple = (),
               depth: torch.Tensor | None = None) -> tuple[torch.Tensor, torch.Tensor]:
    _, height, width = clean.shape
    if layers and chance(g, 0.35):
        rain = recorded(layers, height, width, g, clean.device)
        rain = (rain - uniform(g, 0.1, 0.6) * rain.max()).clamp(min=0)
    else:
        angle = math.pi / 2 + normal(g, 0.35)
        rain = sum(smeared(height, width, g, clean.device, log_uniform(g, 8, 60), log_uniform(g, 0.4, 1.2),
                           angle + normal(g, 0.08), log_uniform(g, 0.02, 0.25)) for _ in range(integer(g, 1, 2)))
    wanted = 10 ** (-uniform(g, 19, 36) / 20)
    rain = rain * min(wanted / (rain.square().mean().sqrt().item() + 1e-6), 1.2 / (rain.max().item() + 1e-6))
    if chance(g, 0.5):
        degraded = clean + rain
    else:
        degraded = 1 - (1 - clean) * (1 - rain.clamp(0, 1))
    degraded = degraded.clamp(0, 1)
    return degraded, damage(degraded, clean)
