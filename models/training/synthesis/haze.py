"""Haze: I = J t + A (1 - t), t = exp(-beta d) (Koschmieder; RESIDE, Li et al. 2019).

With real depth (NYU, metres), beta is drawn around RESIDE's 0.06 to 0.18 per
metre; without depth a smooth scene depth is made up: far at the top, with
bumps, in the same 0 to 10 metres, and the haze is heavier: most photographs of
a pale sky or a sea are clean, and light haze that is made up looks just so.

Mask: 1 - t, the share of the light that the haze replaced.
"""
import torch

from .filters import smooth_noise
from .random import chance, log_uniform, normal, uniform


def procedural_depth(height, width, g, device):
    """Depth [1,H,W] in 0..10 metres: a ground plane and a few smooth objects."""
    rise = torch.linspace(1, 0, height, device=device)[None, :, None].expand(1, height, width)
    horizon = uniform(g, 0.2, 1.0)
    plane = (rise / horizon).clamp(max=1) ** uniform(g, 0.5, 2.0)
    bumps = smooth_noise(height, width, uniform(g, 1, 5), g, device)
    share = uniform(g, 0.2, 0.9)
    return 10 * (share * plane + (1 - share) * bumps).clamp(0.02, 1)


def warp_depth(depth, g):
    """Another depth for the same photograph, in the same order but for bumps, and as deep on average: photographs with depth are
    few, and a network that always sees a place equally far learns the places by heart instead of how haze looks."""
    power = (depth / depth.max()) ** log_uniform(g, 0.6, 1.7)
    bumps = smooth_noise(*depth.shape[1:], uniform(g, 1, 4), g, depth.device)
    return power * (depth.mean() / power.mean()) * (1 + uniform(g, 0, 0.4) * (2 * bumps - 1))


def synthesise(clean, g, depth=None):
    _, height, width = clean.shape
    made_up = depth is None
    if made_up:
        depth = procedural_depth(height, width, g, clean.device)
    beta = log_uniform(g, 0.09 if made_up else 0.04, 0.22)
    transmission = torch.exp(-beta * depth)
    airlight = uniform(g, 0.6, 1.02) + torch.tensor([normal(g, 0.015) for _ in range(3)]).view(3, 1, 1)
    if chance(g, 0.15):  # coloured airlight: dawn, smoke, water
        airlight = airlight * torch.tensor([uniform(g, 0.8, 1) for _ in range(3)]).view(3, 1, 1)
    degraded = clean * transmission + airlight.to(clean.device) * (1 - transmission)
    return degraded.clamp(0, 1), 1 - transmission


def reside(clean, g, depth):
    """As RESIDE makes its indoor pictures (ITS and SOTS, Li et al. 2019): beta evenly from 0.06 to 0.18 per metre, grey airlight
    evenly from 0.7 to 1."""
    transmission = torch.exp(-uniform(g, 0.06, 0.18) * depth)
    return clean * transmission + uniform(g, 0.7, 1.0) * (1 - transmission), 1 - transmission
