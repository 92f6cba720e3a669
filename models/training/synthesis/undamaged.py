"""Undamaged content that looks like damage: shallow focus, wires and rails, bars, lettering, night, snow, pale and faded pictures,
grain.

A network that has only seen sharp, well exposed photographs without damage takes a soft macro for motion blur, a pale wall for
haze and a railing for rain. These are added to the clean photograph before any damage: damaged pictures have them, too.
"""
from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from PIL import Image, ImageDraw, ImageFont
import numpy as np

from .camera import grey
from .filters import gaussian_blur, smooth_noise
from .random import chance, integer, log_uniform, normal, uniform


def disc_blur(image: torch.Tensor, radius: float) -> torch.Tensor:
    """Defocus: the mean over a disc, in linear light."""
    reach = max(1, math.ceil(radius))
    t = torch.arange(-reach, reach + 1).float()
    kernel = (radius + 0.5 - (t[:, None] ** 2 + t ** 2).sqrt()).clamp(0, 1)
    kernel = (kernel / kernel.sum()).to(image.device)
    reach = min(reach, min(image.shape[1:]) - 1)
    linear = F.pad(image.clamp(0, 1).pow(2.2)[:, None], (reach,) * 4, mode="reflect")
    return F.conv2d(linear, kernel[None, None]).clamp(0, 1)[:, 0].pow(1 / 2.2)


def shallow_focus(image: torch.Tensor, g: torch.Generator, depth: torch.Tensor | None) -> torch.Tensor:
    """Sharp at one distance and softer before and behind it; without a depth, sharp in one place or nowhere."""
    _, height, width = image.shape
    if depth is not None and chance(g, 0.7):
        inverse = 1 / depth.clamp(min=0.5)
        focus = inverse.flatten()[integer(g, 0, inverse.numel() - 1)]
        circle = (inverse - focus).abs()
        circle = circle / circle.max().clamp(min=1e-3)
    elif chance(g, 0.25):
        circle = torch.ones(1, height, width, device=image.device)
    else:
        y = torch.linspace(0, 1, height)[:, None] - uniform(g, 0.1, 0.9)
        x = torch.linspace(0, 1, width)[None] - uniform(g, 0.1, 0.9)
        turn, wide = uniform(g, 0, math.pi), log_uniform(g, 0.1, 0.6)
        stripe = (y * math.cos(turn) + x * math.sin(turn)).abs() if chance(g, 0.4) else (y ** 2 + x ** 2).sqrt()
        circle = ((stripe[None] - wide * 0.5) / wide + 0.3 * smooth_noise(height, width, 2, g)).clamp(0, 1).to(image.device)
    largest, out = log_uniform(g, 1.5, 24), image
    levels = 4
    if chance(g, 0.3):  # lights out of focus are discs
        lights = (torch.rand(1, height, width, generator=g) < uniform(g, 0.0002, 0.002)).float().to(image.device)
        colour = 0.4 + 0.6 * torch.rand(3, 1, 1, generator=g).to(image.device)
        glow = lights * colour * (largest ** 2) * uniform(g, 0.5, 1.5)
        image = (image + glow * (circle > 0.6)).clamp(0, 1.0 + largest)
        out = image.clamp(0, 1)
    for k in range(1, levels + 1):
        share = ((circle - (k - 1) / levels) * levels).clamp(0, 1)
        linear = gaussian_blur(image, largest * k / levels * 0.6) if k < levels or chance(g, 0.3) else disc_blur(image, largest)
        out = out + share * (linear.clamp(0, 1) - out)
    return out.clamp(0, 1)


def lines(image: torch.Tensor, g: torch.Generator) -> torch.Tensor:
    """Wires, twigs, rails, blades of grass: opaque and mostly dark, in any direction, some in parallel."""
    _, height, width = image.shape
    canvas = Image.new("L", (width * 2, height * 2))
    draw = ImageDraw.Draw(canvas)
    angle, parallel, thick = uniform(g, 0, math.pi), chance(g, 0.5), log_uniform(g, 1, 8)
    for _ in range(integer(g, 3, 40)):
        turn = angle + normal(g, 0.02) if parallel else angle + normal(g, 0.6)
        long = log_uniform(g, 0.1, 1.5) * 2 * width
        x, y = uniform(g, 0, 2) * width, uniform(g, 0, 2) * height
        dx, dy = long / 2 * math.cos(turn), long / 2 * math.sin(turn)
        draw.line((x - dx, y - dy, x + dx, y + dy), fill=255, width=max(1, round(thick * log_uniform(g, 0.6, 1.5))))
    cover = F.avg_pool2d(torch.from_numpy(np.array(canvas)).float()[None, None] / 255, 2)[0].to(image.device)
    colour = torch.rand(3, 1, 1, generator=g).to(image.device) * uniform(g, 0.05, 0.9)
    if chance(g, 0.3):
        colour = colour + uniform(g, 0, 0.6)
    texture = 0.8 + 0.4 * smooth_noise(height, width, 20, g, image.device)
    return image + cover * ((colour * texture).clamp(0, 1) - image)


def bars(image: torch.Tensor, g: torch.Generator) -> torch.Tensor:
    """Strings, spokes, grilles, combs, type bars: many alike at equal distances, side by side or fanning out, each with a light side."""
    _, height, width = image.shape
    distance, many = log_uniform(g, 4, 30), integer(g, 8, 60)
    thick, long = distance * uniform(g, 0.15, 0.6), log_uniform(g, 0.1, 1.0) * height
    turn, fan = uniform(g, 0, math.pi), uniform(g, -1.5, 1.5) if chance(g, 0.5) else 0.0
    cy, cx = uniform(g, 0.1, 0.9) * height, uniform(g, 0.1, 0.9) * width
    edge, light = Image.new("L", (width * 2, height * 2)), Image.new("L", (width * 2, height * 2))
    on_edge, on_light = ImageDraw.Draw(edge), ImageDraw.Draw(light)
    for i in range(many):
        t = i / (many - 1) - 0.5
        along = turn + math.pi / 2 + fan * t
        y, x = cy + t * many * distance * math.sin(turn), cx + t * many * distance * math.cos(turn)
        dy, dx = long / 2 * math.sin(along), long / 2 * math.cos(along)
        for canvas, shift, share in ((on_edge, 0.0, 1.0), (on_light, 0.25 * thick, 0.4)):
            sy, sx = y + shift * math.sin(turn), x + shift * math.cos(turn)
            canvas.line((2 * (sx - dx), 2 * (sy - dy), 2 * (sx + dx), 2 * (sy + dy)), fill=255, width=max(1, round(2 * thick * share)))
    cover, shine = (F.avg_pool2d(torch.from_numpy(np.array(layer)).float()[None, None] / 255, 2)[0].to(image.device) for layer in (edge, light))
    colour = (torch.rand(3, 1, 1, generator=g) * 0.3 + uniform(g, 0.0, 0.6)).to(image.device)
    if chance(g, 0.5):  # out of focus
        radius = log_uniform(g, 0.6, 3)
        cover, shine = gaussian_blur(cover, radius), gaussian_blur(shine, radius)
    image = image + cover * (colour - image)
    return image + shine * uniform(g, 0.2, 0.9) * (uniform(g, 0.6, 1) - image)


def lettering(image: torch.Tensor, g: torch.Generator) -> torch.Tensor:
    _, height, width = image.shape
    canvas = Image.new("L", (width * 3, height * 3))
    draw = ImageDraw.Draw(canvas)
    font = ImageFont.load_default()
    for _ in range(integer(g, 2, 25)):
        letters = "".join(chr(integer(g, 33, 122)) for _ in range(integer(g, 3, 40)))
        draw.text((uniform(g, -0.2, 1) * canvas.width, uniform(g, 0, 1) * canvas.height), letters, fill=255, font=font)
    scale = log_uniform(g, 0.35, 1.0)
    part = canvas.crop((0, 0, round(canvas.width * scale), round(canvas.height * scale)))
    cover = torch.from_numpy(np.array(part.resize((width, height), Image.BILINEAR))).float()[None].to(image.device) / 255
    colour = torch.rand(3, 1, 1, generator=g).to(image.device)
    if chance(g, 0.4):  # a page
        image = image * 0.1 + 0.9 * (1 - colour)
    return image + cover * (colour - image)


def night(image: torch.Tensor, g: torch.Generator) -> torch.Tensor:
    return image.clamp(min=1e-4) ** uniform(g, 1.3, 2.2) * uniform(g, 0.15, 0.6)


def snow(image: torch.Tensor, g: torch.Generator) -> torch.Tensor:
    """White ground and pale sky: bright places become brighter and lose colour."""
    light = image.mean(0, keepdim=True)
    cover = ((light - uniform(g, 0.2, 0.5)) * uniform(g, 2, 6)).clamp(0, 1)
    return image + cover * uniform(g, 0.5, 0.95) * (uniform(g, 0.85, 1) - image)


def pale(image: torch.Tensor, g: torch.Generator) -> torch.Tensor:
    """A pale thing nearby, or a bright exposure: everything is light, but nothing fades with distance."""
    grey_level = image.mean(0, keepdim=True)
    image = grey_level + uniform(g, 0.2, 1) * (image - grey_level)
    tint = 1 - 0.25 * torch.rand(3, 1, 1, generator=g).to(image.device)
    low = uniform(g, 0.2, 0.65)
    return (low + (uniform(g, 0.85, 1.02) - low) * image) * tint


def faded(image: torch.Tensor, g: torch.Generator) -> torch.Tensor:
    """Scanned film: lifted blacks, a colour cast, less contrast."""
    low = 0.12 * torch.rand(3, 1, 1, generator=g).to(image.device)
    high = 1 - 0.15 * torch.rand(3, 1, 1, generator=g).to(image.device)
    return low + (high - low) * image.clamp(0, 1) ** uniform(g, 0.8, 1.2)


def grain(image: torch.Tensor, g: torch.Generator) -> torch.Tensor:
    noise = torch.randn(image.shape if chance(g, 0.4) else image[:1].shape, generator=g)
    return image + gaussian_blur(noise, uniform(g, 0.3, 1.0)).to(image.device) * log_uniform(g, 0.02, 0.1)


def small_and_enlarged(image: torch.Tensor, g: torch.Generator) -> torch.Tensor:
    factor = log_uniform(g, 1.3, 4)
    small = F.interpolate(image[None], [max(4, round(n / factor)) for n in image.shape[1:]], mode="area")
    return F.interpolate(small, image.shape[1:], mode="bicubic", align_corners=False)[0]


def ramp(height: int, width: int, g: torch.Generator) -> torch.Tensor:
    """0 at one side of a picture, 1 about at the other, along any direction [height,width]."""
    turn = uniform(g, 0, 2 * math.pi)
    y, x = torch.linspace(-0.5, 0.5, height)[:, None], torch.linspace(-0.5, 0.5, width)[None]
    return (0.5 + y * math.sin(turn) + x * math.cos(turn)).clamp(0, 1)


def figure(height: int, width: int, g: torch.Generator) -> torch.Tensor:
    """A rectangle, an ellipse or a polygon at any place, filled or as an outline [1,height,width]."""
    canvas = Image.new("L", (width * 2, height * 2))
    draw = ImageDraw.Draw(canvas)
    left, top = uniform(g, -0.1, 1) * canvas.width, uniform(g, -0.1, 1) * canvas.height
    box = (left, top, left + log_uniform(g, 0.02, 1) * canvas.width, top + log_uniform(g, 0.02, 1) * canvas.height)
    look = {"fill": 255} if chance(g, 0.75) else {"outline": 255, "width": round(log_uniform(g, 1, 12))}
    kind = uniform(g, 0, 1)
    if kind < 0.4:
        draw.rectangle(box, **look)
    elif kind < 0.65:
        draw.ellipse(box, **look)
    else:
        left, top, right, bottom = box if chance(g, 0.5) else (0, 0, canvas.width, canvas.height)
        draw.polygon([(uniform(g, left, right), uniform(g, top, bottom)) for _ in range(integer(g, 3, 6))], **look)
    return torch.from_numpy(np.array(canvas.reduce(2))).float()[None] / 255


def drawing(height: int, width: int, g: torch.Generator) -> torch.Tensor:
    """What is no photograph: flat colours and ramps, with figures and lettering on them or nothing at all [3,height,width].
    A third has little contrast, as pale wallpapers have, which are no haze."""
    tint = uniform(g, 0, 1) if chance(g, 0.6) else 0.0  # papers and screens are mostly grey
    ground = torch.rand(1, 1, 1, generator=g)
    contrast = log_uniform(g, 0.03, 0.4) if chance(g, 0.33) else 1.0
    colour = lambda: (ground + contrast * (torch.rand(1, 1, 1, generator=g) - ground)
                      + tint * (torch.rand(3, 1, 1, generator=g) - 0.5)).clamp(0, 1)
    picture = colour().expand(3, height, width)
    if chance(g, 0.4):
        picture = picture + ramp(height, width, g) * (colour() - picture)
    for _ in range(integer(g, 0, 25)):
        shade = ramp(height, width, g) if chance(g, 0.4) else 1.0
        picture = picture + figure(height, width, g) * uniform(g, 0.3, 1) * shade * (colour() - picture)
    if chance(g, 0.5):
        picture = lettering(picture, g)
    return picture.clamp(0, 1)


KINDS = (lines, bars, lettering, night, snow, pale, faded, grain, small_and_enlarged)


def disguise(image: torch.Tensor, g: torch.Generator, depth: torch.Tensor | None = None) -> torch.Tensor:
    """Adds one or two of these to a clean picture [3,H,W]."""
    for _ in range(1 if chance(g, 0.75) else 2):
        if chance(g, 0.5):
            image = shallow_focus(image, g, depth)
        else:
            image = KINDS[integer(g, 0, len(KINDS) - 1)](image, g)
        image = image.clamp(0, 1)
    return grey(image) if chance(g, 0.06) else image
