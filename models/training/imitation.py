"""Distillation of a large restorer into a small one, by its output and its features.

The large network is frozen. It sees only some crops of each step, since its forward pass costs as much as several of the small
one.

It is not trusted blindly: its output is a target only where, averaged over TRUST x TRUST pixels, it is closer to the truth than
both the input and the small network's current output. There, moving towards the target also moves towards the truth.
"""
from __future__ import annotations

import argparse
import math
import os

import torch
import torch.nn.functional as F
from torch import nn

from distillation import AttentiveDistillation
from datasets import load, names
from model import TASKS, WHOLE, ExtentNetwork, composite, pool_evidence, restorer_of
from resize import pad, thumbnail
from sample_pool import Batch
from weights import load_weights, mask_network, settings_of, widened

TRUST = 9


def trust(target: torch.Tensor, output: torch.Tensor, image: torch.Tensor, clean: torch.Tensor) -> torch.Tensor:
    """[N,1,H,W]: 1 where the large network's output is imitated, else 0."""
    def error(x: torch.Tensor) -> torch.Tensor:
        return F.avg_pool2d((x - clean).abs().mean(1, keepdim=True), TRUST, 1, TRUST // 2, count_include_pad=False)
    wrong = error(target)
    return ((wrong < error(output)) & (wrong < error(image))).to(image.dtype)


def mask_of(network: nn.Module, channel: int, image: torch.Tensor, thumb: torch.Tensor) -> torch.Tensor:
    """The predicted mask [N,1,H,W], also of a mask network that returns one number for the whole picture."""
    logits, evidence, attention, _ = network(image, thumb)
    if logits is None:
        logits = pool_evidence(evidence.float(), attention.float())[:, :, None, None].expand(-1, -1, *image.shape[2:])
    return torch.sigmoid(logits[:, channel:channel + 1].float())


class Imitation(nn.Module):
    """The losses on output and attended features. Only the attention is trained: the large network and its mask network are
    frozen."""

    def __init__(self, s: argparse.Namespace) -> None:
        super().__init__()
        self.task, self.crops, self.channel = s.task, s.large_crops, TASKS.index(s.task)
        settings = settings_of(s.large, s.task)
        network = restorer_of(settings)
        network.load_state_dict(widened(load_weights(s.large), network))
        # In a tuple, so that they are not registered as parameters: not trained, saved or moved with the rest.
        self.frozen = (network.eval().requires_grad_(False), mask_network(s.large_teacher or s.large).requires_grad_(False))
        quarter = lambda patch: int(math.log2(4 / patch))
        mine, theirs = quarter(s.patch), quarter(settings.get("patch", 1))
        self.attend = AttentiveDistillation(s.widths, settings["widths"], [(mine, theirs), (mine + 1, theirs + 1)])

    def target(self, image: torch.Tensor, thumb: torch.Tensor, thumb_mask: torch.Tensor,
               guide: torch.Tensor) -> tuple[torch.Tensor, list[torch.Tensor], torch.Tensor]:
        """The program's output with the large network, that network's features, and the mask that guided it. Where the mask is
        one number, it is the small one's `guide`, since a crop does not tell that number."""
        network, mask = self.frozen
        with torch.no_grad():
            predicted = guide.detach() if isinstance(mask, ExtentNetwork) else mask_of(mask, self.channel, image, thumb)
            restored, features = network(image, predicted, thumb, thumb_mask)
            return composite(image, restored.float(), predicted, self.task), features, predicted

    def forward(self, batch: Batch, thumb: torch.Tensor, thumb_mask: torch.Tensor, guide: torch.Tensor, output: torch.Tensor,
                features: list[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """(loss on outputs, loss on features, share of trusted pixels) over some crops of the batch."""
        some = torch.randperm(len(output), device=output.device)[:self.crops]
        image, mine = batch.image[some], output[some]
        target, theirs, predicted = self.target(image, thumb[some], thumb_mask[some], guide[some])
        weight = trust(target, mine.detach(), image, batch.clean[some])
        apart = (torch.sqrt((mine - target).square() + 1e-6) * weight).mean()
        return apart, self.attend([f[some] for f in features], theirs, predicted), weight.mean()


class Unlabelled:
    """Crops of damaged photographs without ground truth, with the large network's result for each whole photograph.

    The results are computed once and cost no time in the steps. Where the large network sees no damage the target is the input,
    so the small one learns to leave that alone as well. Nothing tells whether a target is right: choose photographs that the
    large network improves, and none that are used for measurements.
    """

    LONGEST = 720  # like other training photographs

    def __init__(self, folder: str, imitation: Imitation, crop: int, bf16: bool) -> None:
        self.crop, self.photographs = crop, []
        for name in names(folder):
            image = load(os.path.join(folder, name), WHOLE.get(imitation.task, self.LONGEST))
            if min(image.shape[1:]) >= crop:
                self.photographs.append(self.restored(image, imitation, bf16))
        if not self.photographs:
            raise ValueError(f"unlabelled: no photograph in {folder} is as large as a crop, {crop} pixels")

    @staticmethod
    def restored(image: torch.Tensor, imitation: Imitation, bf16: bool) -> tuple[torch.Tensor, ...]:
        """(photograph and target as bytes [3,H,W], thumb, thumb of the mask) of one photograph."""
        x = pad(image[None].float() / 255)
        height, width = image.shape[1:]
        thumb = thumbnail(image.float() / 255)[None]
        with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=bf16):
            mask = mask_of(imitation.frozen[1], imitation.channel, x, thumb)
            thumb_mask = thumbnail(mask[0, :, :height, :width])[None]
            target, _, _ = imitation.target(x, thumb, thumb_mask, mask)
        return image, (target[0, :, :height, :width].clamp(0, 1) * 255).round().to(torch.uint8), thumb[0], thumb_mask[0]

    def crops(self, count: int) -> list[torch.Tensor]:
        """(crops, targets, thumbs, thumbs of masks) of photographs drawn with PyTorch's global generator."""
        drawn = []
        for _ in range(count):
            image, target, *thumbs = self.photographs[int(torch.randint(len(self.photographs), ()))]
            top, left = (int(torch.randint(side - self.crop + 1, ())) for side in image.shape[1:])
            part = lambda x: x[:, top:top + self.crop, left:left + self.crop].float() / 255
            drawn.append((part(image), part(target), *thumbs))
        return [torch.stack(parts) for parts in zip(*drawn)]
