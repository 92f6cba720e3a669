"""The two networks: MaskNetwork finds the damage, Restorer removes it, guided by the mask.

After Suin, Purohit, Rajagopalan, "Degradation Aware Approach to Image Restoration Using Knowledge Distillation", IEEE JSTSP
15(2), 2021. Only its abstract was available: the blocks below are our interpretation.

Rules for exported graphs (export.py checks them): every Conv's channels are multiples of 4, except the 3 of pictures; no
normalisation over positions; no operator that falls back to the CPU on WebGPU.

Both networks see a tile and `thumb`, the whole picture averaged to 128x128. The thumb has what a tile cannot know (airlight,
overall brightness, how much of the picture is damaged), so tiles give the same result as the whole picture.
"""
from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import nn

TASKS = ("rain", "raindrop", "haze", "blur")
CLASSES = TASKS + ("clean",)
THUMB = 128
MULTIPLE = 16
# A damage that hides far things more than near ones cannot be judged from a part of the picture: for these tasks the network sees
# the whole picture, reduced to this longest side in pixels. For other tasks pictures are cut into tiles.
WHOLE = {"haze": 256}


def cast_like(x: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    """x in the dtype of `other`: under autocast a float32 product would be the slowest step."""
    return x if x.dtype == other.dtype else x.to(other.dtype)


class GatedBlock(nn.Module):
    """x + Wo (relu(Wf * x) . sigmoid(Wg x + Ug m)): mask-guided gated convolution.

    Without a mask the gate sees only the features; without a gate this is a plain residual block. Wo starts at zero, which keeps
    a deep stack without normalisation stable (like Fixup, Zhang et al. 2019).
    """

    def __init__(self, channels: int, gated: bool = True, guided: bool = False) -> None:
        super().__init__()
        self.feature = nn.Conv2d(channels, channels, 3, padding=1)
        self.gate = nn.Conv2d(channels, channels, 1) if gated else None
        self.mask_gate = nn.Parameter(torch.zeros(1, channels, 1, 1)) if gated and guided else None
        self.out = nn.Conv2d(channels, channels, 1)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, x: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        y = torch.relu(self.feature(x))
        if self.gate is not None:
            y = y * self.opening(x, mask)
        return x + self.out(y)

    def opening(self, x: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
        """How far the gate is open, 0..1."""
        gate = self.gate(x)
        if self.mask_gate is not None:
            gate = gate + cast_like(self.mask_gate, gate) * cast_like(mask, gate)
        return torch.sigmoid(gate)


class Stage(nn.Module):
    """Gated blocks at one scale."""

    def __init__(self, channels: int, blocks: int, **kind) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(GatedBlock(channels, **kind) for _ in range(blocks))

    def forward(self, x: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        for block in self.blocks:
            x = block(x, mask)
        return x


class GlobalContext(nn.Module):
    """Computes context vectors of the whole picture and distributes them to the positions of a tile.

    C_k = sum_i a_ki v_i over the positions i of the thumb, with
    a_k = softmax_i(w_k . x_i + log(1 - m_i + eps)): damaged places are not read.
    Then x_i <- x_i + m_i Wo sum_k p_ik C_k with p_i = softmax_k(Wd x_i): clean
    places are not written.
    """

    def __init__(self, inputs: int, channels: int, width: int = 64, vectors: int = 8) -> None:
        super().__init__()
        self.encode = nn.Sequential(
            nn.Conv2d(inputs, 16, 3, stride=2, padding=1), nn.ReLU(),
            nn.Conv2d(16, 32, 3, stride=2, padding=1), nn.ReLU(),
            nn.Conv2d(32, width, 3, stride=2, padding=1), nn.ReLU(),
            nn.Conv2d(width, width, 3, padding=1), nn.ReLU())
        self.attend = nn.Conv2d(width, vectors, 1)
        self.value = nn.Conv2d(width, width, 1)
        self.distribute = nn.Conv2d(channels, vectors, 1)
        self.out = nn.Conv2d(width, channels, 1)
        self.width, self.vectors = width, vectors

    def forward(self, x: torch.Tensor, thumb: torch.Tensor, mask: torch.Tensor | None = None,
                thumb_mask: torch.Tensor | None = None) -> torch.Tensor:
        features = self.encode(thumb if thumb_mask is None else torch.cat([thumb, thumb_mask], 1))
        logits = self.attend(features)
        if thumb_mask is not None:
            clean = 1 - F.avg_pool2d(thumb_mask, 8, count_include_pad=False)
            logits = logits + torch.log(clean + 1e-3)
        n, _, h, w = features.shape
        attention = torch.softmax(logits.reshape(n, self.vectors, h * w), 2)
        values = self.value(features).reshape(n, self.width, h * w)
        context = torch.matmul(values, attention.transpose(1, 2))  # n, width, vectors
        share = torch.softmax(self.distribute(x), 1)
        n, _, h, w = share.shape
        spread = torch.matmul(context, share.reshape(n, self.vectors, h * w))
        update = self.out(spread.reshape(n, self.width, h, w))
        return x + (update if mask is None else update * mask)


def upsample(x: torch.Tensor, times: int) -> torch.Tensor:
    return F.interpolate(x, scale_factor=float(times), mode="bilinear", align_corners=False)


def without_grid(masks: torch.Tensor) -> torch.Tensor:
    """Masks [N,C,H,W] without the grid that sub-pixel convolution leaves (Odena et al. 2016): squares of 2x2, which it makes at once,
    are averaged and enlarged bilinearly. For masks that vary slowly: haze's."""
    return upsample(F.avg_pool2d(masks, 2, count_include_pad=False), 2)


class UNet(nn.Module):
    """Encoder and decoder with skip sums; scale s has widths[s] channels.

    The decoder upsamples by sub-pixel convolution (Shi et al. 2016) or, with `smooth`, bilinearly, which leaves no grid (Odena et
    al. 2016).
    """

    def __init__(self, widths: tuple[int, ...], encoder: tuple[int, ...], decoder: tuple[int, ...], smooth: bool = False,
                 **kind) -> None:
        super().__init__()
        self.smooth = smooth
        pairs = list(zip(widths, widths[1:]))
        self.encoder = nn.ModuleList(Stage(c, b, **kind) for c, b in zip(widths, encoder))
        self.down = nn.ModuleList(nn.Conv2d(a, b, 2, stride=2) for a, b in pairs)
        self.up = nn.ModuleList(nn.Conv2d(b, a if smooth else 4 * a, 1) for a, b in pairs)
        self.decoder = nn.ModuleList(Stage(c, b, **kind) for c, b in zip(widths, decoder))

    def encode(self, x: torch.Tensor, masks: list) -> tuple[torch.Tensor, list]:
        skips = []
        for s, stage in enumerate(self.encoder):
            x = stage(x, masks[s])
            if s < len(self.down):
                skips.append(x)
                x = self.down[s](x)
        return x, skips

    def decode(self, x: torch.Tensor, skips: list[torch.Tensor], masks: list) -> list[torch.Tensor]:
        """Features of every scale, finest first."""
        features = [x]
        for s in reversed(range(len(skips))):
            x = self.up[s](x)
            x = (upsample(x, 2) if self.smooth else F.pixel_shuffle(x, 2)) + skips[s]
            x = self.decoder[s](x, masks[s])
            features.insert(0, x)
        return features


class MaskNetwork(nn.Module):
    """I -> the degradation mask of each task, and independent evidence of each: a picture can be hazy and rainy.

    forward(image [N,3,H,W], thumb [N,3,128,128]), values 0..1, H and W
    multiples of 16 -> logits of the masks [N,4,H,W], evidence of each damage and
    attention [N,4,H/16,W/16], features of the scales 1/2 to 1/16 (for distillation).
    """

    def __init__(self, widths: tuple[int, int, int, int] = (16, 32, 64, 64),
                 encoder: tuple[int, int, int, int] = (1, 1, 2, 2), decoder: tuple[int, int, int] = (1, 1, 2)) -> None:
        super().__init__()
        self.widths = widths
        self.stem = nn.Conv2d(3, widths[0], 4, stride=2, padding=1)
        self.unet = UNet(widths, encoder, decoder, smooth=True)
        self.context = GlobalContext(3, widths[-1])
        self.mask = nn.Conv2d(widths[0], 4 * len(TASKS), 3, padding=1)
        nn.init.constant_(self.mask.bias, -2.0)
        self.head = nn.Sequential(nn.Conv2d(widths[-1], 64, 1), nn.ReLU(), nn.Conv2d(64, 2 * len(TASKS), 1))

    def coarse(self, image: torch.Tensor, thumb: torch.Tensor) -> tuple[torch.Tensor, list]:
        """Features at 1/16 with the whole picture's context, and the finer features that the decoder needs."""
        x, skips = self.unet.encode(self.stem(image), [None] * 4)
        return self.context(x, thumb), skips

    def forward(self, image: torch.Tensor, thumb: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, list]:
        x, skips = self.coarse(image, thumb)
        head = self.head(x)
        features = self.unet.decode(x, skips, [None] * 4)
        logits = F.pixel_shuffle(self.mask(features[0]), 2)
        return logits, *head.chunk(2, 1), features


def fourier_filters(window: int) -> torch.Tensor:
    """[2K,1,window,window]: cosines and sines of the K frequencies of a real picture, under a Hann window; constant brightness
    gives 0."""
    along = torch.arange(window) / window
    hann = torch.hann_window(window, periodic=True)
    hann = hann[:, None] * hann
    half = window // 2
    waves = [(u, v) for v in range(1 - half, half + 1) for u in range(half + 1) if v > 0 or 0 < u < half or (u == half and v == 0)]
    phase = torch.stack([2 * math.pi * (u * along + v * along[:, None]) for u, v in waves])
    phase = phase[len(phase) % 4:]  # convolutions have multiples of 4 channels
    filters = torch.cat([phase.cos(), phase.sin()]) * hann
    return ((filters - hann * filters.sum((1, 2), keepdim=True) / hann.sum()) / hann.sum())[:, None]


def fixed(weight: torch.Tensor, bias: float | None = None, **how) -> nn.Module:
    """A convolution that is not trained."""
    conv = nn.Conv2d(weight.shape[1], weight.shape[0], weight.shape[2], bias=bias is not None, **how).requires_grad_(False)
    conv.weight.copy_(weight)
    if bias is not None:
        conv.bias.fill_(bias)
    return conv


class Spectrum(nn.Module):
    """The logarithm of the power spectrum of windows of luma (Welch 1967): [N,4,H,W] -> [N,K,2H/stride,2W/stride].

    The four channels are the pixels of squares of 2x2, so that no convolution has one channel.
    """

    def __init__(self, window: int, stride: int) -> None:
        super().__init__()
        filters = F.pixel_unshuffle(fourier_filters(window), 2)
        self.waves = fixed(filters, stride=stride // 2, padding=(window - stride) // 4)
        self.frequencies = len(filters) // 2

    def forward(self, squares: torch.Tensor) -> torch.Tensor:
        waves = self.waves(squares)
        power = waves * waves
        return torch.log(power[:, :self.frequencies] + power[:, self.frequencies:] + 1e-7) / 3 + 3


class ExtentNetwork(nn.Module):
    """The extent of motion blur, one number for the whole picture: evidence for it, pooled like that of MaskNetwork.

    A motion removes frequencies along its direction, the more the longer it is. So the network sees the spectra of windows of the
    picture at three scales, and how they differ from place to place.

    forward(image [N,3,H,W], thumb, which is ignored) returns the same as MaskNetwork, with None for the logits of masks. Of
    evidence and attention only the channel of `blur` counts; sigmoid(pool_evidence(...)) is the mask everywhere.
    """

    def __init__(self, width: int = 64, blocks: int = 2) -> None:
        super().__init__()
        squares = torch.eye(4).view(4, 1, 2, 2)
        # Subtract a middle grey, so that convolutions pad with it.
        self.luma = fixed(squares * torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1), bias=-0.45, stride=2)
        self.halve = fixed(squares.repeat(1, 4, 1, 1) / 4, stride=2)
        self.spectra = nn.ModuleList((Spectrum(16, 16), Spectrum(32, 16), Spectrum(16, 8)))
        self.see = nn.ModuleList(nn.Conv2d(spectrum.frequencies, width, 1) for spectrum in self.spectra)
        self.blocks = Stage(width, blocks, gated=False)
        self.head = nn.Sequential(nn.Conv2d(width, 64, 1), nn.ReLU(), nn.Conv2d(64, 2 * len(TASKS), 1))

    def forward(self, image: torch.Tensor, thumb: torch.Tensor | None = None) -> tuple[None, torch.Tensor, torch.Tensor, list]:
        squares = self.luma(image)
        seen = self.see[0](self.spectra[0](squares))
        for spectrum, see in zip(self.spectra[1:], self.see[1:]):
            squares = self.halve(squares)
            seen = seen + F.interpolate(see(spectrum(squares)), seen.shape[2:])
        head = self.head(self.blocks(torch.relu(seen)))
        return None, *head.chunk(2, 1), []


def pool_evidence(evidence: torch.Tensor, attention: torch.Tensor) -> torch.Tensor:
    """The logit of each damage [N,4] in the whole picture: evidence averaged with weights softmax(attention)."""
    share = torch.softmax(attention.flatten(2), 2)
    return (share * evidence.flatten(2)).sum(2)


def pull_push_fill(image: torch.Tensor, mask: torch.Tensor, thumb: torch.Tensor,
                   thumb_mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The picture with its damage filled from its surroundings: pull-push (Gortler et al., The Lumigraph, 1996).

    Colours are averaged with weights (1 - m)^4, at coarser and coarser scales down to 1/16 and there over 7 and 21 cells; then
    each scale fills what the finer one lacks. Where nothing within reach is undamaged, the mean of the undamaged part of the
    whole picture is used.
    """
    sound = fourth_power(1 - mask)
    weight = fourth_power(1 - thumb_mask) + 1e-3
    mean = (thumb * weight).sum((2, 3), keepdim=True) / weight.sum((2, 3), keepdim=True)
    levels = [(image * sound, sound)]
    for _ in range(4):
        levels.append(tuple(F.avg_pool2d(x, 2, count_include_pad=False) for x in levels[-1]))
    wide = [levels[-1]]
    for size in (7, 21):
        wide.append(tuple(F.avg_pool2d(x, size, 1, size // 2, count_include_pad=False) for x in levels[-1]))
    filled = mean
    for colour, share in reversed(wide):
        filled = fill(colour, share, filled)
    for colour, share in reversed(levels[:-1]):
        filled = fill(colour, share, upsample(filled, 2))
    return filled, sound


def fourth_power(x: torch.Tensor) -> torch.Tensor:
    square = x * x
    return square * square


def fill(colour: torch.Tensor, share: torch.Tensor, coarser: torch.Tensor) -> torch.Tensor:
    """One scale of pull-push: its own colour as far as that is undamaged, else the coarser one."""
    lacking = (1 - share) * (1 - share)
    return colour / (share + 1e-3) * (1 - lacking) + coarser * lacking


class Airlight(nn.Module):
    """The airlight of haze, one colour for the whole picture: an attention-weighted average of its colours, and an offset.

    forward(features [N,C,h,w], image [N,3,H,W]) -> A [N,3,1,1]. Haze shows the airlight where it hides the scene completely (He,
    Sun and Tang 2009 take the colour of the haziest places). Thin haze hides nothing completely, and its airlight is brighter
    than any place: hence the offset.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.read = nn.Conv2d(channels, 4, 1)
        nn.init.zeros_(self.read.weight)
        nn.init.constant_(self.read.bias, 0.2)

    def forward(self, features: torch.Tensor, image: torch.Tensor) -> torch.Tensor:
        read = self.read(features)
        n, _, h, w = read.shape
        attention = torch.softmax(read[:, :1].reshape(n, 1, h * w), 2)
        colours = F.avg_pool2d(image, MULTIPLE, count_include_pad=False) + cast_like(read[:, 1:], image)
        light = torch.matmul(colours.reshape(n, 3, h * w), cast_like(attention, colours).transpose(1, 2))
        return light.reshape(n, 3, 1, 1)


class Restorer(nn.Module):
    """I, M' -> J' = I + k (X - I) + r, with k and r from a gated U-Net.

    forward(image [N,3,H,W], mask [N,1,H,W], thumb [N,3,128,128],
    thumb_mask [N,1,128,128]) -> J' [N,3,H,W] (not clamped), features of every scale.

    X, the `reference`, is chosen for the degradation: `surroundings` (drops hide the scene, which is filled from around them),
    `airlight` (haze mixes in A: I = J t + A (1 - t) is J = I - (1/t - 1)(A - I)), or `none`. The network estimates A, and keeps
    it in `light` for training; it returns r as in J' = I + k (1 - I) + r, so that A need not be known to apply it. `patch` is the
    side of the squares that the stem folds into one position: all work is then done at 1/patch of the size, where a block sees
    farther at less cost. With a reference, k and r may be as coarse and are enlarged bilinearly, since the detail comes with I
    and X; without one they are sub-pixels. Three switches are the ablations: mask_input, gate (none|plain|mask), context.
    """

    def __init__(self, widths: tuple[int, ...] = (16, 32, 64, 96, 96), encoder: tuple[int, ...] = (1, 1, 1, 1, 2),
                 decoder: tuple[int, ...] = (2, 1, 2, 0),
                 mask_input: bool = True, gate: str = "mask", context: bool = True, reference: str = "none", patch: int = 1) -> None:
        super().__init__()
        self.mask_input, self.reference, self.patch = mask_input, reference, patch
        self.coarse = patch > 1 and reference != "none"
        kind = {"gated": gate != "none", "guided": gate == "mask"}
        shown = 8 if reference == "surroundings" else 4
        self.stem = (nn.Conv2d(shown, widths[0], 3, padding=1) if patch == 1
                     else nn.Conv2d(shown, widths[0], patch, stride=patch))
        self.unet = UNet(widths, encoder, decoder, smooth=patch > 1, **kind)
        self.context = GlobalContext(4, widths[-1]) if context else None
        self.airlight = Airlight(widths[-1]) if reference == "airlight" else None
        self.light = None
        self.out = nn.Conv2d(widths[0], 4 if self.coarse else 4 * patch * patch, 3, padding=1)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)
        self.scales = len(widths)

    def parts(self, image: torch.Tensor, mask: torch.Tensor, thumb: torch.Tensor, thumb_mask: torch.Tensor) -> tuple:
        """The output of the last convolution (r, and k where there is an X), features of every scale, and X."""
        masks = [mask if self.patch == 1 else F.avg_pool2d(mask, self.patch, count_include_pad=False)]
        for _ in range(self.scales - 1):
            masks.append(F.avg_pool2d(masks[-1], 2, count_include_pad=False))
        seen = mask if self.mask_input else torch.zeros_like(mask)
        shown, target = [image, seen], 1.0
        if self.reference == "surroundings":
            target, sound = pull_push_fill(image, mask, thumb, thumb_mask)
            shown += [target, sound]
        x, skips = self.unet.encode(self.stem(torch.cat(shown, 1)), masks)
        if self.context is not None:
            x = self.context(x, thumb, masks[-1], thumb_mask)
        features = self.unet.decode(x, skips, masks)
        out = self.out(features[0])
        if self.airlight is not None:
            self.light = self.airlight(x, image)
            k = out[:, 3:].float()
            out = torch.cat([out[:, :3].float() + k * (self.light.float() - 1), k], 1)
        return out, features, target

    def forward(self, image: torch.Tensor, mask: torch.Tensor, thumb: torch.Tensor,
                thumb_mask: torch.Tensor) -> tuple[torch.Tensor, list]:
        out, features, target = self.parts(image, mask, thumb, thumb_mask)
        if self.patch > 1:
            out = upsample(out, self.patch) if self.coarse else F.pixel_shuffle(out, self.patch)
        return blended(image, out, target) if self.reference != "none" else image + out[:, :3], features


def blended(image: torch.Tensor, out: torch.Tensor, target: float | torch.Tensor) -> torch.Tensor:
    """I + k (X - I) + r, with r and k in the channels of `out`."""
    return image + out[:, :3] + out[:, 3:] * (target - image)


def restorer_of(settings: dict) -> Restorer:
    """Makes the restorer that a run's settings describe."""
    names = ("widths", "encoder", "decoder", "mask_input", "gate", "context", "reference", "patch")
    return Restorer(**{name: settings[name] for name in names if name in settings})


# Threshold and softness of s. The mask network often sees drops where there are none: for drops s rises more slowly, which gains
# a little on average and half a decibel on the worst pictures (HISTORY.md). The mask of haze is the share of light
# that is lost: in a near place a tenth is all of the damage, and must be restored fully.
THRESHOLD = 0.05
SOFTNESS = {"rain": 0.2, "raindrop": 0.4, "haze": 0.05, "blur": 0.2}


def strength(mask: torch.Tensor, task: str) -> torch.Tensor:
    """s(M'): 0 up to the threshold, so those pixels stay the input's; 1 from threshold + softness."""
    return ((mask - THRESHOLD) / SOFTNESS[task]).clamp(0, 1)


def composite(image: torch.Tensor, restored: torch.Tensor, mask: torch.Tensor, task: str) -> torch.Tensor:
    """I + s(M') (J' - I)."""
    return image + strength(mask, task) * (restored - image)


def count_macs(network: nn.Module, *inputs) -> int:
    """Multiply-accumulates of all convolutions for one forward pass."""
    total = [0]

    def hook(module: nn.Module, _: tuple[torch.Tensor], output: torch.Tensor) -> None:
        weights = module.weight[0].numel()
        total[0] += weights * output.numel()
    handles = [m.register_forward_hook(hook) for m in network.modules() if isinstance(m, nn.Conv2d)]
    with torch.no_grad():
        network(*inputs)
    for handle in handles:
        handle.remove()
    return total[0]


def gmacs(restorer: Restorer) -> float:
    """Multiply-accumulates of a restorer on 256x256 pixels, in 1e9."""
    image, thumb = torch.zeros(1, 4, 256, 256), torch.zeros(1, 4, THUMB, THUMB)
    return count_macs(restorer, image[:, :3], image[:, 3:], thumb[:, :3], thumb[:, 3:]) / 1e9
