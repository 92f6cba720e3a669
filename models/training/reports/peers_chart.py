#!/usr/bin/env python3
"""Draws gain against arithmetic for the shipped models and their peers: python3 peers_chart.py --out ../peers.svg

Our figures are from manifest.json: the restorer with the mask networks before it, on pairs never trained on. Peers use their best
available weights on other pairs of the same kind; those of unknown arithmetic are lines. It shows gains instead of PSNR, since
inputs are not equally damaged in all sets: read it for the order of magnitude.
"""
from __future__ import annotations

import argparse
import json
import os

import matplotlib
matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
# Peer: GMACs at 256x256, or None; PSNR of input and of results (a range: its weights for other haze), on Y for rain.
PEERS = {
    "heavy rain": {"PReNet": (66, 13.4, (29.5,)), "VRGNet": (None, 13.4, (30.3,))},
    "indoor haze": {"GCANet": (15.6, 15.8, (26.9, 30.8))},
    "real raindrops": {"A2Net": (None, 16.7, (24.4,))},
}
TASKS = {"rain": "heavy rain", "haze": "indoor haze", "raindrop": "real raindrops", "blur": "camera shake"}
COLOURS = {name: f"C{i}" for i, name in enumerate(TASKS.values())}


def shipped(path: str) -> list[tuple]:
    """[(id, task, GMACs with the mask networks, gain, set)] of a manifest's restorers that have figures."""
    with open(path) as f:
        models = json.load(f)["models"]
    general = sum(m["gmacs"] for m in models if m["kind"] == "mask" and m["task"] is None)

    def masks(restorer: dict) -> float:
        """Of the general mask network and the restorer's own: of its size, else of the other, if there is one."""
        own = [m for m in models if m["kind"] == "mask" and m["task"] == restorer["task"]]
        own.sort(key=lambda m: m["size"] != restorer["size"])
        return general + sum(m["gmacs"] for m in own[:1])
    out = []
    for model in models:
        figures = model["figures"]
        key = "psnr_y" if "psnr_y" in figures else "psnr"
        if model["kind"] == "restore" and key in figures:
            gain = figures[key] - figures["input_" + key]
            out.append((model["id"], TASKS[model["task"]], masks(model) + model["gmacs"], gain, figures["set"]))
    return out


def draw(path: str, out: str) -> None:
    figure, axis = pyplot.subplots(figsize=(8, 5))
    known = set()
    for identity, task, gmacs, gain, name in shipped(path):
        axis.plot(gmacs, gain, "o", color=COLOURS[task], label=None if task in known else task)
        known.add(task)
        axis.annotate(f"{identity} ({name})", (gmacs, gain), (6, 4), textcoords="offset points", fontsize=8)
    for task, peers in PEERS.items():
        for peer, (gmacs, before, after) in peers.items():
            gains = [value - before for value in after]
            if gmacs is None:
                axis.axhline(gains[0], color=COLOURS[task], linestyle="--", linewidth=0.8)
                axis.annotate(f"{peer} (arithmetic not known)", (1.05, gains[0]), (0, 3), textcoords="offset points", fontsize=8)
            else:
                axis.plot([gmacs] * len(gains), gains, "s-", color=COLOURS[task])
                axis.annotate(peer, (gmacs, gains[-1]), (6, -12), textcoords="offset points", fontsize=8)
    axis.set_xscale("log")
    axis.set_xlim(1, 150)
    axis.set_ylim(0, None)
    axis.set_xlabel("GMACs at 256x256, mask network included")
    axis.set_ylabel("gain (dB)")
    axis.grid(alpha=0.3, which="both")
    axis.legend(fontsize=8, title="circles: ours, squares: peers", title_fontsize=8)
    figure.tight_layout()
    figure.savefig(out)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--manifest", default=os.path.join(HERE, "..", "..", "manifest.json"))
    parser.add_argument("--out", required=True)
    given = parser.parse_args()
    draw(given.manifest, given.out)
