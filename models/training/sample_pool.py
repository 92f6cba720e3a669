"""A pool of degraded pictures that is replaced continually and cut into crops.

Synthesising a whole picture and cutting several crops from it over time costs a fraction of synthesising each crop, and gives
each crop what a tile has at run time: the thumb of the whole picture. Picture i of a pool is a function of (seed, task, i) only,
so a resumed run sees the same pictures as an uninterrupted one.
"""
from __future__ import annotations

import itertools
import zlib
from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch.utils.data import DataLoader, Dataset

import datasets
from model import TASKS, THUMB
from residues import Residues
from resize import thumbnails
from synthesis import KINDS, MISTY, SCENE
from synthesis.camera import grey, record
from synthesis.development import Development
from synthesis.filters import gaussian_blur
from synthesis.haze import hazed, hazed_as_reside, knowable, warp_depth
from synthesis.random import chance, integer, log_uniform, uniform
from synthesis.undamaged import disguise, drawing

# Mean of the mask up to which a crop counts as clean, and from which it counts as damaged; values between are undecided. A crop
# between drops is clean; a mist that takes a twelfth of the light looks like a pale sky.
SURE = {"rain": (0.0005, 0.006), "raindrop": (0.0005, 0.006), "haze": (0.04, 0.15), "blur": (0.05, 0.16)}

# Share of a class's pictures of which the clean one looks damaged. Photographs of rain mostly have a soft background.
DISGUISED = {"clean": 0.75, "rain": 0.3}

# Share of the undamaged pictures that are drawings.
DRAWN = 0.12

# Share of the haze that is seen at dusk, or exposed darkly.
DUSK = 0.2

# Share of the haze that was developed afterwards (synthesis/development.py).
DEVELOPED = 0.3

# Damages that may lie below a task's damage: light passes the haze, then the rain, then the drops on the lens.
BELOW = {"rain": ("haze",), "raindrop": ("haze", "rain"), "haze": (), "blur": ("haze", "rain")}


class Sources:
    """The training photographs, loaded once: ordinary ones, those at camera resolution, rooms and streets with depth."""

    def __init__(self, data: str, limit: int | None = None, camera: str = "") -> None:
        self.photographs = datasets.training_photographs(data, limit)
        self.camera = [picture for _, picture in datasets.camera_photographs(camera, limit=limit)]
        self.rooms = datasets.nyu(data, limit=limit)
        self.streets = datasets.streets(data, limit)
        self.rain_layers = datasets.rain_layers(data)[:limit]

    def draw(self, task: str, g: torch.Generator) -> tuple:
        """Draws a photograph, with its depth in metres if it has one."""
        chosen = lambda some: some[integer(g, 0, len(some) - 1)]
        if chance(g, {"haze": 0.6, "blur": 0.3}.get(task, 0.25)):
            if self.streets and chance(g, 0.35):
                photograph, depth = chosen(self.streets)
                return photograph, datasets.street_metres(depth)
            photograph, depth = chosen(self.rooms)
            return photograph, datasets.metres(depth)
        return chosen(self.camera if self.camera and chance(g, 0.6 if task == "haze" else 0.4) else self.photographs), None


def cut(image: torch.Tensor, depth: torch.Tensor | None, height: int, width: int, g: torch.Generator,
        whole: float = 0.0) -> tuple:
    """Cuts a random part at a random scale or, in a share `whole` of all, as much as fits: [3,height,width] in 0..1, with its
    depth."""
    smallest = max(height / image.shape[1], width / image.shape[2])
    scale = smallest if whole and chance(g, whole) else uniform(g, smallest, max(smallest, 1.0))
    h, w = min(image.shape[1], round(height / scale)), min(image.shape[2], round(width / scale))
    top, left = integer(g, 0, image.shape[1] - h), integer(g, 0, image.shape[2] - w)
    part = image[:, top:top + h, left:left + w].float()[None] / 255
    part = F.interpolate(part, (height, width), mode="bilinear", antialias=True, align_corners=False)[0]
    if depth is not None:
        depth = F.interpolate(depth[None, :, top:top + h, left:left + w], (height, width))[0]
    if chance(g, 0.5):
        part, depth = part.flip(2), None if depth is None else depth.flip(2)
    return part, depth


def soften(image: torch.Tensor, factor: float) -> torch.Tensor:
    """Blurs a picture as if enlarged by `factor`, like photographs of many megapixels and those out of focus."""
    _, height, width = image.shape
    small = F.interpolate(image[None], (round(height / factor), round(width / factor)), mode="area")
    return F.interpolate(small, (height, width), mode="bicubic", align_corners=False)[0].clamp(0, 1)


def vary(image: torch.Tensor, g: torch.Generator, share: float = 0.6) -> torch.Tensor:
    """Varies exposure, contrast, colour and sharpness of a clean photograph, as cameras differ."""
    if chance(g, 0.3):
        image = image + uniform(g, 0.2, 1.2) * (image - gaussian_blur(image, uniform(g, 0.6, 1.2)))
    if chance(g, share):
        image = image.clamp(min=1e-4) ** uniform(g, 0.75, 1.35) * uniform(g, 0.75, 1.1)
        grey = image.mean(0, keepdim=True)
        image = grey + (image - grey) * uniform(g, 0.6, 1.7)
        if chance(g, 0.25):  # blacks lifted by flare, film or a scanner, which are no haze
            lift = uniform(g, 0.02, 0.12)
            image = image * (1 - lift) + lift * uniform(g, 0.4, 1.0)
    return image.clamp(0, 1)


def kind_of(task: str, g: torch.Generator) -> Callable:
    """Draws one of the task's kinds of damage, each with its share."""
    draw, kinds = uniform(g, 0, 1), iter(KINDS[task])
    kind, share = next(kinds)
    while draw > share:
        draw -= share
        kind, share = next(kinds, (kind, 2.0))
    return kind


def synthesised(task: str, kind: Callable, clean: torch.Tensor, depth: torch.Tensor | None, g: torch.Generator, sources: Sources,
                like_reside: float = 0.0) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor | None]:
    """(degraded, clean, mask, airlight [3] or None) for a kind of the task's damage; `clean` is what a restorer can recover."""
    if task == "haze":
        if depth is not None and chance(g, like_reside):
            degraded, mask, air = hazed_as_reside(clean, g, depth)
        else:
            exposure = uniform(g, 0.35, 0.9) if chance(g, DUSK) else 1.0
            clean = clean * exposure
            warped = warp_depth(depth, g) if depth is not None and chance(g, 0.5) else depth
            degraded, mask, air = hazed(clean, g, warped, exposure)
        clean = knowable(clean, mask, air)
        if chance(g, DEVELOPED):
            develop = Development(g)
            degraded, clean = develop.picture(degraded), develop.picture(clean)
            air = develop.colours(air.view(3, 1, 1)).flatten()
        return degraded, clean, mask, air
    more = {"layers": sources.rain_layers} if task == "rain" else {}
    clean = SCENE.get(kind, lambda scene, _: scene)(clean, g)
    degraded, mask = kind(clean, g, depth=depth, **more)
    return degraded, clean, mask, None


def make_picture(sources: Sources, task: str, height: int, width: int, seed: int, index: int, device: str = "cpu", whole: float = 0.0,
                 like_reside: float = 0.0, recorded: float = 1.0,
                 residues: Residues | None = None) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """(degraded, clean, masks [4], airlight [3]) of one picture; `task` may be `clean`. `clean` keeps other damage below the
    task's, which the task's restorer must not remove. `whole`: see cut. `like_reside`: share of the haze with depth. `recorded`:
    share of the pictures with what a camera adds (synthesis/camera.py). `residues`: the task whose pictures partly show what another
    level left (residues.Residues)."""
    g = torch.Generator().manual_seed(zlib.crc32(f"{seed}/{task}/{index}".encode()))
    finer = residues is not None and residues.task == task and chance(g, residues.of_finer)
    if finer:
        height, width = 2 * height, 2 * width
    clean, depth = cut(*sources.draw(task, g), height, width, g, whole)
    # A haze restorer has to estimate the original brightness; varied brightness would make that harder.
    clean = vary(clean, g, 0.3 if task == "haze" else 0.6)
    if task == "clean" and chance(g, DRAWN):
        clean = drawing(height, width, g)
    elif chance(g, DISGUISED.get(task, 0.12)):
        clean = disguise(clean, g, depth)
    elif chance(g, 0.3):  # softness is not motion blur
        clean = soften(clean, log_uniform(g, 1.2, 3.0))
    clean = clean.to(device)
    if chance(g, 0.06):
        clean = grey(clean)
    depth = None if depth is None else depth.to(device)
    masks, light = torch.zeros(len(TASKS), height, width, device=device), torch.zeros(3)
    by_camera = recorded == 1 or chance(g, recorded)
    if task == "clean":
        return record(clean, g) if by_camera else clean, clean, masks, light
    kind = kind_of(task, g)
    if BELOW[task] and chance(g, MISTY.get(kind, 0.15)):
        other = BELOW[task][integer(g, 0, len(BELOW[task]) - 1)]
        clean, _, masks[TASKS.index(other)], _ = synthesised(other, kind_of(other, g), clean, depth, g, sources)
    degraded, clean, mask, air = synthesised(task, kind, clean, depth, g, sources, like_reside)
    masks[TASKS.index(task)] = mask[0]
    if air is not None:
        light = air.cpu()
    if by_camera:
        degraded = record(degraded, g, worst=70 if task == "blur" else 35)
    if finer:
        degraded, clean, mask = residues.left_by_finer(degraded, clean, mask)
        masks = F.max_pool2d(masks, 2)
        masks[TASKS.index(task)] = mask[0]
    elif residues and residues.task == task and chance(g, residues.share):
        degraded, mask = residues.left_of(degraded, clean, mask)
        masks[TASKS.index(task)] = mask[0]
    return degraded, clean, masks, light


class Pictures(Dataset):
    """Picture i as bytes [H,W,10] (degraded, clean and the four masks) and its airlight; classes take turns."""

    def __init__(self, sources: Sources, classes: Sequence[str], height: int, width: int, seed: int, device: str,
                 whole: float, like_reside: float, recorded: float, residues: Residues | None = None) -> None:
        self.recorded, self.residues = recorded, residues
        self.sources, self.classes = sources, classes
        self.size, self.seed, self.device, self.whole, self.like_reside = (height, width), seed, device, whole, like_reside

    def __getitem__(self, i: int) -> tuple[torch.Tensor, torch.Tensor]:
        task = self.classes[i % len(self.classes)]
        *parts, light = make_picture(self.sources, task, *self.size, self.seed, i, self.device, self.whole, self.like_reside,
                                     self.recorded, self.residues)
        return (torch.cat(parts).clamp(0, 1) * 255).round().to(torch.uint8).permute(1, 2, 0).contiguous(), light


class Pool:
    """`size` pictures, whose classes take turns, as bytes on the device; batch() replaces some and cuts crops.

    With `workers`, that many processes synthesise the pictures on the CPU while the device trains; else the device does between
    steps. The pictures and their order are the same.
    """

    def __init__(self, sources: Sources, classes: Sequence[str], size: int, height: int, width: int, crop: int,
                 seed: int, device: str = "cpu", whole: float = 0.0, like_reside: float = 0.0, workers: int = 0,
                 layout: torch.memory_format = torch.channels_last, recorded: float = 1.0, residues: Residues | None = None) -> None:
        self.size = -(-size // len(classes)) * len(classes)  # so that a place always has the same class
        self.crop, self.seed, self.device, self.workers, self.layout = crop, seed, device, workers, layout
        self.source = Pictures(sources, classes, height, width, seed, "cpu" if workers else device, whole, like_reside, recorded,
                               residues)
        self.bytes = torch.zeros(self.size, height, width, 6 + len(TASKS), dtype=torch.uint8, device=device)
        self.thumbs = torch.zeros(self.size, 3 + len(TASKS), THUMB, THUMB, device=device)
        self.light = torch.zeros(self.size, 3, device=device)
        self.made, self.coming, self.kinds = 0, None, len(classes)
        # Alike for all classes, since how a crop is turned must not tell its damage: not upside down where haze is among them,
        # which depends on it, and not transposed beside what falls.
        self.may_flip_rows = "haze" not in classes
        self.may_transpose = set(classes) <= {"blur", "clean"}

    def renew(self, upto: int) -> None:
        """Fills the pool with pictures upto-size .. upto-1."""
        first = max(self.made, upto - self.size)
        if self.coming is None or first != self.made:
            ahead = {"num_workers": self.workers, "prefetch_factor": 8, "pin_memory": self.bytes.is_cuda} if self.workers else {}
            self.coming = iter(DataLoader(self.source, sampler=itertools.count(first), batch_size=None, **ahead))
        for i in range(first, upto):
            place = i % self.size
            picture, light = next(self.coming)
            self.bytes[place].copy_(picture, non_blocking=True)
            self.light[place].copy_(light, non_blocking=True)
            x = self.bytes[place:place + 1].permute(0, 3, 1, 2).float() / 255
            self.thumbs[place] = thumbnails(x[:, [0, 1, 2, 6, 7, 8, 9]])[0]
        self.made = max(self.made, upto)

    def batch(self, step: int, size: int, renewed: float) -> Batch:
        """The Batch of a step; `renewed` pictures are replaced at each step (may be a fraction)."""
        self.renew(self.size + int(step * renewed))
        g = torch.Generator().manual_seed(zlib.crc32(f"{self.seed}/batch/{step}".encode()))
        draw = lambda most: torch.randint(most + 1, (size,), generator=g).to(self.device, non_blocking=True)
        height, width = self.bytes.shape[1:3]
        # The classes take turns within a batch, so that each step sees all of them.
        kind = (step * size + torch.arange(size, device=self.device)) % self.kinds
        place = kind + self.kinds * draw(self.size // self.kinds - 1)
        along = torch.arange(self.crop, device=self.device)
        line = lambda start, turned: start[:, None] + torch.where(turned[:, None], self.crop - 1 - along, along)
        rows = line(draw(height - self.crop), (draw(1) > 0) & self.may_flip_rows)
        columns = line(draw(width - self.crop), draw(1) > 0)
        transposed = ((draw(1) > 0) & self.may_transpose)[:, None, None]
        y = torch.where(transposed, rows[:, None, :], rows[:, :, None])
        x = torch.where(transposed, columns[:, :, None], columns[:, None, :])
        crops = (self.bytes[place[:, None, None], y, x].float() / 255).permute(0, 3, 1, 2)
        thumbs = self.thumbs[place]
        parts = (crops[:, :3], crops[:, 3:6], crops[:, 6:], thumbs[:, :3], thumbs[:, 3:])
        return Batch(*(part.contiguous(memory_format=self.layout) for part in parts), self.light[place])


class Batch(NamedTuple):
    """Crops of degraded and clean pictures [N,3,H,W], their masks of all tasks [N,4,H,W], the thumbs of the whole pictures and of
    their masks, and the airlight [N,3], 0 without haze."""
    image: torch.Tensor
    clean: torch.Tensor
    masks: torch.Tensor
    thumb: torch.Tensor
    thumb_masks: torch.Tensor
    light: torch.Tensor


def verdicts(masks: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """From masks [N,4,H,W]: which damages a crop shows [N,4], and the weight of each answer, 0 where it is undecided."""
    mean = masks.mean((2, 3))
    low, high = (torch.tensor([SURE[task][i] for task in TASKS], device=masks.device) for i in (0, 1))
    return (mean >= high).float(), ((mean <= low) | (mean >= high)).float()
