#!/usr/bin/env python3
"""Measures what each part of the method is worth, with equal training budget, pictures and seed.

  python3 ablation.py rain --teacher ../mask-small-6.onnx --data DATA --out runs/ablation [-- --steps 1000 ...]

Trains the variants of VARIANTS one after another (each resumes, as train.py does; --variants names a few by number), measures
them on the task's validation sets, writes ablation-TASK-SEED.json beside the runs and prints a table of gains in dB. Arguments
after `--` go to train.py. The teacher is frozen; for blur it is a network that says masks of places. The loss is on J' itself, so
that the mask only matters as the network uses it; gains are given for J' and for the composite I + s(M') (J' - I), always with the
predicted mask.
"""
from __future__ import annotations

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import argparse
import json

import numpy as np
import torch

import metrics
import config
import validation
from evaluate import picture
from model import TASKS, composite, gmacs
from restoration import Restoration
from train import train

PLAIN = {"mask_input": False, "gate": "none", "context": False, "distill": 0.0, "mask_source": "zero", "together": 0.0}
INPUT = {**PLAIN, "mask_input": True, "mask_source": "predicted"}
GATE = {**INPUT, "gate": "mask"}
CONTEXT = {**GATE, "context": True}
PLAIN_DISTILLATION = {**CONTEXT, "distill": 0.05, "attention": False}
ATTENTIVE = {**PLAIN_DISTILLATION, "attention": True}
VARIANTS = {
    "plain": PLAIN,
    "+ mask as input": INPUT,
    "+ mask-guided gates": GATE,
    "+ global context": CONTEXT,
    "+ plain distillation": PLAIN_DISTILLATION,
    "attentive distillation instead": ATTENTIVE,
    "... with the true mask": {**ATTENTIVE, "mask_source": "true"},
    "... with a mask of zeros": {**ATTENTIVE, "mask_source": "zero"},
}
SETS = {"rain": ("rain100h", "rain-kodak"), "raindrop": ("raindrop-kodak", "raindrop-mcmaster"),
        "haze": ("haze-nyu", "haze-reside"), "blur": ("blur-kodak",)}


def arguments(variant: dict) -> list[str]:
    """A variant's settings as train.py's flags."""
    return [part for name, value in variant.items() for part in (f"--{name.replace('_', '-')}", str(value).lower())]


def figures(task: str, variant: dict, mask: str, restorer: str, data: str) -> dict:
    """{set: {mended, composited: gains in dB of each picture}}; rain on Y, as in the literature."""
    engine = Restoration.guided(task, mask, {task: restorer})
    out = {}
    for name in SETS[task]:
        rows = {"mended": [], "composited": []}
        for _, degraded, clean, truth in validation.load(name, data):
            predicted = engine.predict(degraded)[0][TASKS.index(task)][None]
            guide = {"predicted": predicted, "true": truth, "zero": torch.zeros_like(predicted)}[variant["mask_source"]]
            mended = engine.restore(degraded, task, guide)
            blended = composite(degraded.float() / 255, mended, predicted, task)
            before = metrics.task_psnr(task, picture(degraded), picture(clean))
            for key, result in (("mended", mended), ("composited", blended)):
                result = picture(validation.rounded(result))
                rows[key].append(metrics.task_psnr(task, result, picture(clean)) - before)
        out[name] = rows
    return out


def table(task: str, results: list[dict]) -> str:
    """Mean gains over seeds (the range where there are several), by variant."""
    lines = ["| variant | GMACs | " + " | ".join(f"{name}: J' | {name}: composite" for name in SETS[task]) + " |"]
    lines.append("| --- " * (lines[0].count("|") - 1) + "|")
    for name in VARIANTS:
        rows = [r[name] for r in results if name in r]
        if not rows:
            continue
        cells = []
        for kind in SETS[task]:
            for key in ("mended", "composited"):
                means = [float(np.mean(r["gains"][kind][key])) for r in rows]
                spread = f" ({min(means):+.2f} to {max(means):+.2f})" if len(means) > 1 else ""
                cells.append(f"{np.mean(means):+.2f}{spread}")
        lines.append(f"| {name} | {rows[0]['gmacs']:.2f} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main(argv: list[str] | None = None) -> None:
    argv = sys.argv[1:] if argv is None else argv
    given, passed = (argv[:argv.index("--")], argv[argv.index("--") + 1:]) if "--" in argv else (argv, [])
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("task", choices=list(SETS))
    ap.add_argument("--teacher", required=True)
    ap.add_argument("--data", required=True)
    ap.add_argument("--out", required=True)
    ap.add_argument("--seeds", default="1")
    ap.add_argument("--variants", help="numbers of variants, from 0, with commas; all unless given")
    a = ap.parse_args(given)
    chosen = [int(v) for v in a.variants.split(",")] if a.variants else range(len(VARIANTS))
    os.makedirs(a.out, exist_ok=True)
    results = []
    for seed in a.seeds.split(","):
        path = os.path.join(a.out, f"ablation-{a.task}-{seed}.json")
        done = json.load(open(path)) if os.path.exists(path) else {}
        for number, (name, variant) in enumerate(VARIANTS.items()):
            if number not in chosen or name in done:
                continue
            out = os.path.join(a.out, f"{a.task}-{seed}-{number}")
            settings_file = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "configs", a.task + ".py")
            s = config.parse([settings_file, *passed, *arguments(variant), "--teacher", a.teacher, "--data", a.data, "--out", out,
                                "--seed", seed, "--composite", "false", "--validate-pictures", "0"])
            network = train(s)
            with torch.no_grad():
                gains = figures(a.task, variant, a.teacher, os.path.join(out, "checkpoint.pt"), a.data)
            done[name] = {"gmacs": gmacs(network), "steps": s.steps, "gains": gains}
            with open(path, "w") as f:
                json.dump(done, f, indent=1)
            print(table(a.task, [done]), flush=True)
        results.append(done)
    print(table(a.task, results))


if __name__ == "__main__":
    main()
