"""Sizes of pictures as the program changes them: padded, reduced, enlarged, and the thumbnail that networks see."""
from __future__ import annotations

import math

import torch
import torch.nn.functional as F

from model import MULTIPLE, THUMB


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


def enlarged(x: torch.Tensor, size: tuple[int, int], seen: tuple[int, int], patch: int = 1) -> torch.Tensor:
    """Enlarges samples [N,C,..], one for patch x patch pixels of a picture of the size `seen`, bilinearly to another size."""
    for dim, (length, before) in zip((2, 3), zip(size, seen)):
        last = x.shape[dim] - 1
        at = ((torch.arange(length) + 0.5) * (before / length / patch) - 0.5).clamp(0, last)
        low = at.long()
        shape = [-1 if d == dim else 1 for d in range(4)]
        x = torch.lerp(x.index_select(dim, low), x.index_select(dim, (low + 1).clamp(max=last)), (at - low).view(shape))
    return x


def thumbnail(x: torch.Tensor) -> torch.Tensor:
    """[C,H,W] -> [C,128,128] by area averaging."""
    return thumbnails(x[None])[0]


def thumbnails(x: torch.Tensor) -> torch.Tensor:
    return F.interpolate(x, (THUMB, THUMB), mode="area")
