"""Raindrops on a lens or window, out of focus.

A drop is a fish-eye lens: it shows the scene reduced, upside down and, since the camera focuses behind the glass, blurred. Its
shape is a soft disc, deformed by gravity. Small blurred drops in a bright scene are pale discs (Qian et al. 2018, whose two
development pairs were compared by eye); drops nearer to focus have a dark rim and a highlight.

Mask: damaged where the maximum over channels of |I - J| exceeds 18/255, closed over 5x5 pixels. Qian et al. use 30/255; the
fainter rims of a defocused drop are visible, too, and must be restored.
"""
from __future__ import annotations

import math

import torch
import torch.nn.functional as F

from .filters import gaussian_blur, smooth_noise
from .random import chance, integer, log_uniform, normal, uniform
from .undamaged import disc_blur

THRESHOLD = 18 / 255


def damage(degraded: torch.Tensor, clean: torch.Tensor) -> torch.Tensor:
    """The mask: where the picture differs visibly, without pinholes."""
    mask = ((degraded - clean).abs().amax(0, keepdim=True) > THRESHOLD).float()
    return -F.max_pool2d(-F.max_pool2d(mask[None], 5, 1, 2), 5, 1, 2)[0]


def around(cy: float, cx: float, radius: float, height: int, width: int, device: torch.device) -> tuple[tuple, torch.Tensor,
           torch.Tensor]:
    """The part of a picture that a drop can reach, as an index, with rows and columns relative to the drop's centre; empty where
    the drop is outside."""
    reach = int(1.6 * radius + 2)
    top, left = max(0, int(cy) - reach), max(0, int(cx) - reach)
    bottom, right = max(top, min(height, int(cy) + reach)), max(left, min(width, int(cx) + reach))
    rows = torch.arange(top, bottom, device=device, dtype=torch.float32)[:, None] - cy
    columns = torch.arange(left, right, device=device, dtype=torch.float32)[None] - cx
    return (slice(None), slice(top, bottom), slice(left, right)), rows, columns


def shape(rows: torch.Tensor, columns: torch.Tensor, radius: float, g: torch.Generator, device: torch.device) -> torch.Tensor:
    """Signed size of a drop on a window of coordinates: 1 in the centre, 0 on the rim, negative outside."""
    squash = uniform(g, 0.75, 1.15)
    turn = normal(g, 0.5)
    u = rows * math.cos(turn) - columns * math.sin(turn)
    v = rows * math.sin(turn) + columns * math.cos(turn)
    angle = torch.atan2(v, u)
    bumps = sum(normal(g, 0.07 / k) * torch.cos(k * angle + uniform(g, 0, 6.3)) for k in (2, 3, 4, 5))
    return 1 - torch.sqrt((u / squash) ** 2 + v ** 2) / radius + bumps


def misted(scene: torch.Tensor, g: torch.Generator) -> torch.Tensor:
    """A film of mist on the glass, in a fifth of all. It stays when drops go: it looks like a soft background, and networks that were to
    take it away changed the colours of those."""
    if not chance(g, 0.2):
        return scene
    sky = scene[:, :scene.shape[1] // 2].mean((1, 2), keepdim=True)
    mist = uniform(g, 0.02, 0.1) * smooth_noise(*scene.shape[1:], 3, g, scene.device)
    return scene * (1 - mist) + mist * (sky * 0.5 + 0.4)


def synthesise_sharp(clean: torch.Tensor, g: torch.Generator, depth: torch.Tensor | None = None) -> tuple[torch.Tensor, torch.Tensor]:
    """Drops in focus, or nearly: on a window before a far scene, or seen by a telephone's small lens."""
    return synthesise(clean, g, depth, focus=(0.01, 0.06))


def behind_glass(scene: torch.Tensor, g: torch.Generator) -> torch.Tensor:
    """The scene when the camera focuses on the glass: mostly out of focus. It stays so when drops go."""
    return disc_blur(scene, log_uniform(g, 2, 16)) if chance(g, 0.75) else scene


def synthesise_fine(clean: torch.Tensor, g: torch.Generator, depth: torch.Tensor | None = None) -> tuple[torch.Tensor, torch.Tensor]:
    """Many fine drops in focus on a window, some of which have run down it."""
    degraded, _ = synthesise(rivulets(clean, g), g, depth, focus=(0.03, 0.3), typical=(0.004, 0.02), sizes=(0.4, 4), many=(60, 500),
                             lens=(0.1, 0.6))
    return degraded, damage(degraded, clean)


def rivulets(clean: torch.Tensor, g: torch.Generator) -> torch.Tensor:
    """Water that runs down a window: a lens across its way, which shows what is beside it the other way round, light at one edge."""
    _, height, width = clean.shape
    y, x = torch.linspace(-1, 1, height)[:, None], torch.arange(width)[None].float()
    wander = lambda bumps: smooth_noise(height, 1, bumps / height, g)[0]
    for _ in range(integer(g, 0, 5)):
        way = uniform(g, 0, width) + log_uniform(g, 4, 40) * (wander(uniform(g, 2, 12)) - 0.5)
        wide = log_uniform(g, 0.8, 4) * (0.5 + wander(uniform(g, 3, 20)))
        first, last = sorted((uniform(g, -1.5, 1), uniform(g, -0.5, 1.5)))
        across = (x - way) / wide
        cover = ((1 - across.abs()) * wide + 0.5).clamp(0, 1) * ((y > first) & (y < last)) * uniform(g, 0.5, 1)
        other = (way - across * wide * uniform(g, 2, 12)) / width * 2 - 1
        grid = torch.stack([other, y.expand_as(other)], -1)[None].to(clean.device)
        view = F.grid_sample(clean[None], grid, padding_mode="reflection", align_corners=False)[0]
        shade = (uniform(g, -0.4, 0.4) * across.clamp(-1, 1)).to(clean.device)
        clean = clean + cover.to(clean.device) * ((view + shade).clamp(0, 1) - clean)
    return clean


def synthesise(clean: torch.Tensor, g: torch.Generator, depth: torch.Tensor | None = None,
               focus: tuple[float, float] = (0.06, 0.5), typical: tuple[float, float] = (0.02, 0.09),
               sizes: tuple[float, float] = (0.5, 2.0), many: tuple[float, float] = (10, 140),
               lens: tuple[float, float] | None = None) -> tuple[torch.Tensor, torch.Tensor]:
    """Drops out of focus; `focus` is the range of the defocus in radii of a typical drop, `typical` that of these radii in the
    picture's shorter sides, `sizes` that of a drop's radius in typical ones, `many` how many drops there are, `lens` how much lighter the foot of a drop is
    than its middle, and the top darker: it shows sky and ground beyond the picture, upside down."""
    _, height, width = clean.shape
    device = clean.device
    side = min(height, width)
    mean = F.avg_pool2d(clean[None], 8, ceil_mode=True)[0]
    sky = clean[:, :height // 2].mean((1, 2), keepdim=True)
    # A drop sees the scene beyond the picture's edges; reflect it there.
    alpha = torch.zeros(1, height, width, device=device)
    content = torch.zeros(3, height, width, device=device)
    rim = torch.zeros(1, height, width, device=device)
    middle = log_uniform(g, *typical) * side
    soft = log_uniform(g, *focus) * middle  # defocus of the glass in pixels
    opacity = uniform(g, 0.7, 1.0)
    pale = uniform(g, 0.0, 0.8)
    shade = uniform(g, *lens) if lens else 0.0
    for _ in range(int(log_uniform(g, *many))):
        radius = min(middle * log_uniform(g, *sizes), 0.16 * side)
        cy, cx = uniform(g, 0, height), uniform(g, 0, width)
        window, rows, columns = around(cy, cx, radius, height, width, device)
        if not rows.numel() or not columns.numel():
            continue
        size = shape(rows, columns, radius, g, device)
        cover = torch.clamp(size * radius / 1.5 + 0.5, 0, 1) * uniform(g, 0.6, 1.0)
        shrink = uniform(g, 0.5, 1.6) * side / (2 * radius)
        grid = torch.stack(torch.broadcast_tensors(
            (cx - columns * shrink) / width * 2 - 1, (cy - rows * shrink) / height * 2 - 1), -1)
        view = F.grid_sample(mean[None], grid[None], padding_mode="reflection", align_corners=False)[0]
        view = view * uniform(g, 0.85, 1.2)
        view = view + pale * uniform(g, 0.3, 1.0) * (sky * 0.6 + 0.4 - view)
        if shade:
            view = view + shade * uniform(g, 0.5, 1.2) * (rows / radius).clamp(-1, 1)
        if chance(g, 0.4):  # a highlight towards the light
            glint = torch.exp(-((rows + 0.45 * radius) ** 2 + (columns - normal(g, 0.2) * radius) ** 2)
                              / (2 * (0.16 * radius + 0.5) ** 2))
            view = view + uniform(g, 0.1, 0.6) * glint
        content[window] = content[window] * (1 - cover) + view * cover
        alpha[window] = torch.maximum(alpha[window], cover[None])
        rim[window] = torch.maximum(rim[window], torch.exp(-(size / 0.18) ** 2)[None] * (size > -0.3))
    weight = gaussian_blur(alpha, soft)
    seen = gaussian_blur(content, soft) / (weight + 1e-3)
    dark = gaussian_blur(rim, soft) * uniform(g, 0.0, 0.5)
    weight = (weight * opacity).clamp(0, 1)
    degraded = clean * (1 - weight) + (seen.clamp(0, 1.3) * (1 - dark)) * weight
    degraded = degraded.clamp(0, 1)
    return degraded, damage(degraded, clean)
