"""Raindrops far out of focus: soft discs of light over a picture that shows through.

Each drop spreads over the circle of confusion, so a point of the picture
receives J (1 - a) + C a in linear light, with a the drop's share of the
aperture and C the light it gathers from a wide part of the scene, mostly
bright and grey. On the two development pairs of Qian et al. (2018) the
gradients that remain, the share 1 - a, have quartiles of 0.4 to 0.9, and half
to four fifths of the squared error is smoother than 16 pixels.

Mask: as for drops nearer to focus.
"""
import torch
import torch.nn.functional as F

from .filters import gaussian_blur, smooth_noise
from .random import chance, log_uniform, uniform
from .raindrop import around, damage, shape


def synthesise(clean, g, depth=None):
    _, height, width = clean.shape
    device = clean.device
    side = min(height, width)
    linear = clean.pow(2.2)
    scene = linear.mean((1, 2), keepdim=True)
    sky = linear[:, :height // 2].flatten(1).quantile(0.9, 1)[:, None, None]
    sky = sky + uniform(g, 0, 0.6) * (sky.mean() - sky)  # light of many directions is greyer than any of them
    through = torch.ones(1, height, width, device=device)
    light = torch.zeros(3, height, width, device=device)
    typical = log_uniform(g, 0.03, 0.1) * side
    soft = log_uniform(g, 0.15, 0.9)
    strong = uniform(g, 0.4, 0.95)
    bright = uniform(g, 0.4, 1.1)
    for _ in range(int(log_uniform(g, 25, 200))):
        radius = typical * log_uniform(g, 0.6, 1.7)
        cy, cx = uniform(g, -0.05, 1.05) * height, uniform(g, -0.05, 1.05) * width
        window, rows, columns = around(cy, cx, radius, height, width, device)
        if not rows.numel() or not columns.numel():
            continue
        size = (shape(rows, columns, radius, g, device) / soft).clamp(0, 1)
        cover = strong * uniform(g, 0.3, 1.0) * size * size * (3 - 2 * size)
        colour = scene + bright * uniform(g, 0.5, 1.3) * (sky - scene)
        light[window] = light[window] * (1 - cover) + colour * cover
        through[window] = through[window] * (1 - cover)
    if chance(g, 0.6):  # wet glass scatters between its drops, too
        film = log_uniform(g, 0.02, 0.25) * (0.4 + 0.6 * smooth_noise(height, width, 3, g, device))
        light = light * (1 - film) + (scene + 0.5 * bright * (sky - scene)) * film
        through = through * (1 - film)
    if chance(g, 0.5):  # what a drop gathers is not even
        light = light * (0.8 + 0.4 * gaussian_blur(smooth_noise(height, width, side / typical, g, device), 1.0))
    degraded = (linear * through + light).clamp(0, 1).pow(1 / 2.2)
    return degraded, damage(degraded, clean)
