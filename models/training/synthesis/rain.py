"""Rain streaks: sparse points smeared along a direction, one to four layers, added to the scene.

Rain100H (Yang et al. 2017) is additive with several directions, dense and bright; Rain100L has one direction; photographs of rain
show thin faint streaks with a veil of drops too small to see (Garg and Nayar 2007). All of that range is drawn here. `layers` are
rain layers of the Rain100H development pairs (degraded minus clean), added to other photographs with flips and gains.

Mask: damaged where the maximum over channels of |I - J| exceeds 10/255. Qian et al. use 30/255 for drops; streaks are fainter,
and become visible on a smooth background at about 10/255.
"""
from __future__ import annotations

import math

import torch

from .random import chance, integer, log_uniform, normal, uniform

THRESHOLD = 10 / 255


def damage(degraded: torch.Tensor, clean: torch.Tensor) -> torch.Tensor:
    """The mask: where the picture differs visibly."""
    return ((degraded - clean).abs().amax(0, keepdim=True) > THRESHOLD).float()


def line_kernel(height: int, width: int, length: float, angle: float, sigma: float, device: torch.device) -> torch.Tensor:
    """A soft line through the origin of a periodic [H,W] grid, peak 1."""
    y = torch.arange(height, device=device, dtype=torch.float32)
    x = torch.arange(width, device=device, dtype=torch.float32)
    y = torch.where(y > height / 2, y - height, y)[:, None]
    x = torch.where(x > width / 2, x - width, x)[None]
    along = x * math.cos(angle) + y * math.sin(angle)
    across = y * math.cos(angle) - x * math.sin(angle)
    ends = torch.clamp((length / 2 - along.abs()) / (0.25 * length + 1) + 0.5, 0, 1)
    return torch.exp(-0.5 * (across / sigma) ** 2) * ends


def streaks(height: int, width: int, g: torch.Generator, device: torch.device, heavy: bool) -> torch.Tensor:
    """One layer of streaks [1,H,W], values from 0 up."""
    length = log_uniform(g, 12, 90) if heavy else log_uniform(g, 6, 60)
    sigma = log_uniform(g, 0.5, 1.4) if heavy else log_uniform(g, 0.35, 1.1)
    angle = math.pi / 2 + normal(g, 0.3)
    covered = log_uniform(g, 0.05, 0.6) if heavy else log_uniform(g, 0.01, 0.25)
    return smeared(height, width, g, device, length, sigma, angle, covered)


def smeared(height: int, width: int, g: torch.Generator, device: torch.device, length: float, sigma: float, angle: float,
            covered: float) -> torch.Tensor:
    """Points of random brightness, smeared over `length` pixels along `angle`; they cover about the share `covered` of the
    picture."""
    density = covered / (length * sigma * 2.5)
    points = torch.rand(height, width, generator=g)
    points = (points < density).float() * torch.rand(height, width, generator=g).add_(0.25)
    points = points.to(device)
    kernel = line_kernel(height, width, length, angle, sigma, device)
    layer = torch.fft.irfft2(torch.fft.rfft2(points) * torch.fft.rfft2(kernel), s=(height, width))
    return layer.clamp_(0, 1.5)[None]


def recorded(layers: list[torch.Tensor], height: int, width: int, g: torch.Generator, device: torch.device) -> torch.Tensor:
    """A Rain100H layer [3,H,W], tiled by reflection where it is smaller than the picture."""
    layer = layers[integer(g, 0, len(layers) - 1)].to(device)
    if chance(g, 0.5):
        layer = layer.flip(2)
    if chance(g, 0.5):
        layer = layer.flip(1)
    while layer.shape[1] < height or layer.shape[2] < width:
        layer = torch.cat([layer, layer.flip(1)], 1)
        layer = torch.cat([layer, layer.flip(2)], 2)
    top = integer(g, 0, layer.shape[1] - height)
    left = integer(g, 0, layer.shape[2] - width)
    return layer[:, top:top + height, left:left + width]


def synthesise(clean: torch.Tensor, g: torch.Generator, layers: list[torch.Tensor] | tuple = (),
               depth: torch.Tensor | None = None) -> tuple[torch.Tensor, torch.Tensor]:
    _, height, width = clean.shape
    device = clean.device
    kind = uniform(g, 0, 1)
    if layers and kind < 0.45:
        rain = recorded(layers, height, width, g, device) * uniform(g, 0.6, 1.15)
    else:
        heavy = kind < 0.7
        rain = sum(streaks(height, width, g, device, heavy)
                   for _ in range(integer(g, 2, 4) if heavy else integer(g, 1, 2)))
        tint = 1 + 0.08 * torch.rand(3, 1, 1, generator=g).to(device) - 0.04
        rain = rain * tint * (uniform(g, 0.35, 0.9) if heavy else log_uniform(g, 0.12, 0.7))
    degraded = clean + rain
    if chance(g, 0.2):  # the screen blend of DDN-like sets (Fu et al. 2017)
        degraded = 1 - (1 - clean) * (1 - rain.clamp(0, 1))
    if chance(g, 0.15):
        veil = uniform(g, 0.03, 0.2)
        degraded = degraded * (1 - veil) + veil * uniform(g, 0.6, 0.95)
    degraded = degraded.clamp(0, 1)
    return degraded, damage(degraded, clean)
