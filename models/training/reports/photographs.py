#!/usr/bin/env python3
"""Makes ../photographs.jpg: free photographs, each above its result. The wallpapers' packages are unpacked as for collect_camera.py.

  python3 photographs.py inputs UNPACKED INPUTS                     # reduced to 1280 pixels
  limpid restore INPUTS/raindrop -o RESULTS --task raindrop --size large --format png    # and haze
  python3 photographs.py sheet INPUTS RESULTS ../photographs.jpg
"""
from __future__ import annotations

import argparse
import glob
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

from PIL import Image, ImageOps

from collect_camera import reduced

# task, package, file: first those that succeed, then those that fail
PHOTOGRAPHS = (
    ("raindrop", "ubuntukylin-wallpapers-cosmic", "leaf_on_the_window.jpg"),
    ("haze", "ubuntucinnamon-wallpapers-lunar", "Jecheon-Si_by_Joshua_Park.jpg"),
    ("haze", "ubuntucinnamon-wallpapers-lunar", "Cheonjiyeon_Waterfall_by_Joshua_Park.jpg"),
    ("raindrop", "ubuntu-mate-wallpapers-photos", "gabriele-diwald-201135.jpg"),
    ("haze", "ubuntu-wallpapers-oneiric", "Buck_off!_by_SirPecanGum.jpg"),
    ("raindrop", "ubuntu-wallpapers-maverick", "Liquid_glass_by_matthileo.jpg"),
)
EACH = (400, 260)  # pixels
COLUMNS, GAP, BETWEEN = 3, 4, 10


def name(file: str) -> str:
    return os.path.splitext(file)[0] + ".png"


def inputs(unpacked: str, out: str) -> None:
    for task, package, file in PHOTOGRAPHS:
        path = glob.glob(os.path.join(unpacked, package, "**", glob.escape(file)), recursive=True)[0]  # others are links to it
        os.makedirs(os.path.join(out, task), exist_ok=True)
        reduced(path, 1280).save(os.path.join(out, task, name(file)))


def sheet(folder: str, results: str, out: str) -> None:
    width, height = EACH[0] + GAP, EACH[1] + GAP
    rows = len(PHOTOGRAPHS) // COLUMNS
    picture = Image.new("RGB", (COLUMNS * width - GAP, rows * 2 * height + (rows - 1) * BETWEEN), "white")
    for i, (task, _, file) in enumerate(PHOTOGRAPHS):
        left, top = i % COLUMNS * width, i // COLUMNS * (2 * height + BETWEEN)
        before = os.path.join(folder, task, name(file))
        (after,) = glob.glob(os.path.join(results, glob.escape(os.path.splitext(file)[0]) + "*.png"))
        for n, path in enumerate((before, after)):
            with Image.open(path) as image:
                picture.paste(ImageOps.fit(image.convert("RGB"), EACH, Image.LANCZOS), (left, top + n * height))
    picture.save(out, quality=84, optimize=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", choices=("inputs", "sheet"))
    parser.add_argument("paths", nargs="+")
    args = parser.parse_args()
    {"inputs": inputs, "sheet": sheet}[args.step](*args.paths)
