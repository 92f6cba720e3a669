#!/usr/bin/env python3
"""Measures trained networks on whole pictures of the validation sets, as the program runs them untiled.

  python3 evaluate.py --mask ../mask-small-6.onnx --mask haze=../haze-mask-small-7.onnx --restore rain=RUNS/rain/checkpoint.pt \
      --data DATA [--sets rain100h,haze-nyu] [--limit N] [--save FOLDER] [--json FILE]

Prints, per set: PSNR and SSIM of input and result on RGB and Y, the gain, how many pictures became worse by more than 0.1 dB,
mask quality, and how often the classification was right. --save writes degraded, restored, clean and mask pictures, so that other
programs can be measured on the same pairs.
"""
from __future__ import annotations

import argparse
import json
import os

import numpy as np
import torch
from PIL import Image

import metrics
import validation
from model import TASKS
from restoration import Restoration, confidence, named


def picture(x: torch.Tensor) -> np.ndarray:
    x = (x * 255).round().to(torch.uint8) if x.is_floating_point() else x
    return x.permute(1, 2, 0).numpy() if x.shape[0] == 3 else x[0].numpy()


def mean(rows: list[dict], key: str) -> float | None:
    values = [r[key] for r in rows if key in r and not np.isnan(r[key])]
    return round(float(np.mean(values)), 4) if values else None


def measure(engine: Restoration, name: str, data: str, limit: int | None = None, save: str | None = None) -> tuple[dict, list]:
    task = validation.task_of(name)
    rows = []
    for stem, degraded, clean, truth in validation.load(name, data, limit):
        masks, probabilities = engine.predict(degraded)
        row = {"name": stem, "right": float(named(probabilities) == task), "confidence": confidence(probabilities)}
        result = degraded
        if task in engine.restorers:
            result = engine.composited(degraded, task, masks)
        elif task == "clean":  # the hardest case: each restorer forced on an undamaged picture
            for other in engine.restorers:
                forced = picture(engine.composited(degraded, other, masks))
                row["forced_" + other] = metrics.psnr(forced, picture(clean))
        row.update(metrics.picture_figures(picture(result), picture(clean)))
        row.update({"input_" + k: v for k, v in metrics.picture_figures(picture(degraded), picture(clean)).items()})
        row["gain"], row["gain_y"] = row["psnr"] - row["input_psnr"], row["psnr_y"] - row["input_psnr_y"]
        if truth is not None and task != "clean":
            p, t = masks[TASKS.index(task)].numpy(), truth[0].numpy()
            row.update(metrics.binary_mask_figures(p, t) if task in ("rain", "raindrop")
                       else metrics.soft_mask_figures(p, t))
        rows.append(row)
        if save:
            shown = {"degraded": degraded, "restored": result, "clean": clean}
            if task in TASKS:
                shown["mask"] = masks[TASKS.index(task)][None]
            for kind, tensor in shown.items():
                os.makedirs(os.path.join(save, name, kind), exist_ok=True)
                Image.fromarray(picture(tensor)).save(os.path.join(save, name, kind, stem + ".png"))
    keys = [k for k in rows[0] if k != "name"]
    for row in rows:
        keys += [k for k in row if k not in keys and k != "name"]
    summary = {"set": name, "pictures": len(rows), **{k: mean(rows, k) for k in keys}}
    summary["worse"] = sum(r["gain"] < -0.1 for r in rows)
    summary["worst_gain"] = round(min(r["gain"] for r in rows), 3)
    return summary, rows


def main(argv: list[str] | None = None) -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--mask", action="append", required=True, metavar="[TASK=]MODEL")
    ap.add_argument("--restore", action="append", default=[], metavar="TASK=MODEL")
    ap.add_argument("--data", required=True)
    ap.add_argument("--sets", default=",".join(validation.SETS))
    ap.add_argument("--limit", type=int)
    ap.add_argument("--save")
    ap.add_argument("--json")
    ap.add_argument("--threads", type=int, default=0)
    a = ap.parse_args(argv)
    if a.threads:
        torch.set_num_threads(a.threads)
    engine = Restoration.read(a.mask, dict(r.split("=", 1) for r in a.restore))
    out = []
    with torch.no_grad():
        for name in a.sets.split(","):
            summary, rows = measure(engine, name, a.data, a.limit, a.save)
            print(json.dumps(summary), flush=True)
            out.append({**summary, "rows": rows})
    if a.json:
        with open(a.json, "w") as f:
            json.dump(out, f, indent=1)


if __name__ == "__main__":
    main()
