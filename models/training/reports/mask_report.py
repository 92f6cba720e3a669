#!/usr/bin/env python3
"""Measures masks and classification of a mask network on pairs never trained on; prints Markdown.

  python3 mask_report.py --mask ../mask-small-6.onnx --data DATA [--chart reliability.svg] [--limit N]

It gives F1 and IoU of rain and drops over thresholds, mean absolute error and correlation of haze and blur, the confusion matrix
of the classification, and the expected calibration error of its confidence over ten bins (Guo et al., On Calibration of Modern
Neural Networks, 2017).
"""
from __future__ import annotations

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import argparse

import numpy as np
import torch

import metrics
import validation
from model import CLASSES, TASKS
from restoration import Restoration, confidence, named

THRESHOLDS = (0.05, 0.1, 0.25, 0.5, 0.75)
BINS = 10


def gather(engine: Restoration, data: str, limit: int | None = None) -> tuple[dict, list]:
    """({set: [figures of each picture]}, [(true class, class named, confidence)])."""
    figures, verdicts = {}, []
    for name in validation.SETS:
        task = validation.task_of(name)
        for _, degraded, _, truth in validation.load(name, data, limit):
            masks, probabilities = engine.predict(degraded)
            verdicts.append((task, named(probabilities), confidence(probabilities)))
            if truth is None or task == "clean":
                continue
            predicted, truth = masks[TASKS.index(task)].numpy(), truth[0].numpy()
            row = (metrics.soft_mask_figures(predicted, truth) if task in ("haze", "blur") else
                   {t: metrics.binary_mask_figures(predicted, truth, t) for t in THRESHOLDS})
            figures.setdefault(name, []).append(row)
    return figures, verdicts


def table(head: list[str], rows: list[list]) -> str:
    return "\n".join(["| " + " | ".join(map(str, r)) + " |" for r in (head, ["---"] * len(head), *rows)])


def mask_tables(figures: dict) -> str:
    binary, soft = [], []
    for name, rows in figures.items():
        if "mae" in rows[0]:
            mean = lambda key: np.nanmean([r[key] for r in rows])
            soft.append([name, len(rows), f"{mean('mae'):.3f}", f"{mean('correlation'):.2f}"])
        else:
            cells = [tuple(np.mean([r[t][key] for r in rows]) for key in ("f1", "iou")) for t in THRESHOLDS]
            binary.append([name, len(rows), *("%.2f / %.2f" % c for c in cells)])
    return (table(["F1 / IoU at threshold", "pictures", *THRESHOLDS], binary) + "\n\n" +
            table(["soft mask", "pictures", "MAE", "correlation"], soft))


def confusion_table(verdicts: list[tuple]) -> str:
    counts = np.zeros((len(CLASSES), len(CLASSES)), int)
    for true, said, _ in verdicts:
        counts[CLASSES.index(true), CLASSES.index(said)] += 1
    right = counts.trace() / counts.sum()
    rows = [[name, *counts[i], f"{counts[i, i] / max(1, counts[i].sum()):.0%}"] for i, name in enumerate(CLASSES)]
    return table(["is, taken for", *CLASSES, "right"], rows) + f"\n\nRight: {right:.0%} of {counts.sum()}."


def calibration(verdicts: list[tuple]) -> tuple[list, float]:
    """[(mean confidence, accuracy, pictures)] of each bin that is not empty, and the expected calibration error."""
    sure = np.array([sure for _, _, sure in verdicts])
    right = np.array([said == true for true, said, _ in verdicts])
    which = np.minimum((sure * BINS).astype(int), BINS - 1)
    bins = [(sure[which == b].mean(), right[which == b].mean(), int((which == b).sum()))
            for b in range(BINS) if (which == b).any()]
    error = sum(n * abs(c - r) for c, r, n in bins) / len(verdicts)
    return bins, error


def draw(bins: list[tuple], error: float, path: str) -> None:
    import matplotlib
    matplotlib.use("Agg")
    from matplotlib import pyplot
    figure, axis = pyplot.subplots(figsize=(4, 4))
    axis.plot([0, 1], [0, 1], color="grey", linewidth=1)
    axis.scatter([c for c, _, _ in bins], [r for _, r, _ in bins], [8 * n for _, _, n in bins], alpha=0.6)
    axis.set(xlabel="confidence of the verdict", ylabel="share of pictures that were right",
             title=f"expected calibration error {error:.3f}", xlim=(0, 1.02), ylim=(0, 1.02))
    figure.tight_layout()
    figure.savefig(path)


def main(argv: list[str] | None = None) -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--mask", action="append", required=True, metavar="[TASK=]MODEL")
    ap.add_argument("--data", required=True)
    ap.add_argument("--chart")
    ap.add_argument("--limit", type=int)
    a = ap.parse_args(argv)
    with torch.no_grad():
        figures, verdicts = gather(Restoration.read(a.mask, {}), a.data, a.limit)
    bins, error = calibration(verdicts)
    print(mask_tables(figures), confusion_table(verdicts), sep="\n\n")
    print("\n" + table(["confidence", "right", "pictures"], [[f"{c:.2f}", f"{r:.2f}", n] for c, r, n in bins]))
    print(f"\nExpected calibration error: {error:.3f}.")
    if a.chart:
        draw(bins, error, a.chart)


if __name__ == "__main__":
    main()
