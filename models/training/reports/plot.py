#!/usr/bin/env python3
"""Draws the logs of training runs: python3 plot.py RUNS/haze [RUNS/...] --out chart.svg

It shows loss, training PSNR if there is one, and each figure of the validation (gains in dB, F1 of masks, accuracy of the
classification), over steps.
"""
from __future__ import annotations

import argparse
import json
import os

import matplotlib
matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402

LOSS = ("pixel", "mask", "verdict", "wrong")


def read(run: str) -> dict:
    """{panel: {curve: [(step, value)]}} of a run's log."""
    panels = {}
    add = lambda panel, curve, *point: panels.setdefault(panel, {}).setdefault(curve, []).append(point)
    with open(os.path.join(run, "log.jsonl")) as lines:
        for row in map(json.loads, lines):
            name = os.path.basename(os.path.normpath(run))
            for figure, value in row.get("validation", {}).items():
                add("validation: " + figure.split()[1], f"{name}, {figure.split()[0]}", row["step"], value)
            for key in LOSS:
                if key in row:
                    add("loss", f"{name}, {key}", row["step"], row[key])
            if "psnr" in row:
                add("PSNR of training crops (dB)", name, row["step"], row["psnr"])
    return panels


def draw(runs: list[str], out: str) -> None:
    panels = {}
    for run in runs:
        for panel, curves in read(run).items():
            panels.setdefault(panel, {}).update(curves)
    figure, axes = pyplot.subplots(1, len(panels), figsize=(5 * len(panels), 3.5), squeeze=False)
    for axis, (panel, curves) in zip(axes[0], sorted(panels.items())):
        for name, points in curves.items():
            axis.plot(*zip(*points), label=name, marker="." if len(points) < 20 else None)
        axis.set_title(panel)
        axis.set_xlabel("step")
        axis.grid(alpha=0.3)
        axis.legend(fontsize=7)
    figure.tight_layout()
    figure.savefig(out)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+")
    parser.add_argument("--out", required=True)
    given = parser.parse_args()
    draw(given.runs, given.out)
