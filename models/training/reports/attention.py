#!/usr/bin/env python3
"""Draws what the attention of a run's distillation selects.

  python3 attention.py RUNS/rain/checkpoint.pt --data DATA --out attention.jpg [--pictures 4]

The run must have had distillation (--distill 0.05), which most files of configs/ leave out.
There is a row for each Kodak photograph with the damage of the run's task (fixed seeds): the picture, its predicted mask, then,
for three positions of the student's grid (framed), the attention to each position of the teacher's grid, from black for 0 to
white for the largest. It prints the entropy of the attention divided by that of uniform attention; 1 is uniform.
"""
from __future__ import annotations

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import argparse
import math

import numpy as np
import torch
from PIL import Image, ImageDraw

import validation
from distillation import distillation_of
from evaluate import picture
from model import TASKS, WHOLE, restorer_of
from resize import pad, reduced, thumbnail
from synthesis import SYNTHESIS
from weights import load_weights, mask_network, settings_of

SIDE = 192
POSITIONS = (9, 28, 54)  # of the 64 of a grid of 8 by 8


class Run:
    """A restorer with its teacher and its distillation."""

    def __init__(self, path: str) -> None:
        state = torch.load(path, map_location="cpu")
        self.settings = state["settings"]
        self.task = self.settings["task"]
        if not state.get("extra") or self.settings.get("large"):
            raise ValueError(f"{path} is of a run without attentive distillation; train one with --distill 0.05")
        self.network = restorer_of(settings_of(path, self.task))
        self.network.load_state_dict(load_weights(path))
        self.teacher = mask_network(path if self.settings.get("together") else self.settings["teacher"])
        self.distillation = distillation_of(self.settings, self.teacher.widths)
        self.distillation.load_state_dict(state["extra"])

    def predict(self, image: torch.Tensor) -> tuple[torch.Tensor, list]:
        """The mask of a picture [3,H,W], 0..1, and the attention at each pair of scales [positions,positions]."""
        x, thumb = pad(image[None]), thumbnail(image)[None]
        logits, _, _, theirs = self.teacher(x, thumb)
        mask = torch.sigmoid(logits)[:, TASKS.index(self.task)][:, None]
        _, mine = self.network(x, mask, thumb, thumbnail(mask[0])[None])
        coarse = self.distillation.coarse
        return mask[0], [self.distillation.shares(i, coarse(mine[s]), coarse(theirs[t]))[0]
                         for i, (s, t) in enumerate(self.distillation.pairs)]


def tile(x: torch.Tensor, frame: int | None = None) -> np.ndarray:
    """[C,H,W] in 0..1 as a square with one position of the grid framed."""
    shown = Image.fromarray(picture(x.clamp(0, 1))).convert("RGB").resize((SIDE, SIDE), Image.BILINEAR)
    if frame is not None:
        cell, (row, column) = SIDE // 8, divmod(frame, 8)
        corner = (column * cell, row * cell)
        ImageDraw.Draw(shown).rectangle((*corner, corner[0] + cell - 1, corner[1] + cell - 1), outline=(255, 64, 0), width=2)
    return np.asarray(shown)


def main(argv: list[str] | None = None) -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("checkpoint")
    ap.add_argument("--data", required=True)
    ap.add_argument("--out", required=True)
    ap.add_argument("--pictures", type=int, default=4)
    a = ap.parse_args(argv)
    run, rows, entropies = Run(a.checkpoint), [], []
    with torch.no_grad():
        for stem, clean in validation.folder(a.data, "val/kodak24")[:a.pictures]:
            image, _ = SYNTHESIS[run.task](clean.float() / 255, validation.seeded("attention-" + run.task, stem))
            image = reduced(image, WHOLE.get(run.task, max(image.shape[1:])))
            mask, shares = run.predict(image)
            entropies.append([(-(s * (s + 1e-12).log()).sum(1).mean() / math.log(64)).item() for s in shares])
            row = [tile(image), tile(mask)]
            for position in POSITIONS:
                read = shares[0][position].view(1, 8, 8)
                row.append(tile(read / read.max(), position))
            rows.append(np.concatenate(row, 1))
    Image.fromarray(np.concatenate(rows)).save(a.out, quality=88)
    for i, name in enumerate(("1/4", "1/8")):
        print("%s of the size: entropy %.3f of an even attention's" % (name, np.mean([e[i] for e in entropies])))


if __name__ == "__main__":
    main()
