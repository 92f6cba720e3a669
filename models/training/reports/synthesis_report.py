#!/usr/bin/env python3
"""Compares the synthesised degradations with real pairs: python3 synthesis_report.py --data DATA

The pairs are those of Rain100H that are trained on, and the few of raindrops and haze, which validate. A property of real pairs
that no synthesised pair has is missing in training.
"""
from __future__ import annotations

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import argparse
import math

import torch
import torch.nn.functional as F

import datasets
from sample_pool import Sources, make_picture

QUANTILES = (0.05, 0.5, 0.95)


def psnr(degraded: torch.Tensor, clean: torch.Tensor) -> float:
    return -10 * math.log10((degraded - clean).square().mean().item() + 1e-9)


def smooth_share(degraded: torch.Tensor, clean: torch.Tensor, side: int = 16) -> float:
    """Share of the squared error that is left after averaging the error over squares."""
    error = degraded - clean
    return (F.avg_pool2d(error, side).square().mean() / error.square().mean()).item()


def gradients_left(degraded: torch.Tensor, clean: torch.Tensor, side: int = 32) -> float:
    """Ratio of the mean horizontal gradient of degraded to clean; the median over all squares."""
    steep = lambda x: F.avg_pool2d(x.mean(0, keepdim=True).diff(dim=2).abs(), side)
    return (steep(degraded) / (steep(clean) + 1e-3)).median().item()


def covered(degraded: torch.Tensor, clean: torch.Tensor, threshold: float = 10 / 255) -> float:
    return ((degraded - clean).abs().amax(0) > threshold).float().mean().item()


def brightness(degraded: torch.Tensor, clean: torch.Tensor, threshold: float = 10 / 255) -> float:
    """Mean added brightness, over channels and over places where something is added."""
    added = (degraded - clean).mean(0)
    there = (degraded - clean).abs().amax(0) > threshold
    return added[there].mean().item() if there.any() else 0.0


def coherence(degraded: torch.Tensor, clean: torch.Tensor) -> float:
    """Coherence of the added layer's edges (structure tensor): 1 if all have one direction, 0 if they have all directions."""
    layer = (degraded - clean).mean(0)
    dx, dy = layer.diff(dim=1)[:-1], layer.diff(dim=0)[:, :-1]
    xx, yy, xy = dx.square().mean(), dy.square().mean(), (dx * dy).mean()
    return (((xx - yy).square() + 4 * xy.square()).sqrt() / (xx + yy + 1e-12)).item()


def airlight(degraded: torch.Tensor, clean: torch.Tensor) -> float:
    """The brightest hundredth of the dark channel (He et al. 2009), which is near the airlight in thick haze."""
    dark = -F.max_pool2d(-degraded.amin(0, keepdim=True)[None], 15, 1, 7)
    return dark.flatten().quantile(0.99).item()


def cast(degraded: torch.Tensor, clean: torch.Tensor) -> float:
    """Colour cast of the added haze: the largest minus the smallest channel of the mean difference."""
    added = (degraded - clean).mean((1, 2))
    return (added.max() - added.min()).item()


FIGURES = {
    "rain": {"input PSNR": psnr, "covered": covered, "brightness": brightness, "one direction": coherence},
    "raindrop": {"input PSNR": psnr, "covered": covered, "smoother than 16 px": smooth_share, "gradients left": gradients_left},
    "haze": {"input PSNR": psnr, "gradients left": gradients_left, "airlight": airlight, "colour": cast},
}


def row(name: str, pairs: list[tuple], figures: dict) -> None:
    cells = []
    for figure in figures.values():
        values = torch.tensor([figure(degraded, clean) for degraded, clean in pairs])
        cells.append(" / ".join(f"{v:.3g}" for v in values.quantile(torch.tensor(QUANTILES)).tolist()))
    print(f"| {name} | {len(pairs)} | " + " | ".join(cells) + " |", flush=True)


def real_pairs(task: str, data: str) -> list[tuple]:
    found = {"rain": lambda: datasets.rain_pairs(data, validation=False),
             "raindrop": lambda: datasets.pairs(data, "raindrop"),
             "haze": lambda: datasets.pairs(data, "haze_its")}[task]()
    return [(d.float() / 255, c.float() / 255) for _, d, c in found]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True)
    parser.add_argument("--pictures", type=int, default=40, help="synthesised, of each task")
    args = parser.parse_args()
    sources = Sources(args.data)
    for task, figures in FIGURES.items():
        print(f"\n| {task}, 5 / 50 / 95 % of the pictures | pictures | " + " | ".join(figures) + " |")
        print("|---" * (len(figures) + 2) + "|")
        row("real pairs", real_pairs(task, args.data), figures)
        made = [make_picture(sources, task, 320, 480, 7, i) for i in range(args.pictures)]
        row("synthesised", [(degraded, clean) for degraded, clean, *_ in made], figures)


if __name__ == "__main__":
    main()
