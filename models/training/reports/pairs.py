#!/usr/bin/env python3
"""Writes pairs that no network was trained on as files, and measures the program on them.

  python3 pairs.py write PAIRS --data DATA --camera CAMERA [--sets rain100h,camera-rain]
  limpid batch PAIRS/camera-rain/damaged RESULTS/camera-rain --task rain --size small --format png
  python3 pairs.py measure PAIRS RESULTS [--sets camera-rain]

The sets are those of validation.py and, of the photographs of CAMERA/validate, all kinds of a task's damage in noise and JPEG:
`choose-TASK` of half of the photographs, to choose weights by, and `camera-TASK` of the other half, to report; `full-rain` is of
twelve photographs of CAMERA/test at their own size. Figures of the model card are of 85 and 74 photographs, without those of
ukui-wallpapers and sight.jpg of ubuntukylin-wallpapers-focal: others make other pairs.
"""
from __future__ import annotations

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import argparse
import functools

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

import datasets
import metrics
import validation
from evaluate import picture
from model import TASKS
from sample_pool import kind_of, make_picture, synthesised
from synthesis.camera import record

# Height and width of the pictures of a task.
SIZES = {"rain": (832, 1248), "raindrop": (640, 960), "haze": (640, 960), "blur": (512, 768)}
EACH = 24
HALVES = tuple(f"{half}-{task}" for half in ("choose", "camera") for task in TASKS)
FULL_SIZE = "full-rain"
CAMERA_SETS = (*HALVES, FULL_SIZE)
FULL_SIZE_EACH, FULL_SIZE_PIXELS = 12, 8.4e6
# Width in pixels of a scene in which rain is made: wider photographs have wider streaks.
SCENE_WIDTH = 1920


class One:
    """A single photograph in place of sample_pool.Sources."""

    rain_layers = []

    def __init__(self, photograph: torch.Tensor) -> None:
        self.photograph = photograph

    def draw(self, task: str, g: torch.Generator) -> tuple:
        return self.photograph, None


def task_of(name: str) -> str:
    """The damage of a set."""
    return name.split("-")[1] if name in CAMERA_SETS else validation.task_of(name)


@functools.cache
def validating(camera: str) -> list[tuple]:
    """[(stem, photograph)] of CAMERA/validate, read once for all sets."""
    return datasets.camera_photographs(camera, "validate")


def camera_pairs(name: str, camera: str, limit: int | None = None) -> list[tuple]:
    """[(stem, degraded, clean)] of one of HALVES."""
    half, task = name.split("-")[0], task_of(name)
    mine = validating(camera)[half == "camera"::2]
    out = []
    for i in range(EACH)[:limit]:
        stem, photograph = mine[(i * len(mine) // EACH + TASKS.index(task)) % len(mine)]
        degraded, clean, _, _ = make_picture(One(photograph), task, *SIZES[task], seed=0, index=i + EACH * (half == "camera"), whole=1.0)
        out.append((f"{i:02d}-{stem}", degraded, clean))
    return out


def full_size_pairs(camera: str, limit: int | None = None) -> list[tuple]:
    """[(stem, degraded, clean)]: photographs of CAMERA/test of at most FULL_SIZE_PIXELS at their own size, under rain of all kinds,
    with noise and JPEG. Rain is made at SCENE_WIDTH and enlarged, since streaks have a size in the scene and not in pixels."""
    folder = os.path.join(camera, "test")
    sizes = {name: Image.open(os.path.join(folder, name)).size for name in datasets.names(folder)}
    small = [name for name, (width, height) in sizes.items() if width * height <= FULL_SIZE_PIXELS]
    out = []
    for i in range(FULL_SIZE_EACH)[:limit]:
        name = small[i * len(small) // FULL_SIZE_EACH]
        clean = datasets.load(os.path.join(folder, name)) / 255
        _, height, width = clean.shape
        scale = max(1.0, width / SCENE_WIDTH)
        scene = F.interpolate(clean[None], (round(height / scale), round(width / scale)), mode="area")[0]
        g = torch.Generator().manual_seed(i)
        degraded, scene, _, _ = synthesised("rain", kind_of("rain", g), scene, None, g, One(scene))
        rain = F.interpolate((degraded - scene)[None], (height, width), mode="bicubic", align_corners=False)[0]
        out.append((f"{i:02d}-{os.path.splitext(name)[0]}", record((clean + rain).clamp(0, 1), g), clean))
    return out


def write(name: str, out: str, data: str, camera: str, limit: int | None = None) -> None:
    if name == FULL_SIZE:
        pairs = full_size_pairs(camera, limit)
    elif name in HALVES:
        pairs = camera_pairs(name, camera, limit)
    else:
        pairs = [pair[:3] for pair in validation.load(name, data, limit)]
    for stem, degraded, clean in pairs:
        for kind, image in (("damaged", degraded), ("clean", clean)):
            os.makedirs(os.path.join(out, name, kind), exist_ok=True)
            Image.fromarray(picture(image)).save(os.path.join(out, name, kind, stem + ".png"))


def measure(name: str, pairs: str, results: str) -> str:
    """A row: pictures, input and result in dB (rain on Y), how many are worse and by how much the worst."""
    read = lambda *path: np.array(Image.open(os.path.join(*path)).convert("RGB"))
    before, after = [], []
    for file in sorted(os.listdir(os.path.join(results, name))):
        truth = read(pairs, name, "clean", file)
        before.append(metrics.task_psnr(task_of(name), read(pairs, name, "damaged", file), truth))
        after.append(metrics.task_psnr(task_of(name), read(results, name, file), truth))
    gains = np.array(after) - np.array(before)
    return f"| {name} | {len(gains)} | {np.mean(before):.2f} | {np.mean(after):.2f} | {(gains < -0.05).sum()} | {gains.min():+.2f} |"


def main(argv: list[str] | None = None) -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("what", choices=("write", "measure"))
    ap.add_argument("pairs", help="a folder, with SET/damaged and SET/clean in it")
    ap.add_argument("results", nargs="?", help="a folder of the program's results, with SET in it")
    ap.add_argument("--data", help="to write sets of validation.py")
    ap.add_argument("--camera", help="to write " + ", ".join(CAMERA_SETS))
    ap.add_argument("--sets", help="separated by commas; default: all, or those that RESULTS holds")
    ap.add_argument("--limit", type=int, help="write the first LIMIT pairs of each set")
    a = ap.parse_args(argv)
    if a.what == "write":
        names = a.sets.split(",") if a.sets else (*validation.SETS, *CAMERA_SETS)
        for name in names:
            if not (a.camera if name in CAMERA_SETS else a.data):
                ap.error(f"{name} needs {'--camera' if name in CAMERA_SETS else '--data'}")
        for name in names:
            write(name, a.pairs, a.data, a.camera, a.limit)
            print(name, flush=True)
        return
    if not a.results:
        ap.error("what is to be measured needs RESULTS")
    print("| set | pictures | input | result | worse | worst |\n|---|---|---|---|---|---|")
    for name in a.sets.split(",") if a.sets else sorted(os.listdir(a.results)):
        print(measure(name, a.pairs, a.results), flush=True)


if __name__ == "__main__":
    main()
