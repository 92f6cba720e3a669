#!/usr/bin/env python3
"""Measures what each restorer does to pictures of other tasks, whose damage it should leave alone.

  python3 cross_report.py --mask ../mask-small-6.onnx --restore rain=../rain-small-2.onnx ... --data DATA

A row for each validation set, a column for each restorer forced on it: mean gain in dB (RGB), the number of pictures that became
worse by more than 0.1 dB, and the worst. For undamaged pictures: mean PSNR and the worst.
"""
from __future__ import annotations

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import argparse

import torch

import metrics
import validation
from evaluate import picture
from restoration import Restoration

SETS = ("rain100h", "rain-mcmaster", "raindrop-kodak", "raindrop-mcmaster", "haze-reside", "blur-kodak", "clean-kodak")


def cell(before: list[float], after: list[float]) -> str:
    """The cell for PSNRs before and after; before is infinite for undamaged pictures."""
    if before[0] >= 100:
        return f"{sum(after) / len(after):.0f} dB (worst {min(after):.0f})"
    gains = [b - a for a, b in zip(before, after)]
    worse = sum(gain < -0.1 for gain in gains)
    return f"{sum(gains) / len(gains):+.2f}" + (f" ({worse} worse, {min(gains):+.2f})" if worse else "")


def main(argv: list[str] | None = None) -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--mask", action="append", required=True, metavar="[TASK=]MODEL")
    ap.add_argument("--restore", action="append", required=True, metavar="TASK=MODEL")
    ap.add_argument("--data", required=True)
    ap.add_argument("--sets", default=",".join(SETS))
    ap.add_argument("--limit", type=int)
    ap.add_argument("--threads", type=int, default=0)
    a = ap.parse_args(argv)
    if a.threads:
        torch.set_num_threads(a.threads)
    engine = Restoration.read(a.mask, dict(r.split("=", 1) for r in a.restore))
    print("| set | pictures | " + " | ".join(engine.restorers) + " |\n" + "|---" * (len(engine.restorers) + 2) + "|")
    for name in a.sets.split(","):
        pairs = validation.load(name, a.data, a.limit)
        before, after = [], {task: [] for task in engine.restorers if task != validation.task_of(name)}
        with torch.no_grad():
            for _, degraded, clean, _ in pairs:
                masks, truth = engine.predict(degraded)[0], picture(clean)
                before.append(metrics.psnr(picture(degraded), truth))
                for task, values in after.items():
                    values.append(metrics.psnr(picture(engine.composited(degraded, task, masks)), truth))
        cells = [cell(before, after[task]) if task in after else "its own" for task in engine.restorers]
        print(f"| {name} | {len(pairs)} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
