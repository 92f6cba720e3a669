"""A pool of degraded pictures that is renewed all the time and cut into crops.

Synthesising a whole picture and cutting several crops from it over time costs
a fraction of synthesising each crop, and gives each crop what a tile has at
run time: the thumb of the whole picture. Picture i of a pool is a function of
(seed, task, i) alone, so a resumed run sees what an uninterrupted one does.
"""
import itertools
import zlib

import torch
import torch.nn.functional as F
from torch.utils.data import DataLoader, Dataset

import photographs
from networks import CLASSES, TASKS, THUMB
from synthesis import OTHERS, SYNTHESIS
from synthesis.filters import gaussian_blur
from synthesis.haze import reside, warp_depth
from synthesis.random import chance, integer, log_uniform, uniform

# The mean of the mask from which on a crop shows its degradation. One between the drops is a clean one; a mist
# that takes a twelfth of the light is no damage either, and cannot be told from a pale sky.
LEAST = {"haze": 0.08}


class Sources:
    """The training photographs, loaded once."""

    def __init__(self, data, limit=None):
        self.photographs = photographs.training_photographs(data)[:limit]
        self.nyu = photographs.nyu(data)[:limit]
        self.rain_layers = photographs.rain_layers(data)[:limit]


def cut(image, depth, height, width, g, whole=0.0):
    """A random part at a random scale, or (in a share `whole` of all) as much as fits, [3,height,width] in 0..1, with its depth."""
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


def soften(image, factor):
    """As sharp as a picture enlarged by so much: so are photographs of many megapixels, and those out of focus."""
    _, height, width = image.shape
    small = F.interpolate(image[None], (round(height / factor), round(width / factor)), mode="area")
    return F.interpolate(small, (height, width), mode="bicubic", align_corners=False)[0].clamp(0, 1)


def vary(image, g, share=0.6):
    """Exposure, contrast, colour and sharpness of a clean photograph, as cameras differ."""
    if chance(g, 0.3):
        image = image + uniform(g, 0.2, 1.2) * (image - gaussian_blur(image, uniform(g, 0.6, 1.2)))
    if chance(g, share):
        image = image.clamp(min=1e-4) ** uniform(g, 0.75, 1.35) * uniform(g, 0.75, 1.1)
        grey = image.mean(0, keepdim=True)
        image = grey + (image - grey) * uniform(g, 0.6, 1.7)
        if chance(g, 0.25):  # blacks lifted by flare, film or a scanner are no haze
            lift = uniform(g, 0.02, 0.12)
            image = image * (1 - lift) + lift * uniform(g, 0.4, 1.0)
    return image.clamp(0, 1)


def make_picture(sources, task, height, width, seed, index, device="cpu", whole=0.0, like_reside=0.0):
    """(degraded, clean, mask) of one picture; `task` may be `clean`. `whole`: see cut. `like_reside`: share of the haze with depth."""
    g = torch.Generator().manual_seed(zlib.crc32(f"{seed}/{task}/{index}".encode()))
    with_depth = chance(g, {"haze": 0.85, "blur": 0.25}.get(task, 0.15))
    source = sources.nyu if with_depth else sources.photographs
    chosen = source[integer(g, 0, len(source) - 1)]
    image, depth = chosen if with_depth else (chosen, None)
    clean, depth = cut(image, depth, height, width, g, whole)
    # A haze restorer has to guess what brightness was; varied ones would teach it to guess less well.
    clean = vary(clean, g, 0.3 if task == "haze" else 0.6).to(device)
    if chance(g, 0.3):  # soft is not blurred by motion
        clean = soften(clean, log_uniform(g, 1.2, 3.0))
    clean = (clean * 255).round() / 255
    depth = None if depth is None else depth.to(device)
    if task == "haze" and with_depth and chance(g, 0.5):
        depth = warp_depth(depth, g)
    if task == "clean":
        degraded, mask = clean, torch.zeros_like(clean[:1])
    else:
        more = {"layers": sources.rain_layers} if task == "rain" else {}
        synthesise = OTHERS[task] if task in OTHERS and chance(g, 0.5) else SYNTHESIS[task]
        if task == "haze" and with_depth and like_reside and chance(g, like_reside):
            synthesise = reside
        degraded, mask = synthesise(clean, g, depth=depth, **more)
        degraded = (degraded * 255).round() / 255
    return degraded, clean, mask


def thumbnail(x):
    """[C,H,W] -> [C,128,128], each value the mean over the area it covers."""
    return thumbnails(x[None])[0]


def thumbnails(x):
    return F.interpolate(x, (THUMB, THUMB), mode="area")


class Pictures(Dataset):
    """Picture i as bytes [H,W,7]: degraded, clean, mask; the classes take turns."""

    def __init__(self, sources, classes, height, width, seed, device, whole, like_reside):
        self.sources, self.classes = sources, classes
        self.size, self.seed, self.device, self.whole, self.like_reside = (height, width), seed, device, whole, like_reside

    def __getitem__(self, i):
        task = self.classes[i % len(self.classes)]
        parts = make_picture(self.sources, task, *self.size, self.seed, i, self.device, self.whole, self.like_reside)
        return (torch.cat(parts) * 255).round().to(torch.uint8).permute(1, 2, 0).contiguous()


class Pool:
    """`size` pictures of the given classes in turn, kept as bytes on the device; batch() renews some and cuts crops.

    With `workers` the pictures are synthesised by so many processes on the CPU while the device trains, else on the
    device between its steps: the same pictures in the same order.
    """

    def __init__(self, sources, classes, size, height, width, crop, seed, device="cpu", whole=0.0, like_reside=0.0,
                 workers=0, layout=torch.channels_last):
        self.size = -(-size // len(classes)) * len(classes)  # so that a place always has the same class
        self.crop, self.seed, self.device, self.workers, self.layout = crop, seed, device, workers, layout
        self.source = Pictures(sources, classes, height, width, seed, "cpu" if workers else device, whole, like_reside)
        self.bytes = torch.zeros(self.size, height, width, 7, dtype=torch.uint8, device=device)
        self.thumbs = torch.zeros(self.size, 4, THUMB, THUMB, device=device)
        self.made, self.coming = 0, None
        each = lambda of: torch.tensor([of(name) for name in classes], device=device)
        self.label, self.least = each(CLASSES.index), each(lambda name: LEAST.get(name, 1e-3))
        self.may_flip_rows = each(lambda name: name != "haze")  # haze knows up from down
        self.may_transpose = each(lambda name: name == "blur")

    def renew(self, upto):
        """Holds pictures upto-size .. upto-1."""
        first = max(self.made, upto - self.size)
        if self.coming is None or first != self.made:
            ahead = {"num_workers": self.workers, "prefetch_factor": 8, "pin_memory": self.bytes.is_cuda} if self.workers else {}
            self.coming = iter(DataLoader(self.source, sampler=itertools.count(first), batch_size=None, **ahead))
        for i in range(first, upto):
            place = i % self.size
            self.bytes[place].copy_(next(self.coming), non_blocking=True)
            x = self.bytes[place:place + 1].permute(0, 3, 1, 2).float() / 255
            self.thumbs[place] = thumbnails(x[:, [0, 1, 2, 6]])[0]
        self.made = max(self.made, upto)

    def batch(self, step, size, renewed):
        """The batch of a step; `renewed` pictures are replaced each step (a fraction is fine)."""
        self.renew(self.size + int(step * renewed))
        g = torch.Generator().manual_seed(zlib.crc32(f"{self.seed}/batch/{step}".encode()))
        draw = lambda most: torch.randint(most + 1, (size,), generator=g).to(self.device, non_blocking=True)
        kinds, (height, width) = len(self.label), self.bytes.shape[1:3]
        # The classes take turns within a batch, so that each step sees all of them.
        kind = (step * size + torch.arange(size, device=self.device)) % kinds
        place = kind + kinds * draw(self.size // kinds - 1)
        along = torch.arange(self.crop, device=self.device)
        line = lambda start, turned: start[:, None] + torch.where(turned[:, None], self.crop - 1 - along, along)
        rows = line(draw(height - self.crop), (draw(1) > 0) & self.may_flip_rows[kind])
        columns = line(draw(width - self.crop), draw(1) > 0)
        transposed = ((draw(1) > 0) & self.may_transpose[kind])[:, None, None]
        y = torch.where(transposed, rows[:, None, :], rows[:, :, None])
        x = torch.where(transposed, columns[:, :, None], columns[:, None, :])
        crops = (self.bytes[place[:, None, None], y, x].float() / 255).permute(0, 3, 1, 2)
        thumbs = self.thumbs[place]
        label = torch.where(crops[:, 6].mean((1, 2)) > self.least[kind], self.label[kind], CLASSES.index("clean"))
        parts = (crops[:, :3], crops[:, 3:6], crops[:, 6:], thumbs[:, :3], thumbs[:, 3:])
        return (*(part.contiguous(memory_format=self.layout) for part in parts), label)


def one_hot(labels):
    """[N,4,1,1]: 1 for the task of each, 0 for the others; all 0 where there is none."""
    return F.one_hot(labels, len(CLASSES))[:, :len(TASKS), None, None].float()


def task_masks(mask, labels):
    """Ground truth of all mask channels [N,4,H,W]: the picture's own damage, none of the others."""
    return one_hot(labels) * mask
