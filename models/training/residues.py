"""What a coarser level of the pyramid leaves behind: pictures with a restoration at half their size carried over.

The program restores large damage at coarser levels first (lib/pipeline/restore_levels.ts); finer levels see the rest: the detail
of wide streaks, and damage that was missed. Networks trained on original damage only do not recognise that.
"""
from __future__ import annotations

import torch

from model import TASKS, strength
from resize import enlarged, reduced, to_bytes
from restoration import Restoration
from synthesis import rain, raindrop
from synthesis.filters import gaussian_blur

# Difference from which a pixel counts as damaged, as in the synthesis of the task.
THRESHOLD = {"rain": rain.THRESHOLD, "raindrop": raindrop.THRESHOLD}


class Residues:
    """Replaces the damage in a share of a task's pictures by what the given networks leave of it when they restore at half the
    size."""

    def __init__(self, task: str, share: float, mask: str, restorer: str) -> None:
        if task not in THRESHOLD:
            raise ValueError(f"residues: there are none of {task}; only of {' and '.join(THRESHOLD)}")
        self.task, self.share = task, share
        self.engine = Restoration.guided(task, mask, {task: restorer})

    def left_of(self, degraded: torch.Tensor, clean: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """(picture [3,H,W] as the next finer level sees it, mask [1,H,W] of the damage that is left)."""
        with torch.no_grad():
            left, touched = refined(self.engine, self.task, degraded.cpu())
        left, touched = left.to(degraded.device), touched.to(degraded.device)
        # Noise and compression are no damage: smooth the difference, and count it only where damage was or something was changed.
        wrong = gaussian_blur(left - clean, 1.0).abs().amax(0, keepdim=True) > THRESHOLD[self.task]
        return left, (wrong & ((mask > 0) | touched)).to(mask.dtype)


def refined(engine: Restoration, task: str, image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """(I + up(J_r - I_r), where that may differ from I [1,H,W]) of a picture [3,H,W] in 0..1, as lib/pixels/refine.ts has it: I_r is the
    picture at half the size, J_r what the networks make of it."""
    coarse = to_bytes(reduced(image, -(-max(image.shape[1:]) // 2)))
    pixels = (coarse * 255).round().to(torch.uint8)
    masks = engine.predict(pixels)[0]
    correction = (engine.composited(pixels, task, masks).float() - pixels.float()) / 255
    large = lambda x: enlarged(x[None], image.shape[1:], coarse.shape[1:])[0]
    touched = strength(to_bytes(large(masks[TASKS.index(task)][None])), task) > 0
    return torch.where(touched, (image + large(correction)).clamp(0, 1), image), touched
