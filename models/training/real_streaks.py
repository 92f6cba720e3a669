"""Streaks of real rain, taken from photographs and laid over clean ones: pairs with a truth whose streaks nobody synthesised.

Where the scene behind the rain is dark and far out of focus, what is narrow and brighter than its surroundings is rain. The
photographs of real/rain are never trained on, and no network takes part. It is no recorded pair: splashes, mist, and what rain does
to the light of a scene are missing, and streaks that are wider than OPENING or over something sharp.
"""
from __future__ import annotations

import os

import torch
import torch.nn.functional as F

import datasets
from synthesis.random import integer
from synthesis.rain import damage

# Photographs of real/rain with a part, (left, top, right, bottom), in which rain falls before a dark blur.
PARTS = (("029", (0, 0, 480, 100)), ("109", (540, 60, 640, 320)), ("117", (610, 0, 900, 600)), ("133", (0, 0, 150, 110)),
         ("137", (0, 0, 170, 130)), ("141", (500, 0, 650, 320)))
# Height and width of what is wider than a streak; streaks are steep here.
OPENING = (3, 15)
# What a streak shows is the sky; what is less opaque than the noise is none.
SKY, NOISE = 0.95, 0.015
# Pixels over which a layer fades at its edge, as it is laid again and again.
FADE = 8


def layers(data: str) -> list[torch.Tensor]:
    """How opaque the streaks of each of PARTS are, [H,W] in 0 to 1."""
    out = []
    for name, (left, top, right, bottom) in PARTS:
        photograph = datasets.load(os.path.join(data, "real", "rain", name + ".jpg"))
        out.append(opacity(photograph[:, top:bottom, left:right].float() / 255))
    return out


def opacity(photograph: torch.Tensor) -> torch.Tensor:
    """How opaque the streaks before a dark blur [3,H,W] are, [H,W]."""
    light = photograph.mean(0)[None, None]
    behind = smooth(opened(light))
    return ((light - behind) / (SKY - behind) - NOISE).clamp(0, 1)[0, 0]


def opened(x: torch.Tensor) -> torch.Tensor:
    """Opening: the maximum of the minima of OPENING."""
    pad = tuple(side // 2 for side in OPENING)
    eroded = -F.max_pool2d(-x, OPENING, 1, pad)
    return F.max_pool2d(eroded, OPENING, 1, pad)


def smooth(x: torch.Tensor) -> torch.Tensor:
    return F.avg_pool2d(F.pad(x, (4,) * 4, mode="replicate"), 9, 1)


def covering(layer: torch.Tensor, height: int, width: int, g: torch.Generator) -> torch.Tensor:
    """A layer laid again and again until it covers height x width; the stronger streak counts where two overlap."""
    h, w = layer.shape
    fade = torch.minimum(ramp(h)[:, None], ramp(w)[None])
    out = torch.zeros(height + 2 * h, width + 2 * w)
    for y in range(0, height + h, h - FADE):
        for x in range(integer(g, 0, w - 1), width + w, w - FADE):
            place = out[y:y + h, x:x + w]
            place.copy_(torch.maximum(place, (layer * fade)[:place.shape[0], :place.shape[1]]))
    return out[h:h + height, w:w + width]


def ramp(n: int) -> torch.Tensor:
    at = torch.arange(n)
    return ((torch.minimum(at, n - 1 - at) + 1) / FADE).clamp(max=1)


def synthesise(clean: torch.Tensor, g: torch.Generator, layer: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Returns the photograph under the streaks of a layer and its mask, as synthesis.rain does."""
    opaque = covering(layer, *clean.shape[1:], g)
    degraded = clean * (1 - opaque) + SKY * opaque
    return degraded, damage(degraded, clean)
