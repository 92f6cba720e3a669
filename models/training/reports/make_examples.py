#!/usr/bin/env python3
"""Makes the photographs of examples/ from Kodak24 (released for unrestricted use): python3 make_examples.py DATA OUT

The damage is synthesised with the seeds below, which training never uses.
"""
from __future__ import annotations

import argparse
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

import torch
from PIL import Image

import datasets
from evaluate import picture
from synthesis import SYNTHESIS
from validation import rounded

# task: Kodak file (first whose name holds it), seed, format
EXAMPLES = {"rain": ("07", 204, "png"), "raindrop": ("22", 11, "jpg"), "haze": ("14", 12, "jpg"), "blur": ("08", 7, "jpg")}


def main(data: str, out: str) -> None:
    base = os.path.join(data, "val/kodak24")
    os.makedirs(out, exist_ok=True)
    for task, (number, seed, extension) in EXAMPLES.items():
        name = next(n for n in datasets.names(base) if number in n)
        clean = datasets.load(os.path.join(base, name)).float() / 255
        degraded, _ = SYNTHESIS[task](clean, torch.Generator().manual_seed(seed))
        Image.fromarray(picture(rounded(degraded))).save(os.path.join(out, f"{task}.{extension}"), quality=92)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data")
    parser.add_argument("out")
    main(**vars(parser.parse_args()))
