"""The validation sets: pairs never trained on, synthesis with fixed seeds.

rain      10 rain100h pairs, all of rain100l and rain13k (pairs of those sets), 24 Kodak with our synthesis, 24 Kodak under streaks of real rain,
          18 McMaster with light rain
haze      20 NYU photographs with real depth under our haze and under RESIDE's, 4 streets of Cityscapes with measured depth, each
          under three of ours, the 4 haze_its pairs
raindrop  24 Kodak with our synthesis, 18 McMaster with drops far out of focus, the 2 real pairs
blur      24 Kodak and 18 McMaster with our synthesis
clean     24 Kodak, as they are
"""
from __future__ import annotations

import itertools
import os
import re
import zlib

import torch

import datasets
import real_streaks
from synthesis import SYNTHESIS, defocused_raindrop, light_rain
from synthesis.haze import reside

SETS = ("rain100h", "rain100l", "rain13k", "rain-kodak", "rain-real-kodak", "rain-mcmaster", "haze-nyu", "haze-reside",
        "haze-streets", "haze-its", "raindrop-kodak", "raindrop-mcmaster", "raindrop-real", "blur-kodak", "blur-mcmaster", "clean-kodak")
# Folders of those that are pairs as they are.
PAIRS = {"rain100l": "rain100l", "rain13k": "rain13k", "haze-its": "haze_its", "raindrop-real": "raindrop"}
# Hazes over each street.
STREET_DRAWS = 3
# Sets that are not made like a task's first kind.
MADE = {"rain-mcmaster": light_rain.synthesise, "raindrop-mcmaster": defocused_raindrop.synthesise, "haze-reside": reside}


def task_of(name: str) -> str:
    """The damage of a set, or `clean`."""
    return re.split(r"\d|-", name)[0]


def even(x: torch.Tensor) -> torch.Tensor:
    """Crops to multiples of 4, since some photographs have odd sizes."""
    return x[:, :x.shape[1] // 4 * 4, :x.shape[2] // 4 * 4]


def rounded(x: torch.Tensor) -> torch.Tensor:
    return (x.clamp(0, 1) * 255).round().to(torch.uint8)


def seeded(name: str, stem: str) -> torch.Generator:
    return torch.Generator().manual_seed(zlib.crc32(f"validation/{name}/{stem}".encode()))


def folder(data: str, path: str) -> list[tuple]:
    base = os.path.join(data, path)
    return [(os.path.splitext(n)[0], even(datasets.load(os.path.join(base, n)))) for n in datasets.names(base)]


def load(name: str, data: str, limit: int | None = None) -> list[tuple]:
    """[(stem, degraded uint8, clean uint8, mask [1,H,W] float or None)] of one of SETS."""
    task, source = task_of(name), name.split("-")[-1]
    if name == "rain100h":
        found = datasets.rain_pairs(data, validation=True)
    else:
        found = datasets.pairs(data, PAIRS[name]) if name in PAIRS else None
    if found is not None:
        return [(stem, even(d), even(c), mask_of(task, even(d), even(c))) for stem, d, c in found][:limit]
    if source in ("nyu", "reside"):
        clean = [(f"nyu{i:02d}", even(p), even(datasets.metres(d))) for i, (p, d) in enumerate(datasets.nyu(data, validation=True))]
    elif source == "streets":
        clean = [(f"{s}-{draw}", even(p), even(d)) for s, p, d in datasets.measured_streets(data) for draw in range(STREET_DRAWS)]
    else:
        clean = [(s, p, None) for s, p in folder(data, {"kodak": "val/kodak24", "mcmaster": "val/mcmaster"}[source])]
    streaks = itertools.cycle(real_streaks.layers(data)) if name == "rain-real-kodak" else None
    out = []
    for stem, picture, depth in clean[:limit]:
        if task == "clean":
            out.append((stem, picture, picture, torch.zeros_like(picture[:1]).float()))
            continue
        g, x = seeded(name, stem), picture.float() / 255
        degraded, mask = (real_streaks.synthesise(x, g, next(streaks)) if streaks else
                          MADE.get(name, SYNTHESIS[task])(x, g, depth=depth))
        out.append((stem, rounded(degraded), picture, mask))
    return out


def mask_of(task: str, degraded: torch.Tensor, clean: torch.Tensor) -> torch.Tensor | None:
    """The binary ground truth of a real pair; none for haze pairs, which have no depth here."""
    if task == "haze":
        return None
    threshold = {"rain": 10, "raindrop": 18}[task]
    return ((degraded.int() - clean.int()).abs().amax(0, keepdim=True) > threshold).float()
