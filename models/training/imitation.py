"""Distillation of a large restorer into a small one: of what it puts out, and of the features that it has on the way there.

The large network is frozen. It sees only some crops of each step, since its forward pass costs several of the small one's.

It is not trusted blindly: its output is a target only where, averaged over TRUST x TRUST pixels, it is closer to the truth than both
the input and what the small network puts out now. There, to go towards it is to go towards the truth by a way that a network has found.
"""
from __future__ import annotations

import argparse
import math

import torch
import torch.nn.functional as F
from torch import nn

from distillation import AttentiveDistillation
from model import TASKS, composite, restorer_of
from sample_pool import Batch
from weights import load_weights, mask_network, settings_of, widened

TRUST = 9


def trust(target: torch.Tensor, output: torch.Tensor, image: torch.Tensor, clean: torch.Tensor) -> torch.Tensor:
    """[N,1,H,W]: 1 where the large network's output is to be imitated, else 0."""
    def error(x: torch.Tensor) -> torch.Tensor:
        return F.avg_pool2d((x - clean).abs().mean(1, keepdim=True), TRUST, 1, TRUST // 2, count_include_pad=False)
    wrong = error(target)
    return ((wrong < error(output)) & (wrong < error(image))).to(image.dtype)


class Imitation(nn.Module):
    """The losses on output and attended features. Only the attention is learned: the large network and its mask network are frozen."""

    def __init__(self, s: argparse.Namespace) -> None:
        super().__init__()
        self.task, self.crops, self.channel = s.task, s.large_crops, TASKS.index(s.task)
        settings = settings_of(s.large, s.task)
        network = restorer_of(settings)
        network.load_state_dict(widened(load_weights(s.large), network))
        # In a tuple, so that they are no parameters: not trained, saved or moved with the rest.
        self.frozen = (network.eval().requires_grad_(False), mask_network(s.large_teacher or s.large).requires_grad_(False))
        quarter = lambda patch: int(math.log2(4 / patch))
        mine, theirs = quarter(s.patch), quarter(settings.get("patch", 1))
        self.attend = AttentiveDistillation(s.widths, settings["widths"], [(mine, theirs), (mine + 1, theirs + 1)])

    def target(self, image: torch.Tensor, thumb: torch.Tensor, thumb_mask: torch.Tensor) -> tuple[torch.Tensor, list,
               torch.Tensor]:
        """What the program would put out with the large network, that network's features, and the mask that guided it."""
        network, mask = self.frozen
        with torch.no_grad():
            predicted = torch.sigmoid(mask(image, thumb)[0][:, self.channel:self.channel + 1].float())
            restored, features = network(image, predicted, thumb, thumb_mask)
            return composite(image, restored.float(), predicted, self.task), features, predicted

    def forward(self, batch: Batch, thumb: torch.Tensor, thumb_mask: torch.Tensor, output: torch.Tensor,
                features: list[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """(loss on outputs, loss on features, share of the pixels that were trusted) over some crops of the batch."""
        some = torch.randperm(len(output), device=output.device)[:self.crops]
        image, mine = batch.image[some], output[some]
        target, theirs, predicted = self.target(image, thumb[some], thumb_mask[some])
        weight = trust(target, mine.detach(), image, batch.clean[some])
        apart = (torch.sqrt((mine - target).square() + 1e-6) * weight).mean()
        return apart, self.attend([f[some] for f in features], theirs, predicted), weight.mean()
