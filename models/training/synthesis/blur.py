"""Motion blur: the mean of what the sensor saw along the camera's path, in linear light.

The path is a camera shake (a damped random walk of position and roll) or a straight line; roll and depth make the blur vary over
the picture. The path's mean displacement is subtracted, so the blurred picture stays in register.

Mask: the local blur extent, i.e. the RMS displacement of a point over the exposure, divided by 6 pixels and clipped to 1. It is
smooth, and defined on flat areas too, where |I - J| is zero although the blur is the same. It is 1 from 6 pixels RMS on, which is
a straight path of 21 pixels, and does not tell how much longer a path is.
"""
from __future__ import annotations

import math

import torch
import torch.nn.functional as F

from .filters import gaussian_blur, smooth_noise
from .random import chance, integer, log_uniform, normal, uniform

FRAMES = 20
EXTENT = 6.0
LONGEST = 11.5  # RMS displacement in pixels, some 40 from end to end
MOST_FRAMES = 90


def path(g: torch.Generator) -> torch.Tensor:
    """Displacement and roll over the exposure: [FRAMES,3], the first two of unit RMS, zero mean."""
    if chance(g, 0.3):
        angle = uniform(g, 0, math.pi)
        t = torch.linspace(-1, 1, FRAMES)
        bend = normal(g, 0.15) * (t ** 2)
        points = torch.stack([t * math.cos(angle) - bend * math.sin(angle),
                              t * math.sin(angle) + bend * math.cos(angle), torch.zeros(FRAMES)], 1)
    else:
        keep = uniform(g, 0.6, 0.97)
        velocity = torch.randn(3, generator=g)
        points = torch.zeros(FRAMES, 3)
        for i in range(1, FRAMES):
            velocity = keep * velocity + math.sqrt(1 - keep ** 2) * torch.randn(3, generator=g)
            points[i] = points[i - 1] + velocity
    points = points - points.mean(0)
    rms = points.pow(2).mean(0)
    points[:, :2] /= (rms[:2].sum().sqrt() + 1e-6)
    points[:, 2] /= (rms[2].sqrt() + 1e-6)
    return points


def without_gaps(points: torch.Tensor, shake: float) -> torch.Tensor:
    """Resamples the path to steps of about a pixel at most: the trail of an edge or a lamp is even, not a row of copies."""
    length = shake * (points[1:, :2] - points[:-1, :2]).norm(dim=1).sum().item()
    frames = min(MOST_FRAMES, max(FRAMES, math.ceil(length)))
    points = F.interpolate(points.T[None], frames, mode="linear", align_corners=True)[0].T
    return points - points.mean(0)


def lit(linear: torch.Tensor, g: torch.Generator) -> torch.Tensor:
    """Linear light of a scene whose clipped places are brighter than white: lamps and their reflections much brighter, since
    their trails are as bright as they are; a clipped sky or window only a little."""
    luma = linear.mean(0, keepdim=True)
    above = ((luma - uniform(g, 0.88, 0.95)) / 0.05).clamp(0, 1)  # only what is nearly white, so that the truth does not change
    small = (1 - gaussian_blur(above, 0.03 * min(linear.shape[1:]))).clamp(0, 1).square()
    strong = smooth_noise(*linear.shape[1:], 8, g, linear.device)  # lamps differ in brightness
    return linear * (1 + above * (uniform(g, 0.0, 0.5) + small * log_uniform(g, 2.0, 60.0) ** strong))


def lamps(clean: torch.Tensor, g: torch.Generator) -> torch.Tensor:
    """Turns the scene to night, with lamps: white where the camera clips them, coloured around that. The sharp picture has them,
    too."""
    if chance(g, 0.4):
        return clean
    _, height, width = clean.shape
    if clean.mean() > 0.25:
        clean = clean.clamp(min=1e-4) ** uniform(g, 1.2, 2.0) * uniform(g, 0.25, 0.6)
    y = torch.arange(height, dtype=torch.float32)[:, None]
    x = torch.arange(width, dtype=torch.float32)[None]
    light = torch.zeros(3, height, width)
    for _ in range(integer(g, 2, 25)):
        radius = log_uniform(g, 0.6, 0.012 * min(height, width) + 0.8)
        distance = ((y - uniform(g, 0, height)).square() + (x - uniform(g, 0, width)).square()).sqrt()
        core = (radius + 0.5 - distance).clamp(0, 1)[None]
        colour = 0.3 + 0.7 * torch.rand(3, 1, 1, generator=g)
        halo = uniform(g, 0.1, 0.5) * torch.exp(-0.5 * (distance / (3 * radius)).square())[None] * colour
        light = torch.maximum(light, torch.maximum(core, halo))
    return torch.maximum(clean, light.to(clean.device))


def synthesise_night(clean: torch.Tensor, g: torch.Generator, depth: torch.Tensor | None = None) -> tuple[torch.Tensor,
                     torch.Tensor]:
    """A shake with lights brighter than white."""
    return synthesise(clean, g, depth, lights=True)


def synthesise(clean: torch.Tensor, g: torch.Generator, depth: torch.Tensor | None = None, lights: bool = False) -> tuple[
               torch.Tensor, torch.Tensor]:
    _, height, width = clean.shape
    device = clean.device
    points = path(g)
    shake = log_uniform(g, 0.8, LONGEST)
    points = without_gaps(points, shake)
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
    degraded = (total[0] / len(points)).clamp(0, 1).pow(1 / 2.2)
    if chance(g, 0.3):
        degraded = degraded + torch.randn(degraded.shape, generator=g).to(device) * uniform(g, 0, 1.5 / 255)
    mask = ((square / len(points)).sqrt() / EXTENT).clamp(0, 1)
    return degraded.clamp(0, 1), mask
