"""Loads the photographs as uint8 tensors [3,H,W]; README.md describes the folders.

Validation data are never trained on: Kodak24, McMaster, 20 NYU photographs and those that show the same rooms, 10 of the rain100h
pairs, those of rain100l and rain13k (whose degraded pictures alone configs/rain_distilled.py takes), and the real raindrop and haze
pairs.

Photographs at camera resolution are in a folder of their own, `camera`, with `train` and `validate`.
"""
from __future__ import annotations

import os

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

# haze_its, a validation set, has two kitchens; one is this photograph of NYU.
IN_ITS = ("00000.jpg",)
VALIDATION_RAIN = 10
VALIDATION_NYU = frozenset(f"{i:05d}" for i in (
    1345, 1348, 1350, 1353, 1356, 1359, 1362, 1364, 1367, 1370, 1373, 1376, 1378, 1381, 1384, 1387, 1390, 1392, 1395, 1398))
FIRST_NYU_LIKE_VALIDATION = "01340"  # those after it show the same rooms
DEPTH_UNITS_PER_METRE = 25.5


def names(folder: str) -> list[str]:
    return sorted(n for n in os.listdir(folder) if n.lower().endswith((".png", ".jpg", ".jpeg")))


def load(path: str, longest: int | None = None) -> torch.Tensor:
    with Image.open(path) as image:
        image = image.convert("RGB")
        if longest and max(image.size) > longest:
            scale = longest / max(image.size)
            image = image.resize((round(image.width * scale), round(image.height * scale)), Image.LANCZOS)
        return torch.from_numpy(np.array(image)).permute(2, 0, 1).contiguous()


def load_depth(path: str) -> torch.Tensor:
    """Depth [1,H,W] in the file's bytes; see metres() and street_metres()."""
    with Image.open(path) as image:
        return torch.from_numpy(np.array(image.convert("L")))[None]


def metres(depth: torch.Tensor) -> torch.Tensor:
    """Depth of NYU's rooms in metres: one scale for all."""
    return depth.float() / DEPTH_UNITS_PER_METRE


def street_metres(depth: torch.Tensor) -> torch.Tensor:
    """Depth of CamVid's and Cityscapes' streets in metres."""
    return -80 * torch.log(depth.float().clamp(min=1) / 255)


def inside(x: torch.Tensor, border: int = 12) -> torch.Tensor:
    """Crops the white border of NYU's photographs."""
    return x[:, border:-border, border:-border].contiguous()


def training_photographs(data: str, limit: int | None = None) -> list[torch.Tensor]:
    folders = [os.path.join(data, "photos", folder) for folder in ("bsds500", "sunhays80", "imagenet", "deepphoto")]
    paths = [os.path.join(folder, n) for folder in folders if os.path.isdir(folder) for n in names(folder)]
    return [load(path, 720) for path in paths[:limit]]


def camera_photographs(camera: str, part: str = "train", limit: int | None = None) -> list[tuple]:
    """[(stem, photograph)] at camera resolution; none where no folder is given."""
    folder = os.path.join(camera, part)
    return [(os.path.splitext(n)[0], load(os.path.join(folder, n))) for n in names(folder)[:limit]] if camera else []


def nyu(data: str, validation: bool = False, limit: int | None = None) -> list[tuple]:
    """[(photograph, depth in bytes)] of rooms: the validation set, or all others that do not show the same rooms."""
    folder = os.path.join(data, "rgbd/nyuv2")
    stems = [os.path.splitext(n)[0] for n in names(os.path.join(folder, "photo"))]
    if validation:
        chosen = [s for s in stems if s in VALIDATION_NYU]
    else:
        chosen = [s for s in stems if s < FIRST_NYU_LIKE_VALIDATION and s + ".jpg" not in IN_ITS]
    return [(inside(load(os.path.join(folder, "photo", s + ".jpg"))),
             inside(load_depth(os.path.join(folder, "depth", s + ".png")))) for s in chosen[:limit]]


def streets(data: str, limit: int | None = None) -> list[tuple]:
    """[(photograph, depth in bytes)] of streets, at the size of the depth, which is estimated and half as wide as the photograph.
    """
    folder = os.path.join(data, "rgbd/camvid")
    if not os.path.isdir(folder):
        return []
    return [(photograph, depth) for _, photograph, depth in with_depth(folder, limit)]


def measured_streets(data: str) -> list[tuple]:
    """[(stem, photograph, metres)] of Cityscapes' streets, whose depth two cameras measured, without the bonnet and the borders that
    one of them saw. What neither could measure is as far as the farthest place next to it: sky, and what a near thing hid."""
    out = []
    for stem, photograph, depth in with_depth(os.path.join(data, "rgbd/cityscapes")):
        _, height, width = depth.shape
        here = (slice(None), slice(height // 20, height * 7 // 8), slice(width // 16, width * 31 // 32))
        photograph, metres = photograph[here], (street_metres(depth) * (depth > 0))[here]
        if not metres.any():
            raise ValueError(f"{stem}: no depth was measured; take it out of rgbd/cityscapes")
        while (unknown := metres == 0).any():
            metres = torch.where(unknown, F.max_pool2d(metres, 3, 1, 1), metres)
        out.append((stem, photograph, metres))
    return out


def with_depth(folder: str, limit: int | None = None) -> list[tuple]:
    """[(stem, photograph, depth in bytes)], at the size of the photograph."""
    out = []
    for n in names(os.path.join(folder, "photo"))[:limit]:
        stem = os.path.splitext(n)[0]
        photograph = load(os.path.join(folder, "photo", n))
        with Image.open(os.path.join(folder, "depth", stem + ".png")) as image:
            depth = image.convert("L").resize((photograph.shape[2], photograph.shape[1]), Image.BILINEAR)
        out.append((stem, photograph, torch.from_numpy(np.array(depth))[None]))
    return out


def pairs(data: str, folder: str) -> list[tuple]:
    """[(name, degraded, clean)] of a folder of pairs, matched by stem, or by the part of the stem before the first _."""
    degraded = os.path.join(data, folder, "degraded")
    clean = {os.path.splitext(n)[0]: n for n in names(os.path.join(data, folder, "clean"))}
    out = []
    for n in names(degraded):
        stem = os.path.splitext(n)[0]
        match = clean.get(stem) or clean[stem.split("_")[0]]
        out.append((stem, load(os.path.join(degraded, n)), load(os.path.join(data, folder, "clean", match))))
    return out


def rain_pairs(data: str, validation: bool = False) -> list[tuple]:
    """Pairs of rain100h; every fifth is for validation (10 of 50)."""
    every = pairs(data, "rain100h")
    step = len(every) // VALIDATION_RAIN or 1
    return [p for i, p in enumerate(every) if (i % step == 0) == validation]


def rain_layers(data: str) -> list[torch.Tensor]:
    """Rain layers [3,H,W] in 0..1 of the training pairs."""
    return [((d.float() - c.float()) / 255).clamp(min=0) for _, d, c in rain_pairs(data)]
