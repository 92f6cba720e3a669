"""The photographs, as uint8 tensors [3,H,W]; the folders are those of data/README.md.

What is validated on is never trained on: Kodak24, McMaster, the last 20 NYU
photographs, 10 of the rain100h pairs, and the real raindrop and haze pairs.
"""
import os

import numpy as np
import torch
from PIL import Image

# One of the two kitchens of haze_its, which is validated on, is this photograph of NYU.
IN_ITS = ("00000.jpg",)
VALIDATION_RAIN = 10
VALIDATION_NYU = 20
DEPTH_UNITS_PER_METRE = 25.5


def names(folder):
    return sorted(n for n in os.listdir(folder) if n.lower().endswith((".png", ".jpg", ".jpeg")))


def load(path, longest=None):
    with Image.open(path) as image:
        image = image.convert("RGB")
        if longest and max(image.size) > longest:
            scale = longest / max(image.size)
            image = image.resize((round(image.width * scale), round(image.height * scale)), Image.LANCZOS)
        return torch.from_numpy(np.array(image)).permute(2, 0, 1).contiguous()


def load_depth(path):
    """Depth [1,H,W] in metres."""
    with Image.open(path) as image:
        values = torch.from_numpy(np.array(image.convert("L"), dtype=np.float32))
    return values[None] / DEPTH_UNITS_PER_METRE


def inside(x, border=12):
    """NYU's photographs have a white frame of some pixels."""
    return x[:, border:-border, border:-border].contiguous()


def training_photographs(data):
    out = []
    for folder in ("photos/bsds500", "photos/sunhays80"):
        out += [load(os.path.join(data, folder, n), 720) for n in names(os.path.join(data, folder))]
    return out


def nyu(data, validation=False):
    """[(photograph, depth)] with the last VALIDATION_NYU kept for validation."""
    folder = os.path.join(data, "rgbd/nyuv2")
    chosen = names(os.path.join(folder, "photo"))
    chosen = chosen[-VALIDATION_NYU:] if validation else [n for n in chosen[:-VALIDATION_NYU] if n not in IN_ITS]
    return [(inside(load(os.path.join(folder, "photo", n))),
             inside(load_depth(os.path.join(folder, "depth", os.path.splitext(n)[0] + ".png"))))
            for n in chosen]


def pairs(data, folder):
    """[(name, degraded, clean)] of a folder of pairs, matched by stem (or by what stands before its first _)."""
    degraded = os.path.join(data, folder, "degraded")
    clean = {os.path.splitext(n)[0]: n for n in names(os.path.join(data, folder, "clean"))}
    out = []
    for n in names(degraded):
        stem = os.path.splitext(n)[0]
        match = clean.get(stem) or clean[stem.split("_")[0]]
        out.append((stem, load(os.path.join(degraded, n)), load(os.path.join(data, folder, "clean", match))))
    return out


def rain_pairs(data, validation=False):
    """rain100h: every fifth pair validates (10 of 50)."""
    every = pairs(data, "rain100h")
    step = len(every) // VALIDATION_RAIN or 1
    return [p for i, p in enumerate(every) if (i % step == 0) == validation]


def rain_layers(data):
    """Rain alone [3,H,W] in 0..1, of the pairs that may be trained on."""
    return [((d.float() - c.float()) / 255).clamp(min=0) for _, d, c in rain_pairs(data)]
