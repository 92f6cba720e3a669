"""Attentive knowledge distillation: the frozen mask network teaches the restorer where to look.

At each chosen scale, on a coarse grid, the student's features ask (queries)
and the teacher's answer (keys learned, values the teacher's own features,
normalised over channels so that they cannot be shrunk away). The student's
projected features are drawn to the answer, more so where the picture is
damaged. Training only: inference pays nothing.
"""
import torch
import torch.nn.functional as F
from torch import nn


class AttentiveDistillation(nn.Module):
    """loss(student features, teacher features, mask) over pairs of scales.

    pairs: [(student scale, teacher scale)] as indices into the feature lists.
    attention=False compares position with position (plain feature distillation).
    """

    def __init__(self, student_widths, teacher_widths, pairs, grid=8, width=32, attention=True):
        super().__init__()
        self.pairs, self.grid, self.attention = pairs, grid, attention
        self.query = nn.ModuleList(nn.Conv2d(student_widths[s], width, 1) for s, _ in pairs)
        self.key = nn.ModuleList(nn.Conv2d(teacher_widths[t], width, 1) for _, t in pairs)
        self.project = nn.ModuleList(nn.Conv2d(student_widths[s], teacher_widths[t], 1) for s, t in pairs)

    def forward(self, student, teacher, mask):
        loss = 0.0
        weight = 0.25 + F.adaptive_avg_pool2d(mask, self.grid).flatten(2)
        for i, (s, t) in enumerate(self.pairs):
            mine = F.adaptive_avg_pool2d(student[s].float(), self.grid)
            theirs = F.adaptive_avg_pool2d(teacher[t].float().detach(), self.grid)
            values = F.layer_norm(theirs.flatten(2).transpose(1, 2), theirs.shape[1:2])  # N, positions, C
            if self.attention:
                query = self.query[i](mine).flatten(2).transpose(1, 2)
                key = self.key[i](theirs).flatten(2)
                share = torch.softmax(torch.matmul(query, key) / query.shape[2] ** 0.5, 2)
                values = torch.matmul(share, values)
            guess = self.project[i](mine).flatten(2).transpose(1, 2)
            error = (guess - values).square().mean(2)
            loss = loss + (weight[:, 0] * error).mean()
        return loss / len(self.pairs)
