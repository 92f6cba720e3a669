"""Attentive knowledge distillation: the frozen mask network teaches the restorer where to look.

At each chosen scale, on a coarse grid, the student's features are the queries. The keys are projected from the teacher's
features; the values are the teacher's features, normalised over channels so that the loss cannot shrink them. The loss draws the
student's projected features to the attended values, more strongly where the picture is damaged. It is used in training only:
inference costs nothing more.
"""
from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import nn


def distillation_of(settings: dict, teacher_widths: tuple[int, int, int, int]) -> AttentiveDistillation:
    """The distillation of a restorer's run with these settings: its features at 1/4 and 1/8 of the size against the teacher's."""
    quarter = int(math.log2(4 / settings["patch"]))
    return AttentiveDistillation(settings["widths"], teacher_widths, [(quarter, 1), (quarter + 1, 2)],
                                 attention=settings["attention"])


class AttentiveDistillation(nn.Module):
    """loss(student features, teacher features, mask) over pairs of scales.

    pairs: [(student scale, teacher scale)] as indices into the feature lists.
    attention=False compares position with position (plain feature distillation).
    """

    def __init__(self, student_widths: tuple[int, ...], teacher_widths: tuple[int, ...], pairs: list[tuple], grid: int = 8,
                 width: int = 32, attention: bool = True) -> None:
        super().__init__()
        self.pairs, self.grid, self.attention = pairs, grid, attention
        self.query = nn.ModuleList(nn.Conv2d(student_widths[s], width, 1) for s, _ in pairs)
        self.key = nn.ModuleList(nn.Conv2d(teacher_widths[t], width, 1) for _, t in pairs)
        self.project = nn.ModuleList(nn.Conv2d(student_widths[s], teacher_widths[t], 1) for s, t in pairs)

    def shares(self, i: int, student: torch.Tensor, teacher: torch.Tensor) -> torch.Tensor:
        """Attention [N,positions,positions] of each position of the student's grid (rows) to each of the teacher's."""
        query = self.query[i](student).flatten(2).transpose(1, 2)
        key = self.key[i](teacher).flatten(2)
        return torch.softmax(torch.matmul(query, key) / query.shape[2] ** 0.5, 2)

    def coarse(self, features: torch.Tensor) -> torch.Tensor:
        return F.adaptive_avg_pool2d(features.float(), self.grid)

    def forward(self, student: list[torch.Tensor], teacher: list[torch.Tensor], mask: torch.Tensor) -> torch.Tensor:
        loss = 0.0
        weight = 0.25 + self.coarse(mask).flatten(2)
        for i, (s, t) in enumerate(self.pairs):
            mine, theirs = self.coarse(student[s]), self.coarse(teacher[t].detach())
            values = F.layer_norm(theirs.flatten(2).transpose(1, 2), theirs.shape[1:2])  # N, positions, C
            if self.attention:
                values = torch.matmul(self.shares(i, mine, theirs), values)
            guess = self.project[i](mine).flatten(2).transpose(1, 2)
            error = (guess - values).square().mean(2)
            loss = loss + (weight[:, 0] * error).mean()
        return loss / len(self.pairs)
