"""How a photograph is developed after it was taken: levels, contrast, saturation, warmth and a vignette, by a camera's style or by
hand. Much haze that people bring has black blacks and strong colours because of that."""
from __future__ import annotations

import torch

from .random import chance, log_uniform, uniform


class Development:
    """One draw, which is applied alike to a picture, to what it shows without damage, and to the light of its haze."""

    def __init__(self, g: torch.Generator) -> None:
        self.low = uniform(g, 0, 0.12) if chance(g, 0.6) else 0.0
        self.high = uniform(g, 0.86, 1.0) if chance(g, 0.6) else 1.0
        self.gamma = log_uniform(g, 0.75, 1.35)
        self.contrast = uniform(g, 0, 0.9) if chance(g, 0.6) else 0.0
        self.saturation = uniform(g, 0.75, 1.5)
        warmth = uniform(g, -0.1, 0.1)
        self.tint = torch.tensor([1 + warmth, 1.0, 1 - warmth]).view(3, 1, 1)
        self.vignette = uniform(g, 0.1, 0.7) if chance(g, 0.25) else 0.0

    def colours(self, x: torch.Tensor) -> torch.Tensor:
        """Of a picture [3,H,W] or one colour [3,1,1]."""
        x = ((x - self.low) / (self.high - self.low)).clamp(0, 1) ** self.gamma
        x = x + self.contrast * (x * x * (3 - 2 * x) - x)  # steeper in the middle
        grey = x.mean(0, keepdim=True)
        return ((grey + self.saturation * (x - grey)) * self.tint.to(x.device)).clamp(0, 1)

    def picture(self, x: torch.Tensor) -> torch.Tensor:
        _, height, width = x.shape
        down, across = (torch.linspace(-1, 1, n, device=x.device) ** 2 for n in (height, width))
        return self.colours(x) * (1 - self.vignette * (down[:, None] + across) / 2)
