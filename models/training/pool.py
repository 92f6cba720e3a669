"""A pool of degraded pictures that is renewed all the time and cut into crops.

Synthesising a whole picture and cutting several crops from it over time costs
a fraction of synthesising each crop, and gives each crop what a tile has at
run time: the thumb of the whole picture. Picture i of a pool is a function of
(seed, task, i) alone, so a resumed run sees what an uninterrupted one does.
"""
import zlib

import torch
import torch.nn.functional as F

import photographs
from networks import CLASSES, TASKS, THUMB
from synthesis import OTHERS, SYNTHESIS
from synthesis.filters import gaussian_blur
from synthesis.haze import warp_depth
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


def make_picture(sources, task, height, width, seed, index, device="cpu", whole=0.0):
    """(degraded, clean, mask, thumb, thumb_mask) of one picture; `task` may be `clean`. `whole`: see cut."""
    g = torch.Generator().manual_seed(zlib.crc32(f"{seed}/{task}/{index}".encode()))
    with_depth = chance(g, {"haze": 0.85, "blur": 0.25}.get(task, 0.15))
    source = sources.nyu if with_depth else sources.photographs
    chosen = source[integer(g, 0, len(source) - 1)]
    image, depth = chosen if with_depth else (chosen, None)
    clean, depth = cut(image, depth, height, width, g, whole)
    # A haze restorer has to guess what brightness was; varied ones would teach it to guess less well.
    clean = vary(clean, g, 0.3 if task == "haze" else 0.6).to(device)
    if chance(g, 0.1 if task == "blur" else 0.3):  # soft is not blurred by motion
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
        degraded, mask = synthesise(clean, g, depth=depth, **more)
        degraded = (degraded * 255).round() / 255
    return degraded, clean, mask, thumbnail(degraded), thumbnail(mask)


def thumbnail(x):
    """[C,H,W] -> [C,128,128], each value the mean over the area it covers."""
    return F.interpolate(x[None], (THUMB, THUMB), mode="area")[0]


class Pool:
    """`size` pictures of the given classes in turn; step() renews some and cuts a batch."""

    def __init__(self, sources, classes, size, height, width, crop, seed, device="cpu", whole=0.0):
        self.make = lambda i: make_picture(
            sources, classes[i % len(classes)], height, width, seed, i, device, whole)
        self.classes, self.size, self.crop, self.seed, self.device = classes, size, crop, seed, device
        self.made = 0
        self.slots = [None] * size

    def renew(self, upto):
        """Holds pictures upto-size .. upto-1."""
        for i in range(max(self.made, upto - self.size), upto):
            self.slots[i % self.size] = (self.classes[i % len(self.classes)], *self.make(i))
        self.made = max(self.made, upto)

    def batch(self, step, size, renewed):
        """The batch of a step; `renewed` pictures are replaced each step (a fraction is fine)."""
        self.renew(self.size + int(step * renewed))
        g = torch.Generator().manual_seed(zlib.crc32(f"{self.seed}/batch/{step}".encode()))
        parts = []
        for row in range(size):
            # The classes take turns within a batch, so that each step sees all of them.
            same = [s for s in self.slots if s[0] == self.classes[(step * size + row) % len(self.classes)]]
            name, degraded, clean, mask, thumb, thumb_mask = same[integer(g, 0, len(same) - 1)]
            top = integer(g, 0, degraded.shape[1] - self.crop)
            left = integer(g, 0, degraded.shape[2] - self.crop)
            window = [x[:, top:top + self.crop, left:left + self.crop] for x in (degraded, clean, mask)]
            turn = integer(g, 0, 7)
            if turn & 1:
                window = [x.flip(2) for x in window]
            if turn & 2 and name != "haze":  # haze knows up from down
                window = [x.flip(1) for x in window]
            if turn & 4 and name == "blur":
                window = [x.transpose(1, 2) for x in window]
            label = name if window[2].mean() > LEAST.get(name, 1e-3) else "clean"
            parts.append((*window, thumb, thumb_mask, CLASSES.index(label)))
        columns = list(zip(*parts))
        stacked = [torch.stack(c).contiguous(memory_format=torch.channels_last) for c in columns[:5]]
        return (*stacked, torch.tensor(columns[5], device=self.device))


def task_masks(mask, labels):
    """Ground truth of all mask channels [N,4,H,W]: the picture's own damage, none of the others."""
    truth = torch.zeros(mask.shape[0], len(TASKS), *mask.shape[2:], device=mask.device)
    for row, label in enumerate(labels.tolist()):
        if label < len(TASKS):
            truth[row, label] = mask[row, 0]
    return truth
