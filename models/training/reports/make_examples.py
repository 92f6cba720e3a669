#!/usr/bin/env python3
"""Makes the photographs of examples/ from Kodak24 (released for unrestricted use), and the picture of all before and after:

  python3 make_examples.py inputs DATA ../../../examples
  limpid batch ../../../examples RESULTS --size large --format png
  python3 make_examples.py sheet ../../../examples RESULTS ../../../examples/before_after.jpg

The damage is synthesised with the seeds below, which training never uses.
"""
from __future__ import annotations

import argparse
import glob
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

import torch
from PIL import Image, ImageDraw, ImageFont

import datasets
from evaluate import picture
from synthesis import SYNTHESIS
from validation import rounded

# task: Kodak file (first whose name holds it), seed, format
EXAMPLES = {"rain": ("07", 204, "png"), "raindrop": ("22", 11, "jpg"), "haze": ("14", 12, "jpg"), "blur": ("08", 7, "jpg")}
TITLES = {"rain": "rain", "raindrop": "raindrops", "haze": "haze", "blur": "motion blur"}
SIDE, GAP, TITLE = 300, 6, 24  # pixels


def inputs(data: str, out: str) -> None:
    base = os.path.join(data, "val/kodak24")
    os.makedirs(out, exist_ok=True)
    for task, (number, seed, extension) in EXAMPLES.items():
        name = next(n for n in datasets.names(base) if number in n)
        clean = datasets.load(os.path.join(base, name)).float() / 255
        degraded, _ = SYNTHESIS[task](clean, torch.Generator().manual_seed(seed))
        Image.fromarray(picture(rounded(degraded))).save(os.path.join(out, f"{task}.{extension}"), quality=92)


def sheet(folder: str, results: str, out: str) -> None:
    width = SIDE + GAP
    sheet = Image.new("RGB", (len(EXAMPLES) * width - GAP, TITLE + 2 * SIDE + GAP), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.truetype("DejaVuSans.ttf", 15)
    for i, (task, (_, _, extension)) in enumerate(EXAMPLES.items()):
        draw.text((i * width + 2, 4), TITLES[task], "black", font)
        (after,) = glob.glob(os.path.join(results, f"{task}.*"))
        for n, path in enumerate((os.path.join(folder, f"{task}.{extension}"), after)):
            with Image.open(path) as image:
                sheet.paste(image.convert("RGB").resize((SIDE, SIDE), Image.LANCZOS), (i * width, TITLE + n * width))
    sheet.save(out, quality=90, optimize=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", choices=("inputs", "sheet"))
    parser.add_argument("paths", nargs="+")
    args = parser.parse_args()
    {"inputs": inputs, "sheet": sheet}[args.step](*args.paths)
