"""Rain near the camera: streaks of 1 to 15 px that taper, bend, blur with distance and let the scene shine through.

Photographs of rain (Garg and Nayar 2007) show streaks of very different width in one picture: each drop is smeared over the
exposure; near drops make wide streaks, which are out of focus. A streak refracts a wide part of the scene, so it is about as
bright as the sky and brighter than most of its background. The thin uniform lines of light_rain.py and rain.py are far streaks.
Some pictures have splashes, or water that runs from an edge.

Mask: as in rain.py.
"""
from __future__ import annotations

import math

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageDraw

from .filters import gaussian_blur
from .rain import damage
from .random import chance, integer, log_uniform, normal, uniform

FINER = 2  # strokes are drawn at twice the size, since PIL does not antialias


def outline(x: float, y: float, angle: float, length: float, width: float, bend: float) -> list[tuple]:
    """The outline of a stroke, pointed at both ends, in pixels of the finer picture."""
    t = np.linspace(-0.5, 0.5, 7)
    along, across = t * length, bend * length * (t * t - 0.25)
    half = width / 2 * np.sqrt(np.clip(1 - (2 * t) ** 4, 0.02, 1))
    turn = lambda a, b: (x + a * math.cos(angle) - b * math.sin(angle), y + a * math.sin(angle) + b * math.cos(angle))
    left, right = turn(along, across - half), turn(along, across + half)
    return [tuple(p) for p in np.stack(left, 1)] + [tuple(p) for p in np.stack(right, 1)[::-1]]


def drawn(height: int, width: int, shapes: list[tuple]) -> torch.Tensor:
    """Draws (outline, value) in turn; returns [1,H,W] in 0..1."""
    canvas = Image.new("L", (width * FINER, height * FINER))
    draw = ImageDraw.Draw(canvas)
    for points, value in shapes:
        draw.polygon([(x * FINER, y * FINER) for x, y in points], fill=round(255 * value))
    fine = torch.from_numpy(np.array(canvas)).float()[None, None] / 255
    return F.avg_pool2d(fine, FINER)[0]


def layer(height: int, width: int, g: torch.Generator, angle: float, thick: float, count: int) -> torch.Tensor:
    """Streaks of one distance, `thick` px wide; wider ones are softer."""
    shapes, spread, aspect = [], abs(normal(g, 0.06)), log_uniform(g, 8, 40)
    bend = normal(g, 0.02)
    for _ in range(count):
        wide = thick * log_uniform(g, 0.6, 1.6)
        long = min(wide * aspect * log_uniform(g, 0.5, 2.0), 0.8 * height)
        shapes.append((outline(uniform(g, -0.05, 1.05) * width, uniform(g, -0.1, 1.1) * height, angle + normal(g, spread),
                               long, wide, bend + normal(g, 0.01)), uniform(g, 0.3, 1.0)))
    return gaussian_blur(drawn(height, width, shapes), thick * uniform(g, 0.1, 0.6))


def running_water(height: int, width: int, g: torch.Generator) -> torch.Tensor:
    """Threads of water from a roof or down a pane: long, upright, close together."""
    shapes, left, right = [], uniform(g, -0.1, 0.6) * width, 0.0
    right = left + uniform(g, 0.2, 0.7) * width
    for _ in range(integer(g, 5, 40)):
        long = log_uniform(g, 0.2, 1.2) * height
        shapes.append((outline(uniform(g, left, right), uniform(g, 0, 1) * height, math.pi / 2 + normal(g, 0.03), long,
                               log_uniform(g, 1.0, 5.0), normal(g, 0.01)), uniform(g, 0.2, 0.9)))
    return gaussian_blur(drawn(height, width, shapes), uniform(g, 0.3, 1.2))


def splashes(height: int, width: int, g: torch.Generator) -> torch.Tensor:
    """Short strokes in all directions around points near the ground."""
    shapes = []
    for _ in range(integer(g, 3, 25)):
        x, y, size = uniform(g, 0, 1) * width, uniform(g, 0.5, 1) * height, log_uniform(g, 2, 10)
        for _ in range(integer(g, 3, 8)):
            angle = uniform(g, -math.pi, 0)
            shapes.append((outline(x + size * math.cos(angle), y + size * math.sin(angle), angle, size * uniform(g, 0.3, 1),
                                   log_uniform(g, 0.8, 2.5), 0.0), uniform(g, 0.3, 1)))
    return gaussian_blur(drawn(height, width, shapes), uniform(g, 0.3, 1.0))


def synthesise(clean: torch.Tensor, g: torch.Generator, depth: torch.Tensor | None = None,
               layers: list[torch.Tensor] | tuple = ()) -> tuple[torch.Tensor, torch.Tensor]:
    _, height, width = clean.shape
    angle = math.pi / 2 + normal(g, 0.3)
    thick = log_uniform(g, 0.9, 9.5)
    share = log_uniform(g, 0.01, 0.3)
    count = lambda wide, part: int(min(600, max(3, part * height * width / (wide * wide * 18))))
    alpha = layer(height, width, g, angle, thick, count(thick, share))
    if chance(g, 0.6):  # the farther ones
        far = max(0.6, thick * uniform(g, 0.25, 0.6))
        alpha = torch.maximum(alpha, uniform(g, 0.3, 0.9) * layer(height, width, g, angle + normal(g, 0.05), far, count(far, share)))
    if chance(g, 0.12):
        alpha = torch.maximum(alpha, uniform(g, 0.4, 1.0) * running_water(height, width, g))
    if chance(g, 0.12):
        alpha = torch.maximum(alpha, uniform(g, 0.4, 1.0) * splashes(height, width, g))
    alpha = (alpha * log_uniform(g, 0.12, 0.95)).to(clean.device)
    sky = clean.flatten(1).quantile(0.9, 1)[:, None, None]
    around = F.interpolate(F.interpolate(clean[None], (8, 8), mode="area"), (height, width), mode="bilinear", align_corners=False)[0]
    light = (around + uniform(g, 0.3, 1.0) * (sky - around)) * uniform(g, 0.9, 1.3) + uniform(g, 0.0, 0.25)
    light = light + uniform(g, 0.3, 1.0) * (light.mean(0, keepdim=True) - light)
    degraded = clean + alpha * (light - clean) if chance(g, 0.7) else clean + alpha * 0.7 * light
    if chance(g, 0.12):  # drops too far to be visible
        veil = uniform(g, 0.02, 0.12)
        degraded = degraded + veil * (sky.mean() * uniform(g, 0.8, 1.1) - degraded)
    degraded = degraded.clamp(0, 1)
    return degraded, damage(degraded, clean)
