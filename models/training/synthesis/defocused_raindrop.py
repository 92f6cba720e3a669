"""Raindrops far out of focus: soft discs of light, through which the picture remains visible.

Each drop spreads over the circle of confusion, so a point of the picture receives J (1 - a) + C a in linear light, where a is the
drop's share of the aperture and C the light that it gathers from a wide part of the scene, which is greyer than single places. a
falls from the centre of a disc to its rim: drop and aperture have about the same size, so their convolution has no flat top. On
the two development pairs of Qian et al. (2018) the remaining gradients (the share 1 - a) have quartiles of 0.4 to 0.9, and half
to four fifths of the squared error is smoother than 16 pixels.

Mask: as in raindrop.py.
"""
from __future__ import annotations

import math

import torch
import torch.nn.functional as F

from .filters import gaussian_blur, smooth_noise
from .random import chance, log_uniform, uniform
from .raindrop import around, damage, shape


def wide_view(linear: torch.Tensor, height: int, width: int) -> torch.Tensor:
    """The light that drops gather at each place: the scene averaged over a third of the picture, mirrored at its edges."""
    small = F.interpolate(linear[None], (24, 24), mode="area")
    small = F.avg_pool2d(F.pad(small, (4, 4, 4, 4), mode="reflect"), 9, 1)
    return F.interpolate(small, (height, width), mode="bilinear", align_corners=False)[0]


def synthesise(clean: torch.Tensor, g: torch.Generator, depth: torch.Tensor | None = None) -> tuple[torch.Tensor, torch.Tensor]:
    _, height, width = clean.shape
    device = clean.device
    side = min(height, width)
    linear = clean.pow(2.2)
    scene = linear.mean((1, 2), keepdim=True)
    view = wide_view(linear, height, width)
    view = view + uniform(g, 0, 1) * (scene - view)
    sky = linear[:, :height // 2].flatten(1).quantile(0.9, 1)[:, None, None]
    sky = sky + uniform(g, 0, 0.6) * (sky.mean() - sky)  # light from many directions is greyer than that from one
    through = torch.ones(1, height, width, device=device)
    light = torch.zeros(3, height, width, device=device)
    typical = log_uniform(g, 0.035, 0.13) * side
    soft = uniform(g, 0.25, 1.4)
    strong = uniform(g, 0.5, 1.0)
    bright = uniform(g, 0.1, 1.2)
    tint = 1 + 0.2 * torch.rand(3, 1, 1, generator=g).to(device) - 0.1
    drops = log_uniform(g, 0.3, 2.5) * height * width / (math.pi * typical * typical)
    for _ in range(int(min(drops, 250))):
        radius = typical * log_uniform(g, 0.6, 1.7)
        cy, cx = uniform(g, -0.05, 1.05) * height, uniform(g, -0.05, 1.05) * width
        window, rows, columns = around(cy, cx, radius, height, width, device)
        if not rows.numel() or not columns.numel():
            continue
        size = (shape(rows, columns, radius, g, device) / soft).clamp(0, 1)
        cover = strong * uniform(g, 0.4, 1.0) * size * size * (3 - 2 * size)
        gathered = view[window]
        gathered = (gathered + bright * uniform(g, 0.3, 1.3) * (sky - gathered)) * tint
        light[window] = light[window] * (1 - cover) + gathered * cover
        through[window] = through[window] * (1 - cover)
    if chance(g, 0.7):  # wet glass scatters between its drops, too
        film = log_uniform(g, 0.03, 0.4) * (0.4 + 0.6 * smooth_noise(height, width, 3, g, device))
        light = light * (1 - film) + (scene + 0.5 * bright * (sky - scene)) * film
        through = through * (1 - film)
    if chance(g, 0.5):  # the light that a drop gathers is not uniform
        light = light * (0.8 + 0.4 * gaussian_blur(smooth_noise(height, width, side / typical, g, device), 1.0))
    degraded = (linear * through + light).clamp(0, 1).pow(1 / 2.2)
    return degraded, damage(degraded, clean)
