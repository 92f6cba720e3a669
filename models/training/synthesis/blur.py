"""Motion blur: the mean of what the sensor saw along a path of the camera, in linear light.

The path is a camera shake (a damped random walk of position and roll) or a
straight line; roll and depth make the blur vary over the picture. The path's
mean displacement is taken out, so the blurred picture stays in register.

Mask: the local blur extent, i.e. the RMS displacement of a point over the
exposure, divided by 6 pixels and clipped to 1. It is smooth and defined on
flat ground too, where |I - J| is zero though the blur is the same.
"""
from __future__ import annotations

import math

import torch
import torch.nn.functional as F

from .random import chance, log_uniform, normal, uniform

FRAMES = 20
EXTENT = 6.0
LONGEST = 9.0  # RMS displacement in pixels, some 30 from end to end
# At night: paths of 40 pixels from end to end, and lights that are clipped in the photograph.
NIGHT = {"longest": 11.5, "frames": 40, "lights": True}


def path(g: torch.Generator, frames: int = FRAMES) -> torch.Tensor:
    """Displacement and roll over the exposure: [frames,3], the first two of unit RMS, zero mean."""
    if chance(g, 0.3):
        angle = uniform(g, 0, math.pi)
        t = torch.linspace(-1, 1, frames)
        bend = normal(g, 0.15) * (t ** 2)
        points = torch.stack([t * math.cos(angle) - bend * math.sin(angle),
                              t * math.sin(angle) + bend * math.cos(angle), torch.zeros(frames)], 1)
    else:
        keep = uniform(g, 0.6, 0.97)
        velocity = torch.randn(3, generator=g)
        points = torch.zeros(frames, 3)
        for i in range(1, frames):
            velocity = keep * velocity + math.sqrt(1 - keep ** 2) * torch.randn(3, generator=g)
            points[i] = points[i - 1] + velocity
    points = points - points.mean(0)
    rms = points.pow(2).mean(0)
    points[:, :2] /= (rms[:2].sum().sqrt() + 1e-6)
    points[:, 2] /= (rms[2].sqrt() + 1e-6)
    return points


def lit(linear: torch.Tensor, g: torch.Generator) -> torch.Tensor:
    """Linear light of a scene whose clipped places are brighter than white, as lamps and their reflections are: they leave bright trails."""
    luma = linear.mean(0, keepdim=True)
    above = ((luma - uniform(g, 0.88, 0.95)) / 0.05).clamp(0, 1)  # what is nearly white, so that the truth stays what it is
    return linear * (1 + above * log_uniform(g, 1.0, 12.0))


def synthesise_night(clean: torch.Tensor, g: torch.Generator, depth: torch.Tensor | None = None) -> tuple[torch.Tensor,
                     torch.Tensor]:
    """Long shakes, and lights brighter than white."""
    return synthesise(clean, g, depth, **NIGHT)


def synthesise(clean: torch.Tensor, g: torch.Generator, depth: torch.Tensor | None = None, longest: float = LONGEST,
               frames: int = FRAMES, lights: bool = False) -> tuple[torch.Tensor, torch.Tensor]:
    _, height, width = clean.shape
    device = clean.device
    points = path(g, frames)
    shake = log_uniform(g, 0.8, longest)
    roll = abs(normal(g, 0.5)) * shake / (0.35 * width) if chance(g, 0.7) else 0.0
    near = 1.0
    if depth is not None and chance(g, 0.4):  # parallax: near things move more
        near = (2.5 / depth.clamp(0.5)).clamp(0.4, 2.5)
        near = near / near.mean()
    y = torch.arange(height, device=device, dtype=torch.float32)[:, None]
    x = torch.arange(width, device=device, dtype=torch.float32)[None]
    oy, ox = height * uniform(g, 0.2, 0.8), width * uniform(g, 0.2, 0.8)
    linear = (lit(clean.pow(2.2), g) if lights else clean.pow(2.2))[None]
    total = torch.zeros_like(linear)
    square = torch.zeros(1, height, width, device=device)
    for dx, dy, turn in points.tolist():
        move_x = shake * dx * near - roll * turn * (y - oy)
        move_y = shake * dy * near + roll * turn * (x - ox)
        move_x, move_y = torch.broadcast_tensors(torch.as_tensor(move_x, device=device),
                                                 torch.as_tensor(move_y, device=device))
        move_x, move_y = move_x.reshape(-1, *move_x.shape[-2:])[0], move_y.reshape(-1, *move_y.shape[-2:])[0]
        grid = torch.stack([(x + move_x + 0.5) * 2 / width - 1, (y + move_y + 0.5) * 2 / height - 1], -1)
        total += F.grid_sample(linear, grid[None], padding_mode="reflection", align_corners=False)
        square += move_x ** 2 + move_y ** 2
    degraded = (total[0] / frames).clamp(0, 1).pow(1 / 2.2)
    if chance(g, 0.3):
        degraded = degraded + torch.randn(degraded.shape, generator=g).to(device) * uniform(g, 0, 1.5 / 255)
    mask = ((square / frames).sqrt() / EXTENT).clamp(0, 1)
    return degraded.clamp(0, 1), mask
