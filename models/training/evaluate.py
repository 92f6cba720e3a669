#!/usr/bin/env python3
"""Measures trained networks on whole pictures of the validation sets, as the program runs them untiled.

  python3 evaluate.py --mask ../mask-small-1.onnx --mask haze=../haze-mask-small-1.onnx --restore rain=RUNS/rain/checkpoint.pt \
      --data DATA [--sets rain100h,haze-nyu] [--limit N] [--save FOLDER] [--json FILE]

Prints, per set: PSNR and SSIM of input and result on RGB and Y, the gain, how many pictures became worse by more than 0.1 dB,
mask quality, and how often the classification was right. --save writes degraded, restored, clean and mask pictures, so that other
programs can be measured on the same pairs.
"""
from __future__ import annotations

import argparse
import json
import math
import os

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

import metrics
import validation
from model import MULTIPLE, TASKS, WHOLE, blended, composite, pool_evidence, restorer_of
from sample_pool import thumbnail
from weights import load_weights, mask_network, settings_of


def pad(x: torch.Tensor) -> torch.Tensor:
    h, w = x.shape[2:]
    return F.pad(x, (0, -w % MULTIPLE, 0, -h % MULTIPLE), mode="reflect")


def reduced(x: torch.Tensor, longest: int) -> torch.Tensor:
    """Reduces [C,H,W] to a longest side of `longest` pixels, if it is longer, by area averaging."""
    scale = longest / max(x.shape[1:])
    if scale >= 1:
        return x
    return F.interpolate(x[None], [max(1, math.floor(side * scale + 0.5)) for side in x.shape[1:]], mode="area")[0]


def to_bytes(x: torch.Tensor) -> torch.Tensor:
    """Rounds to 8 bits, as the program does with masks and reduced pictures; the result is in 0..1."""
    return (x.clamp(0, 1) * 255).round() / 255


class Restoration:
    """Runs the general mask network, those of single tasks, and restorers by task on whole pictures, uint8 [3,H,W]."""

    def __init__(self, mask: torch.nn.Module, restorers: dict, own: dict | None = None) -> None:
        self.mask, self.restorers = mask.eval(), {task: network.eval() for task, network in restorers.items()}
        self.own = own or {}

    @classmethod
    def read(cls, masks: list[str], restorers: dict) -> Restoration:
        """Loads checkpoints or exported models: `masks` has the path of the general mask network, and TASK=PATH for those of
        single tasks."""
        networks = {}
        for task, path in restorers.items():
            networks[task] = restorer_of(settings_of(path, task))
            networks[task].load_state_dict(load_weights(path))
        own = {task: mask_network(path) for task, path in (m.split("=", 1) for m in masks if "=" in m)}
        return cls(mask_network(next(m for m in masks if "=" not in m)), networks, own)

    @classmethod
    def guided(cls, task: str, mask: str, restorers: dict[str, str]) -> Restoration:
        """Like `read`, with one mask network of any kind that guides the restorer of a task."""
        return cls.read([mask, f"{task}={mask}"] if task in WHOLE else [mask], restorers)

    def predict(self, image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Masks [4,H,W] rounded to 8 bits, as in the program, and the probability of each damage."""
        x = image.float() / 255
        masks, evidence, attention = self.seen(self.mask, x)
        for task, network in self.own.items():
            small = x if task not in WHOLE else to_bytes(reduced(x, WHOLE[task]))
            mask = self.seen(network, small)[0][TASKS.index(task)]
            masks[TASKS.index(task)] = enlarged(to_bytes(mask)[None, None], x.shape[1:], mask.shape)[0, 0]
        return to_bytes(masks), torch.sigmoid(pool_evidence(evidence, attention))[0]

    @staticmethod
    def seen(network: torch.nn.Module, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        logits, evidence, attention, _ = network(pad(x[None]), thumbnail(x)[None])
        if logits is None:  # an extent network: one number for the whole picture
            logits = pool_evidence(evidence, attention)[:, :, None, None].expand(-1, -1, *x.shape[1:])
        return torch.sigmoid(logits)[0, :, :x.shape[1], :x.shape[2]], evidence, attention

    def restore(self, image: torch.Tensor, task: str, mask: torch.Tensor) -> torch.Tensor:
        """J' [3,H,W] of a picture under a mask [1,H,W]."""
        x, network = image.float() / 255, self.restorers[task]
        if task in WHOLE:
            return self.restore_whole(x, network, mask, WHOLE[task])
        restored, _ = network(*self.inputs(x, mask))
        return restored[0, :, :x.shape[1], :x.shape[2]]

    @staticmethod
    def inputs(x: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        return pad(x[None]), pad(mask[None]), thumbnail(x)[None], thumbnail(mask)[None]

    def restore_whole(self, x: torch.Tensor, network: torch.nn.Module, mask: torch.Tensor, longest: int) -> torch.Tensor:
        """Runs the network on the reduced picture and applies its correction, enlarged, to the picture.

        The program gives the network the mask as it was before it was enlarged: results differ by two levels at most.
        """
        small = to_bytes(reduced(x, longest))
        out, _, target = network.parts(*self.inputs(small, to_bytes(reduced(mask, longest))))
        return blended(x[None], enlarged(out, x.shape[1:], small.shape[1:], network.patch), target)[0]

    def composited(self, image: torch.Tensor, task: str, masks: torch.Tensor) -> torch.Tensor:
        mask = masks[TASKS.index(task)][None]
        return validation.rounded(composite(image.float() / 255, self.restore(image, task, mask), mask, task))


def named(probabilities: torch.Tensor) -> str:
    """The most probable damage, or `clean` where none is probable."""
    return TASKS[int(probabilities.argmax())] if probabilities.max() > 0.5 else "clean"


def confidence(probabilities: torch.Tensor) -> float:
    """Confidence of the classification."""
    most = float(probabilities.max())
    return max(most, 1 - most)


def enlarged(x: torch.Tensor, size: tuple[int, int], seen: tuple[int, int], patch: int = 1) -> torch.Tensor:
    """Enlarges samples [N,C,..], one for patch x patch pixels of a picture of the size `seen`, bilinearly to another size."""
    for dim, (length, before) in zip((2, 3), zip(size, seen)):
        last = x.shape[dim] - 1
        at = ((torch.arange(length) + 0.5) * (before / length / patch) - 0.5).clamp(0, last)
        low = at.long()
        shape = [-1 if d == dim else 1 for d in range(4)]
        x = torch.lerp(x.index_select(dim, low), x.index_select(dim, (low + 1).clamp(max=last)), (at - low).view(shape))
    return x


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
