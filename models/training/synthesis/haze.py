"""Haze: I = J t + A (1 - t), t = exp(-beta d) (Koschmieder).

What adds up is light, of which a camera's tone curve makes the values of a file. RESIDE (Li et al. 2019) mixes those instead: dark
tones then look less hazy than they do in photographs, and a network that learns from that alone makes scenes too dark. So we mix
powers of the values, drawn between 1, RESIDE's, and 2.4. Of the colour charts in two photographs of O-HAZE (Ancuti et al. 2018)
one is a line at a power of 2.2, where at 1 its dark greys have half the contrast of the light ones; the other, in thinner
haze, is nearly one at 1.

The thickness is drawn as the optical depth of the farther parts of the scene (the 80 % quantile of its depth), which suits rooms,
streets and synthetic depth alike. Without a measured depth one is guessed: far at the top, with bumps or ridges, farther where the
picture is pale, and along its edges. Some haze is patchy, like drifting smoke and fog, and some lies as a bank.

The airlight A is grey, bluish or yellowish, with a brightness of 0.45 to 1: RESIDE has 0.7 to 1 in grey for its rooms, and
photographs of haze outdoors (O-HAZE, Ancuti et al. 2018) are darker and bluer. At dusk scene and airlight are darker together.

Mask: 1 - t, the share of the light that haze replaces.
"""
from __future__ import annotations

import torch
import torch.nn.functional as F

from .filters import smooth_noise
from .random import chance, integer, log_uniform, normal, uniform


def procedural_depth(height: int, width: int, g: torch.Generator, device: torch.device) -> torch.Tensor:
    """Depth [1,H,W] in 0..10 metres: a ground plane and a few smooth objects."""
    rise = torch.linspace(1, 0, height, device=device)[None, :, None].expand(1, height, width)
    horizon = uniform(g, 0.2, 1.0)
    plane = (rise / horizon).clamp(max=1) ** uniform(g, 0.5, 2.0)
    bumps = smooth_noise(height, width, uniform(g, 1, 5), g, device)
    share = uniform(g, 0.2, 0.9)
    return 10 * (share * plane + (1 - share) * bumps).clamp(0.02, 1)


def along_edges(x: torch.Tensor, guide: torch.Tensor, radius: int, eps: float = 0.004) -> torch.Tensor:
    """x [1,H,W], smooth but for the edges of `guide` [1,H,W] (the guided filter: He, Sun, Tang 2010)."""
    mean = lambda y: F.avg_pool2d(y[None], 2 * radius + 1, 1, radius, count_include_pad=False)[0]
    slope = (mean(guide * x) - mean(guide) * mean(x)) / (mean(guide * guide) - mean(guide) ** 2 + eps)
    return mean(slope) * guide + mean(mean(x) - slope * mean(guide))


def guessed_depth(image: torch.Tensor, g: torch.Generator) -> torch.Tensor:
    """Depth [1,H,W] in 0..10 metres of a photograph [3,H,W] outdoors, which fits what it shows: in half of the cases
    procedural_depth alone."""
    _, height, width = image.shape
    depth = procedural_depth(height, width, g, image.device) / 10
    if chance(g, 0.5):
        return 10 * depth
    dark = -F.max_pool2d(-image.amin(0, keepdim=True)[None], 7, 1, 3)[0]  # skies and what is far are pale (He et al. 2009)
    pale = (dark / dark.flatten().quantile(0.95).clamp(min=0.05)).clamp(max=1)
    depth = depth + uniform(g, 0, 0.8) * (pale - depth)
    if chance(g, 0.4):  # ridges behind each other
        many = integer(g, 3, 7)
        depth = (depth * many + 0.5 * smooth_noise(height, width, uniform(g, 3, 12), g, image.device)).floor() / many
    return 10 * along_edges(depth, image.mean(0, keepdim=True), radius=max(2, min(height, width) // 16)).clamp(0.02, 1)


def warp_depth(depth: torch.Tensor, g: torch.Generator) -> torch.Tensor:
    """Another depth for the same photograph, in the same order except for bumps, with the same mean: photographs with depth are
    few, and a network that always sees a place at the same depth memorises the places instead of learning how haze looks."""
    power = (depth / depth.max()) ** log_uniform(g, 0.6, 1.7)
    bumps = smooth_noise(*depth.shape[1:], uniform(g, 1, 4), g, depth.device)
    return power * (depth.mean() / power.mean()) * (1 + uniform(g, 0, 0.4) * (2 * bumps - 1))


def airlight(g: torch.Generator, scene: torch.Tensor | None = None) -> torch.Tensor:
    """A [3]: grey, bluish or yellowish, of brightness 0.45 to 1; often about as bright as the light parts of the hidden scene."""
    bright = uniform(g, 0.5, 1.0)
    if scene is not None and chance(g, 0.4):
        bright = min(1.0, max(0.45, scene.mean(0).quantile(0.9).item() * uniform(g, 0.85, 1.2)))
    kind = uniform(g, 0, 1)
    if kind < 0.35:
        colour = [normal(g, 0.012) for _ in range(3)]
    elif kind < 0.75:  # scattered sky: more blue than red
        blue = uniform(g, 0.02, 0.28)
        colour = [-blue * uniform(g, 0.6, 1.2), -blue * uniform(g, 0.1, 0.6), 0.0]
    elif kind < 0.93:  # dust, smoke, a low sun
        warm = uniform(g, 0.02, 0.22)
        colour = [0.0, -warm * uniform(g, 0.2, 0.6), -warm * uniform(g, 0.6, 1.2)]
    else:
        colour = [-uniform(g, 0, 0.2) for _ in range(3)]
    return (bright * (1 + torch.tensor(colour))).clamp(0, 1)


def hazed(clean: torch.Tensor, g: torch.Generator, depth: torch.Tensor | None = None, exposure: float = 1.0) -> tuple[
          torch.Tensor, torch.Tensor, torch.Tensor]:
    """(degraded, mask, A [3]). `exposure`: by how much the clean picture was darkened, as the airlight is then too."""
    _, height, width = clean.shape
    made_up = depth is None
    if made_up:
        depth = guessed_depth(clean, g)
    far = depth.flatten()[::7].quantile(0.8).clamp(min=0.1)
    thick = log_uniform(g, 0.3 if made_up else 0.15, 2.4)
    optical = depth / far * thick
    if chance(g, 0.25):  # drifting
        optical = optical * (1 - uniform(g, 0.3, 0.9) * smooth_noise(height, width, uniform(g, 1, 4), g, clean.device))
    if chance(g, 0.25):  # a room or a garden full of smoke, hardly thicker with distance
        optical = optical + log_uniform(g, 0.1, 1.2)
    if chance(g, 0.12):  # a bank over a valley or a lake
        rise = torch.linspace(0, 1, height, device=clean.device)[None, :, None]
        optical = optical * (0.1 + 0.9 * torch.exp(-((rise - uniform(g, 0.2, 0.9)) / log_uniform(g, 0.08, 0.4)) ** 2))
    transmission = torch.exp(-optical)
    light = (airlight(g, clean / exposure) * exposure).to(clean.device)
    air = light.view(3, 1, 1)
    power = uniform(g, 1, 2.4)
    degraded = (clean.clamp(0, 1) ** power * transmission + air ** power * (1 - transmission)) ** (1 / power)
    return degraded.clamp(0, 1), 1 - transmission, light


def hazed_as_reside(clean: torch.Tensor, g: torch.Generator, depth: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor,
                    torch.Tensor]:
    """(degraded, mask, A [3]) like RESIDE's indoor pictures (ITS and SOTS, Li et al. 2019): beta uniform in 0.06 to 0.18 per
    metre, grey airlight uniform in 0.7 to 1."""
    transmission = torch.exp(-uniform(g, 0.06, 0.18) * depth)
    air = uniform(g, 0.7, 1.0)
    return clean * transmission + air * (1 - transmission), 1 - transmission, torch.full((3,), air)


def synthesise(clean: torch.Tensor, g: torch.Generator, depth: torch.Tensor | None = None) -> tuple[torch.Tensor, torch.Tensor]:
    return hazed(clean, g, depth)[:2]


def reside(clean: torch.Tensor, g: torch.Generator, depth: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    return hazed_as_reside(clean, g, depth)[:2]


# Below this transmission the scene cannot be recovered: some haze is kept there instead of inventing darkness (He et al. 2009
# keep 5 %).
LEAST_TRANSMISSION = 0.12


def knowable(clean: torch.Tensor, mask: torch.Tensor, light: torch.Tensor) -> torch.Tensor:
    """The target of a restorer: the clean picture with as much haze left as hides what is hardly visible through it."""
    transmission = 1 - mask
    seen = (transmission / LEAST_TRANSMISSION).clamp(max=1)
    return clean * seen + light.to(clean.device).view(3, 1, 1) * (1 - seen)
