"""Training settings: the defaults with their units. A file of configs/ overrides them; the command line overrides that."""
from __future__ import annotations

import argparse
import os
import runpy

from model import TASKS

DEFAULTS = dict(
    stage="restore",       # mask: the mask network; extent: that of motion blur, which returns one number; restore: a restorer
    task="",               # damage that a restorer removes; stage mask: the only damage that the network looks for, all if empty
    teacher="",            # mask network (checkpoint or .onnx), needed by the stage restore
    init="",               # initial weights (checkpoint or .onnx) instead of random ones
    data="",               # folder of the photographs
    camera="",             # folder of photographs at camera resolution, with `train` and `validate` in it; none if empty
    out="runs/run",        # folder of the checkpoint and the log
    seed=1,
    steps=20000,           # length of the schedule in optimiser steps; 0: as long as `minutes`
    minutes=0.0,           # stop (resumably) after this many minutes; 0: run to the end of the schedule
    batch=8,               # crops a step
    crop=128,              # side of a crop in pixels, a multiple of 16
    height=320, width=480, # size of the synthesised pictures that crops are cut from
    whole=0.0,             # share of the pictures that show the whole photograph; the others show a part
    reside=0.0,            # share of the haze with depth that is made like RESIDE's (synthesis/haze.py)
    recorded=1.0,          # share of the pictures in noise, sharpening and JPEG; the others are as synthesised
    residues=0.0,          # share of the task's pictures (stage mask: of rain's) that show what restoring at half the size leaves
    residues_of_finer=0.0, # share of them that show what restoring at twice the size leaves
    residues_restorer="",  # the restorer used for that; `init` if empty
    residues_mask="",      # its mask network; `teacher` if empty
    pool=120,              # pictures in the pool
    workers=0,             # processes that synthesise pictures while the device trains; 0: the device does, between steps
    renewed=0.7,           # pictures replaced at each step
    lr=1.2e-3,             # peak learning rate
    warmup=300,            # steps of linear warm-up; then a cosine to 1 % of lr
    weight_decay=1e-4,
    clip=0.5,              # largest norm of the gradient
    ema=0.999,             # decay of the averaged weights, which are exported
    bf16=True,             # autocast of the convolutions; needs AMX, AVX512-BF16 or a GPU to be faster
    together=0.0,          # weight of the mask network's own loss if it is trained together with the restorer; 0: it is frozen
    light=0.1,             # weight of the loss on a haze restorer's airlight
    verdict=0.25,          # weight of the loss on which damages there are, relative to where they are
    distill=0.05,          # weight of the distillation loss; not read where `large` is given
    large="",              # a larger restorer of the task (checkpoint or .onnx) that this one imitates; none if empty
    large_teacher="",      # the large restorer's mask network, if not in the same checkpoint
    large_crops=2,         # crops of each step that the large restorer sees
    imitate=0.5,           # weight of the loss towards its output, where that is better
    attend=0.02,           # weight of the loss on its features, with attention
    unlabelled="",         # folder below `data` of damaged photographs without ground truth, on which only its output is imitated
    unlabelled_crops=1,    # crops of those in each step
    attention=True,        # attentive or plain distillation
    frequency=0.0,         # weight of the L1 loss on the Fourier transform (Cho et al. 2021)
    clean=0.05,            # share of undamaged pictures in a restorer's pool, at most 0.5: one in round(1 / clean)
    widths=(16, 32, 64, 96, 96), encoder=(1, 1, 1, 1, 2), decoder=(2, 1, 2, 0),
    reference="none",      # the X that a restorer blends in: none, surroundings or airlight (model.Restorer)
    smooth=0.0,            # share of steps with thumbs smoothed like those of larger pictures, up to six times
    patch=1,               # a restorer works at 1/patch of the size: 1, 2 or 4
    harm=0.0,              # weight of the loss on crops whose result is worse than the input
    mask_input=True, gate="mask", context=True, # the ablations, see model.Restorer
    mask_source="predicted", # predicted|extent|true|zero: the mask that guides a restorer (true, zero are ablations); extent: the
                           # mean of the true mask over the crop with an error of some 30 %, like that of a predicted extent
    misled=0.0,            # share of crops whose extent is drawn at random instead, as predictions for soft pictures may be
    composite=True,        # the loss is on I + s(M') (J' - I), the program's output; False: on J' itself
    limit=0,               # most photographs of each source; 0: all
    threads=0,             # CPU threads; 0: as PyTorch chooses
    device="auto",         # auto|cpu|cuda
    log_every=100,         # steps
    validate_minutes=5.0,  # time between validations of the averaged weights, with one at the schedule's end; they do not affect training
    validate_pictures=6,   # the first pictures of each validation set; 0: no validation
)

CHOICES = dict(stage=("mask", "extent", "restore"), task=("", *TASKS), reference=("none", "surroundings", "airlight"), patch=(1, 2, 4),
               gate=("none", "plain", "mask"), mask_source=("predicted", "extent", "true", "zero"), device=("auto", "cpu", "cuda"))
PATHS = ("data", "camera", "teacher", "init", "large", "large_teacher", "residues_restorer", "residues_mask")


def boolean(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError
    return text.lower() == "true"


def numbers(text: str) -> tuple[int, ...]:
    return tuple(int(x) for x in text.split(","))


def complaint(s: argparse.Namespace) -> str | None:
    """What is wrong with settings, if anything is."""
    for name, choices in CHOICES.items():
        if getattr(s, name) not in choices:
            return f"{name} is {getattr(s, name)!r}; it can be {', '.join(map(repr, choices))}"
    for name in PATHS:
        if getattr(s, name) and not os.path.exists(getattr(s, name)):
            return f"{name}: there is no {getattr(s, name)}"
    if not s.data:
        return "the folder of the photographs is missing: --data"
    if not s.steps and not s.minutes:
        return "a schedule needs --steps or --minutes"
    if s.crop % 16 or s.crop > min(s.height, s.width):
        return f"crop is {s.crop}; it has to be a multiple of 16, and no larger than the pictures, {s.height}x{s.width}"
    if s.clean > 0.5:
        return f"clean is {s.clean}; it can be at most 0.5"
    if s.stage == "restore" and not (s.task and s.teacher):
        return "a restorer needs a task and a mask network: --task and --teacher"
    if s.together and (s.stage != "restore" or s.mask_source == "extent"):
        return "together: only a restorer that is guided by what its mask network predicts is trained together with it"
    if s.unlabelled and not s.large:
        return "unlabelled: a large restorer has to say what is right there: --large"
    if (s.residues or s.residues_of_finer) and not ((s.residues_mask or s.teacher) and (s.residues_restorer or s.stage == "restore" and s.init)):
        return "residues: give the restorer and the mask network that leave them: --residues-restorer and --residues-mask"
    return None


def parse(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("config", help="a file of configs/")
    for name, default in DEFAULTS.items():
        flag = "--" + name.replace("_", "-")
        if isinstance(default, bool):
            parser.add_argument(flag, type=boolean)
        elif isinstance(default, tuple):
            parser.add_argument(flag, type=numbers)
        else:
            parser.add_argument(flag, type=type(default))
    given = vars(parser.parse_args(argv))
    path = given.pop("config")
    if not os.path.exists(path):
        parser.error(f"there is no {path}")
    chosen = {k: v for k, v in runpy.run_path(path).items() if not k.startswith("_")}
    unknown = set(chosen) - set(DEFAULTS)
    if unknown:
        parser.error("the file sets what does not exist: " + ", ".join(sorted(unknown)))
    settings = argparse.Namespace(**{**DEFAULTS, **chosen, **{k: v for k, v in given.items() if v is not None}})
    wrong = complaint(settings)
    if wrong:
        parser.error(wrong)
    os.makedirs(settings.out, exist_ok=True)
    return settings
