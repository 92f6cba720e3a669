#!/usr/bin/env python3
"""Draws what evaluate.py saved: the median and the worst result of each set, by gain.

  python3 evaluate.py ... --save SAVED --json FIGURES.json
  python3 contact_sheet.py SAVED FIGURES.json --sets rain-kodak,haze-nyu --out results.jpg

A row for each picture: degraded, predicted mask, restored, clean; the gain in dB is printed, row by row.
"""
from __future__ import annotations

import argparse
import json
import os

import numpy as np
from PIL import Image

KINDS = ("degraded", "mask", "restored", "clean")


def chosen(rows: list[dict]) -> list[dict]:
    """The median picture, and the last."""
    ordered = sorted(rows, key=lambda row: -row["gain"])
    return [ordered[len(ordered) // 2], ordered[-1]]


def strip(folder: str, stem: str, side: int) -> np.ndarray:
    """The pictures of one row side by side, each cropped to a centred square."""
    parts = []
    for kind in KINDS:
        with Image.open(os.path.join(folder, kind, stem + ".png")) as image:
            image = image.convert("RGB")
        edge = min(image.size)
        left, top = (image.width - edge) // 2, (image.height - edge) // 2
        parts.append(np.asarray(image.crop((left, top, left + edge, top + edge)).resize((side, side), Image.LANCZOS)))
    return np.concatenate(parts, 1)


def main(argv: list[str] | None = None) -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("saved")
    ap.add_argument("figures")
    ap.add_argument("--sets", required=True)
    ap.add_argument("--side", type=int, default=240)
    ap.add_argument("--out", required=True)
    a = ap.parse_args(argv)
    with open(a.figures) as f:
        figures = {row["set"]: row["rows"] for row in json.load(f)}
    rows = []
    for name in a.sets.split(","):
        for row in chosen(figures[name]):
            rows.append(strip(os.path.join(a.saved, name), row["name"], a.side))
            print("%s %s: %+.2f dB" % (name, row["name"], row["gain"]))
    Image.fromarray(np.concatenate(rows)).save(a.out, quality=85)


if __name__ == "__main__":
    main()
