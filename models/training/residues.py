"""What another level of the pyramid leaves behind: pictures with a restoration at half their size carried over, and pictures that
were restored at twice their size.

The program takes thin streaks at a fine level, then what is left from the coarsest level to the finest
(lib/pipeline/restore_levels.ts). So a level sees what finer ones leave, wide streaks with gaps, and what coarser ones leave, the
detail of wide streaks and damage that was missed. Networks trained on original damage only do not recognise that.
"""
from __future__ import annotations

import torch
import torch.nn.functional as F

from model import TASKS, strength
from resize import enlarged, reduced, to_bytes
from restoration import Restoration
from synthesis import rain, raindrop
from synthesis.filters import gaussian_blur

# Difference from which a pixel counts as damaged, as in the synthesis of the task.
THRESHOLD = {"rain": rain.THRESHOLD, "raindrop": raindrop.THRESHOLD}


class Residues:
    """Replaces the damage in a task's pictures by what the given networks leave of it: in a share of them when they restore at half
    the size, in a share `of_finer` at twice the size."""

    def __init__(self, task: str, share: float, of_finer: float, mask: str, restorer: str) -> None:
        if task not in THRESHOLD:
            raise ValueError(f"residues: there are none of {task}; only of {' and '.join(THRESHOLD)}")
        self.task, self.share, self.of_finer = task, share, of_finer
        self.engine = Restoration.guided(task, mask, {task: restorer})

    def left_of(self, degraded: torch.Tensor, clean: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """(picture [3,H,W] as the next finer level sees it, mask [1,H,W] of the damage that is left)."""
        with torch.no_grad():
            left, touched = refined(self.engine, self.task, degraded.cpu())
        left, touched = left.to(degraded.device), touched.to(degraded.device)
        return left, self.wrong(left, clean, (mask > 0) | touched)

    def left_by_finer(self, degraded: torch.Tensor, clean: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """(picture, clean picture, mask of the damage that is left), all at half the size, of a picture restored at its own."""
        pixels = (degraded.cpu() * 255).round().to(torch.uint8)
        with torch.no_grad():
            masks = self.engine.predict(pixels)[0]
            left = self.engine.composited(pixels, self.task, masks) / 255
        touched = strength(masks[TASKS.index(self.task)][None], self.task) > 0
        half = -(-max(degraded.shape[1:]) // 2)
        left, clean, places = (reduced(x.to(degraded.device).float(), half) for x in (left, clean, (mask > 0).cpu() | touched))
        return left, clean, self.wrong(left, clean, places > 0)

    def wrong(self, left: torch.Tensor, clean: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
        """The mask [1,H,W] of the damage that is left in some places."""
        # Noise and compression are no damage: smooth the difference, and count it only where damage was or something was changed.
        wrong = gaussian_blur(left - clean, 1.0).abs().amax(0, keepdim=True) > THRESHOLD[self.task]
        return (wrong & places).to(left.dtype)


def refined(engine: Restoration, task: str, image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """(I (1 - up(s)) + up(C + s I_r), where that may differ from I [1,H,W]) of a picture [3,H,W] in 0..1, as lib/pixels/refine.ts has it:
    I_r is the picture at half the size, C what the networks change of it, s the share of its detail that is damage."""
    coarse = to_bytes(reduced(image, -(-max(image.shape[1:]) // 2)))
    pixels = (coarse * 255).round().to(torch.uint8)
    masks = engine.predict(pixels)[0]
    seen = pixels.float()
    change = engine.composited(pixels, task, masks).float() - seen
    share = damaged_detail(seen, change)
    large = lambda x: enlarged(x[None], image.shape[1:], coarse.shape[1:])[0]
    touched = strength(to_bytes(large(masks[TASKS.index(task)][None])), task) > 0
    done = image * (1 - large(share)) + large((change + share * seen) / 255)
    return torch.where(touched, done.clamp(0, 1), image), touched


def damaged_detail(image: torch.Tensor, change: torch.Tensor) -> torch.Tensor:
    """The share [1,H,W] of the detail of a picture [3,H,W] in byte values that goes with its damage, as lib/pixels/damaged_detail.ts has it."""
    luminance = lambda x: (x * torch.tensor([0.299, 0.587, 0.114])[:, None, None]).sum(0, keepdim=True)
    mean = lambda x, side: F.avg_pool2d(x[None], side, 1, side // 2, count_include_pad=False)[0]
    i, c = luminance(image), luminance(change)
    covariance = mean(i * c, 5) - mean(i, 5) * mean(c, 5)
    variance = mean(i * i, 5) - mean(i, 5) ** 2
    share = mean((-covariance / (variance + 30)).clamp(0, 1), 3)
    return ((share - 0.2) / 0.8).clamp(min=0)
