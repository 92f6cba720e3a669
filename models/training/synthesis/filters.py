"""Blurs that more than one degradation uses."""
from __future__ import annotations

import torch
import torch.nn.functional as F


def gaussian_blur(x: torch.Tensor, sigma: float) -> torch.Tensor:
    """x [C,H,W] blurred by a separable Gaussian of `sigma` pixels, reflected at the border."""
    if sigma < 0.2:
        return x
    radius = max(1, min(int(3 * sigma + 0.5), min(x.shape[1:]) - 1))
    t = torch.arange(-radius, radius + 1, dtype=x.dtype, device=x.device)
    kernel = torch.exp(-0.5 * (t / sigma) ** 2)
    kernel = kernel / kernel.sum()
    y = F.pad(x[:, None], (radius, radius, radius, radius), mode="reflect")
    y = F.conv2d(y, kernel.view(1, 1, 1, -1))
    return F.conv2d(y, kernel.view(1, 1, -1, 1))[:, 0]


def smooth_noise(height: int, width: int, cells: float, g: torch.Generator, device: str | torch.device = "cpu") -> torch.Tensor:
    """A smooth random field [1,H,W] in 0..1 with about `cells` bumps along the shorter side."""
    rows = max(2, round(cells * height / min(height, width)) + 1)
    columns = max(2, round(cells * width / min(height, width)) + 1)
    coarse = torch.rand(1, 1, rows, columns, generator=g).to(device)
    field = F.interpolate(coarse, (height, width), mode="bicubic", align_corners=True)[0]
    low, high = field.min(), field.max()
    return (field - low) / (high - low + 1e-6)
