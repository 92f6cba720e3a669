#!/usr/bin/env python3
"""Trains one network: python3 train.py configs/rain.py --data DATA --minutes 20

Stages: `mask` trains the mask network on all degradations and on clean pictures; `extent` trains the mask network of motion blur;
`restore` trains the restorer of one task, guided by a mask network, the teacher. A run stops after
--minutes and continues from its checkpoint when called again; with the same seed and number of threads the result is the same,
interrupted or not, unless the schedule is measured in minutes (--steps 0): then each call has a schedule of its own.
"""
from __future__ import annotations

import argparse
import copy
import json
import math
import os
import time

import torch
import torch.nn.functional as F

import config
from distillation import distillation_of
from imitation import Imitation, Unlabelled, mask_of
from evaluate import measure
from model import CLASSES, TASKS, THUMB, WHOLE, ExtentNetwork, MaskNetwork, composite, pool_evidence, restorer_of
from residues import Residues
from restoration import Restoration
from sample_pool import Batch, Pool, Sources, verdicts
from validation import SETS, task_of
from weights import AVERAGE, load_weights, mask_network, widened


def charbonnier(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Smooth L1 loss (Charbonnier et al. 1994), the usual loss for PSNR."""
    return torch.sqrt((a - b).square() + 1e-6).mean()


def harm(output: torch.Tensor, image: torch.Tensor, clean: torch.Tensor) -> torch.Tensor:
    """Mean absolute error by which crops became worse than the input; others count as 0."""
    error = lambda x: (x - clean).abs().mean((1, 2, 3))
    return torch.relu(error(output) - error(image)).mean()


def smoothed(thumb: torch.Tensor, side: int) -> torch.Tensor:
    """Smooths a thumb as if it had `side` values a side."""
    return F.interpolate(F.adaptive_avg_pool2d(thumb, side), thumb.shape[2:], mode="bilinear", align_corners=False)


def thumbs_of_any_size(share: float, *thumbs) -> tuple[torch.Tensor, ...]:
    """The thumbs; in a share of all steps smoothed like those of larger pictures, in which streaks and drops average out."""
    if torch.rand(()) >= share:
        return thumbs
    side = int(THUMB * 6 ** -torch.rand(()))
    return tuple(smoothed(thumb, side) for thumb in thumbs)


def frequency_loss(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """L1 loss on the Fourier transform (MIMO-UNet, Cho et al. 2021): blur affects the phase and the high frequencies."""
    return (torch.fft.rfft2(a) - torch.fft.rfft2(b)).abs().mean() / a.shape[-1]


def frozen(path: str) -> ExtentNetwork | MaskNetwork:
    """A trained mask network to learn from."""
    return mask_network(path).requires_grad_(False)


class MaskStage:
    """Trains the mask network on all degradations or, with a `task`, mainly on that one: six of ten pictures show it then."""

    def __init__(self, s: argparse.Namespace) -> None:
        self.task, self.smooth, self.verdict = s.task, s.smooth, s.verdict
        self.network = MaskNetwork(s.widths, s.encoder, s.decoder)
        self.extra = torch.nn.Identity()
        # Clean pictures teach what is no damage. Drops are rarest, and hardest to tell from objects; rain is of the most kinds.
        self.classes = [s.task] * 5 + list(CLASSES) if s.task else [*TASKS, "rain", "raindrop"] + ["clean"] * 4
        self.drops = torch.tensor([float(task == "raindrop") for task in TASKS]).view(1, -1, 1, 1)

    def loss(self, batch: Batch) -> tuple[torch.Tensor, dict]:
        image, truth, thumb = batch.image, batch.masks, batch.thumb
        logits, evidence, attention, _ = self.network(image, *thumbs_of_any_size(self.smooth, thumb))
        if self.task:
            own = TASKS.index(self.task)
            missed = F.binary_cross_entropy_with_logits(logits[:, own].float(), truth[:, own])
            return missed, {"mask": missed}
        shown, sure = verdicts(truth)
        weight = 0.35 + (truth.amax((2, 3), keepdim=True) > 0).float()  # damage that a picture does not have is easy
        # A missed drop stays in the picture; a false one the restorer can leave unchanged.
        weight = weight * (1 + 4 * truth * self.drops.to(image.device))
        mask_loss = (F.binary_cross_entropy_with_logits(logits.float(), truth, reduction="none") * weight).mean()
        pooled = pool_evidence(evidence.float(), attention.float())
        verdict = (F.binary_cross_entropy_with_logits(pooled, shown, reduction="none") * sure).sum() / sure.sum()
        right = (((pooled > 0).float() == shown).float() * sure).sum(0) / sure.sum(0).clamp(min=1)
        parts = {f"right_{task}": right[i] for i, task in enumerate(TASKS)}
        return mask_loss * 4 + self.verdict * verdict, {"mask": mask_loss, "verdict": verdict, **parts}

    def validation(self, averages: dict) -> tuple:
        """The validation sets, and the logged figures."""
        network = on_cpu(self.network, averages["network"])
        if self.task:
            figure = "f1" if self.task in ("rain", "raindrop") else "correlation"
            names = [name for name in SETS if task_of(name) == self.task and not name.endswith("-its")]
            return Restoration(network, {}, {self.task: network}), {name: figure for name in names}
        return Restoration(network, {}), {"rain100h": "f1", "rain-mcmaster": "f1", "raindrop-kodak": "f1", "haze-nyu": "mae",
                                          "clean-kodak": "right"}


class ExtentStage:
    """Trains the mask network of motion blur, which returns one number, the extent. The loss is on the factor by which it is
    wrong."""

    LEAST = 0.04  # a quarter of a pixel: less counts as no blur

    def __init__(self, s: argparse.Namespace) -> None:
        self.network = ExtentNetwork()
        self.extra = torch.nn.Identity()
        self.channel = TASKS.index("blur")
        # With more unblurred pictures, light blur would be taken for none.
        self.classes = ["blur"] * 9 + ["clean"]

    def loss(self, batch: Batch) -> tuple[torch.Tensor, dict]:
        _, evidence, attention, _ = self.network(batch.image)
        extent = F.logsigmoid(pool_evidence(evidence.float(), attention.float())[:, self.channel])
        truth = batch.masks[:, self.channel].mean((1, 2))
        wrong = F.smooth_l1_loss(extent, torch.log(truth.clamp(min=self.LEAST)), beta=0.1)
        return wrong, {"wrong": wrong}

    def validation(self, averages: dict) -> tuple:
        network = on_cpu(self.network, averages["network"])
        return Restoration(network, {}, {"blur": network}), {"blur-kodak": "mae", "blur-mcmaster": "mae"}


class RestoreStage:
    """Trains the restorer of one task, guided by a frozen mask network or, with `together`, by one that is trained with it: by
    the restorer's loss and a share of its own loss."""

    def __init__(self, s: argparse.Namespace) -> None:
        self.s = s
        self.network = restorer_of(vars(s))
        self.teacher = mask_network(s.teacher) if s.together else frozen(s.teacher)
        if isinstance(self.teacher, ExtentNetwork) and (s.mask_source != "extent" or s.distill and not s.large):
            raise ValueError(f"{s.teacher} says one number of a picture, which a crop does not tell: mask_source has to be extent, without distill")
        self.channel = TASKS.index(s.task)
        self.extra = (Imitation(s) if s.large
                      else distillation_of(vars(s), self.teacher.widths) if s.distill else torch.nn.Identity())
        self.unlabelled = None
        if s.unlabelled:
            self.unlabelled = Unlabelled(os.path.join(s.data, s.unlabelled), self.extra, s.crop, s.bf16)
        every = round(1 / s.clean) if s.clean else 0
        self.classes = [s.task] * (every - 1) + ["clean"] if every else [s.task]

    def guide(self, image: torch.Tensor, mask: torch.Tensor, thumb: torch.Tensor) -> tuple:
        """The mask that guides the restorer, the teacher's features, and the teacher's loss."""
        if self.s.mask_source == "extent":
            draw = lambda of: of(len(mask), 1, 1, 1, device=mask.device)
            extent = mask.mean((1, 2, 3), keepdim=True) * torch.exp(0.3 * draw(torch.randn))
            # The extent of soft pictures is often far from what is predicted, which the restorer has to see by itself.
            extent = torch.where(draw(torch.rand) < self.s.misled, 0.08 ** draw(torch.rand), extent)
            return extent.clamp(max=1).expand_as(mask).contiguous(), [], 0.0
        with torch.set_grad_enabled(bool(self.s.together)):
            logits, _, _, features = self.teacher(image, thumb)
            own = logits[:, self.channel:self.channel + 1].float()
            missed = F.binary_cross_entropy_with_logits(own, mask) if self.s.together else 0.0
        guide = {"true": mask, "zero": torch.zeros_like(mask)}.get(self.s.mask_source)
        return torch.sigmoid(own) if guide is None else guide, features, missed

    def loss(self, batch: Batch) -> tuple[torch.Tensor, dict]:
        image, clean = batch.image, batch.clean
        mask = batch.masks[:, self.channel:self.channel + 1]
        thumb, thumb_mask = thumbs_of_any_size(self.s.smooth, batch.thumb, batch.thumb_masks[:, self.channel:self.channel + 1])
        predicted, teacher_features, missed = self.guide(image, mask, thumb)
        if self.s.mask_source == "extent":
            thumb_mask = predicted.mean((1, 2, 3), keepdim=True).expand_as(thumb_mask)
        elif self.s.mask_source == "zero":
            thumb_mask = torch.zeros_like(thumb_mask)
        restored, features = self.network(image, predicted, thumb, thumb_mask)
        output = restored.float()
        if self.s.composite:
            output = composite(image, output, predicted, self.s.task)
        pixel = charbonnier(output, clean)
        total, parts = pixel, {"pixel": pixel}
        if self.s.frequency:
            total = total + self.s.frequency * frequency_loss(output, clean)
        if self.s.harm:
            parts["harm"] = harm(output, image, clean)
            total = total + self.s.harm * parts["harm"]
        light, self.network.light = self.network.light, None  # networks with this attribute cannot be copied
        if light is not None:
            hazy = (mask.mean((1, 2, 3)) > 0.1).float()
            wrong = (light.float().flatten(1) - batch.light).abs().mean(1)
            parts["light"] = (wrong * hazy).sum() / hazy.sum().clamp(min=1)
            total = total + self.s.light * parts["light"]
        if self.s.together:
            total, parts["mask"] = total + self.s.together * missed, missed
        if self.s.large:
            apart, attended, parts["trusted"] = self.extra(batch, thumb, thumb_mask, predicted, output, features)
            total = total + self.s.imitate * apart + self.s.attend * attended
            parts.update(imitated=apart, attended=attended)
            if self.unlabelled:
                parts["unlabelled"] = self.imitated_unseen(image.device)
                total = total + self.s.imitate * parts["unlabelled"]
        elif self.s.distill:
            distilled = self.extra(features, teacher_features, mask)
            total, parts["distill"] = total + self.s.distill * distilled, distilled
        parts["psnr"] = -10 * torch.log10((output.detach().clamp(0, 1) - clean).square().mean() + 1e-9)
        return total, parts

    def imitated_unseen(self, device: torch.device) -> torch.Tensor:
        """Distance of the output to the large network's on photographs without ground truth."""
        image, target, thumb, thumb_mask = (x.to(device) for x in self.unlabelled.crops(self.s.unlabelled_crops))
        with torch.set_grad_enabled(bool(self.s.together)):
            guide = mask_of(self.teacher, self.channel, image, thumb)
        restored, _ = self.network(image, guide, thumb, thumb_mask)
        self.network.light = None
        return charbonnier(composite(image, restored.float(), guide, self.s.task), target)

    def validation(self, averages: dict) -> tuple:
        names = {"rain": ("rain100h", "rain-kodak", "rain-mcmaster"), "haze": ("haze-nyu", "haze-reside", "haze-its"),
                 "raindrop": ("raindrop-kodak", "raindrop-mcmaster", "raindrop-real"),
                 "blur": ("blur-kodak", "blur-mcmaster")}[self.s.task]
        teacher = on_cpu(self.teacher, averages.get("mask"))
        own = {self.s.task: teacher} if self.s.task in WHOLE or self.s.mask_source == "extent" else {}
        return (Restoration(teacher, {self.s.task: on_cpu(self.network, averages["network"])}, own),
                {name: "gain_y" if self.s.task == "rain" else "gain" for name in names})


def on_cpu(network: torch.nn.Module, average: dict | None = None) -> torch.nn.Module:
    """A copy on the CPU, with averaged weights if given."""
    network = copy.deepcopy(network)
    if average:
        network.load_state_dict(average)
    return network.cpu().float()


def validate(stage: MaskStage | ExtentStage | RestoreStage, averages: dict, s: argparse.Namespace) -> dict:
    """Figures of the averaged weights on the first pictures of the task's validation sets."""
    engine, figures = stage.validation(averages)
    with torch.no_grad():
        return {f"{name} {key}": measure(engine, name, s.data, s.validate_pictures)[0][key]
                for name, key in figures.items()}


def residues_of(s: argparse.Namespace) -> Residues:
    """The Residues of a run."""
    return Residues(s.task or "rain", s.residues, s.residues_of_finer, s.residues_mask or s.teacher, s.residues_restorer or s.init)


def learning_rate(s: argparse.Namespace, step: int, minutes: float) -> float:
    """Linear warm-up, then a cosine to 1 % at the end of the schedule, which is measured in steps or else in minutes."""
    if step < s.warmup:
        return s.lr * (step + 1) / s.warmup
    done = (step - s.warmup) / max(1, s.steps - s.warmup) if s.steps else minutes / s.minutes
    return s.lr * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(1, done))))


def update_average(average: dict, network: torch.nn.Module, decay: float) -> None:
    with torch.no_grad():
        values = list(average.values())
        torch._foreach_mul_(values, decay)
        torch._foreach_add_(values, list(network.state_dict().values()), alpha=1 - decay)


def optimiser_step(optimiser: torch.optim.Optimizer, norm: torch.Tensor) -> None:
    """Skips a batch whose gradient is not finite, which would ruin a long run. On CUDA the optimiser itself does: reading the
    norm here would wait for the device."""
    if norm.is_cuda:
        optimiser.found_inf = (~torch.isfinite(norm)).float()
    elif not torch.isfinite(norm):
        return
    optimiser.step()


def save(path: str, state: dict) -> None:
    torch.save(state, path + ".part")
    os.replace(path + ".part", path)


def lacks_bf16(cpuinfo: str = "/proc/cpuinfo") -> bool:
    """Whether an x86 processor has no instructions for bfloat16, by what Linux says of it; False where it says nothing."""
    try:
        with open(cpuinfo) as lines:
            flags = next((line.split() for line in lines if line.startswith("flags")), None)
    except OSError:
        return False
    return flags is not None and not {"amx_bf16", "avx512_bf16"} & set(flags)


def train(s: argparse.Namespace) -> torch.nn.Module:
    started = time.time()
    device = s.device if s.device != "auto" else "cuda" if torch.cuda.is_available() else "cpu"
    if s.bf16 and device == "cpu" and lacks_bf16():
        print("this processor has no instructions for bfloat16, and takes many times as long with it: pass --bf16 false", flush=True)
    if s.threads:
        torch.set_num_threads(s.threads)
    torch.backends.cudnn.benchmark = True  # all batches have one shape
    torch.manual_seed(s.seed)
    stage = {"mask": MaskStage, "extent": ExtentStage, "restore": RestoreStage}[s.stage](s)
    if s.init:
        stage.network.load_state_dict(widened(load_weights(s.init), stage.network))
    # With channels last, float32 convolutions on a CPU are a fifth slower, those in bfloat16 and on a GPU faster.
    layout = torch.channels_last if s.bf16 else torch.contiguous_format
    network = stage.network.to(device, memory_format=layout).train()
    stage.extra.to(device)
    for other in (getattr(stage, "teacher", None), *getattr(stage.extra, "frozen", ())):
        if other:
            other.to(device, memory_format=layout)
    # The networks that are averaged and exported, by their names in the checkpoint.
    trained = {"network": network, **({"mask": stage.teacher.train()} if s.together else {})}
    parameters = [p for part in (*trained.values(), stage.extra) for p in part.parameters() if p.requires_grad]
    fused = {"fused": True} if device == "cuda" else {}
    optimiser = torch.optim.AdamW(parameters, s.lr, weight_decay=s.weight_decay, betas=(0.9, 0.99), **fused)
    averages = {name: {k: v.clone() for k, v in part.state_dict().items()} for name, part in trained.items()}
    first, path = 0, os.path.join(s.out, "checkpoint.pt")
    if os.path.exists(path):
        state = torch.load(path, map_location=device)
        for name, part in trained.items():
            part.load_state_dict(state[name])
        stage.extra.load_state_dict(state["extra"])
        for group in state["optimiser"]["param_groups"]:  # the run may have begun on another kind of device
            group.pop("fused", None)
            group.update(fused)
        optimiser.load_state_dict(state["optimiser"])
        averages, first = {name: state[AVERAGE[name]] for name in trained}, state["step"]
    residues = residues_of(s) if s.residues or s.residues_of_finer else None
    pool = Pool(Sources(s.data, s.limit or None, s.camera), stage.classes, s.pool, s.height, s.width, s.crop, s.seed, device, s.whole, s.reside,
                s.workers, layout, s.recorded, residues)
    print(f"{s.stage} {s.task} on {device}, torch {torch.__version__}, {f'steps {first} to {s.steps}' if s.steps else f'{s.minutes} minutes'}, "
          f"{sum(p.numel() for p in network.parameters()):,} parameters", flush=True)
    log = open(os.path.join(s.out, "log.jsonl"), "a")
    sums, counted, waited, since, step = {}, 0, 0.0, time.time(), first
    validated = time.time()

    def note(row: dict) -> None:
        print(json.dumps(row), flush=True)
        log.write(json.dumps(row) + "\n")
        log.flush()
    minutes = lambda: (time.time() - started) / 60
    while (step < s.steps or not s.steps) and not (s.minutes and minutes() > s.minutes):
        before = time.time()
        batch = pool.batch(step, s.batch, s.renewed)
        waited += time.time() - before
        torch.manual_seed(s.seed * 1_000_003 + step)  # random draws of a loss depend only on the step, too
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(s, step, minutes())
        with torch.autocast(device, dtype=torch.bfloat16, enabled=s.bf16):
            loss, parts = stage.loss(batch)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(parameters, s.clip)
        optimiser_step(optimiser, norm)
        for name, part in trained.items():
            update_average(averages[name], part, min(s.ema, (1 + step) / (10 + step)))
        step, counted = step + 1, counted + 1
        for key, value in {**parts, "norm": norm}.items():
            sums[key] = sums.get(key, 0) + value.detach()
        if step % s.log_every == 0 or step == s.steps:
            figures = {k: round(v.item() / counted, 5) for k, v in sums.items()}  # waits for the device
            span = time.time() - since
            row = {"step": step, **figures,
                   "steps_per_second": round(counted / span, 2), "waiting": round(waited / span, 3)}
            note(row)
            sums, counted, waited, since = {}, 0, 0.0, time.time()
            if s.validate_pictures and step != s.steps and time.time() - validated > s.validate_minutes * 60:
                note({"step": step, "validation": validate(stage, averages, s)})
                validated = since = time.time()
        if step % 1000 == 0:
            save(path, checkpoint(trained, averages, stage, optimiser, step, s))
    save(path, checkpoint(trained, averages, stage, optimiser, step, s))
    if s.validate_pictures and step > first and step >= s.steps:  # the schedule's end
        note({"step": step, "validation": validate(stage, averages, s)})
    print(f"stopped at step {step}{f' of {s.steps}' if s.steps else ''} after {minutes():.1f} minutes", flush=True)
    return stage.network


def checkpoint(trained: dict, averages: dict, stage: MaskStage | ExtentStage | RestoreStage, optimiser: torch.optim.Optimizer, step: int, s: argparse.Namespace) -> dict:
    return {**{name: part.state_dict() for name, part in trained.items()}, **{AVERAGE[name]: averages[name] for name in trained},
            "extra": stage.extra.state_dict(), "optimiser": optimiser.state_dict(), "step": step, "settings": vars(s)}


if __name__ == "__main__":
    train(config.parse())
