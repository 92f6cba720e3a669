"""What a camera does to the damaged scene: noise, sharpening, compression; some pictures are grey."""
from __future__ import annotations

import io

import numpy as np
import torch
from PIL import Image

from .filters import gaussian_blur
from .random import chance, integer, log_uniform, uniform

LUMA = torch.tensor([0.299, 0.587, 0.114]).view(3, 1, 1)


def grey(image: torch.Tensor) -> torch.Tensor:
    return (image * LUMA.to(image.device)).sum(0, keepdim=True).expand_as(image)


def jpeg(image: torch.Tensor, quality: int, subsampling: int) -> torch.Tensor:
    pixels = (image.clamp(0, 1) * 255).round().to(torch.uint8).permute(1, 2, 0).cpu().numpy()
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=quality, subsampling=subsampling)
    return torch.from_numpy(np.array(Image.open(buffer))).permute(2, 0, 1).float().to(image.device) / 255


def record(image: torch.Tensor, g: torch.Generator, worst: int = 35) -> torch.Tensor:
    """[3,H,W] as in a file: photon and sensor noise, sharpening, JPEG of quality `worst` to 97."""
    if chance(g, 0.6):
        read, shot = log_uniform(g, 0.3, 4) / 255, log_uniform(g, 0.2, 3) / 255
        noise = torch.randn(image.shape, generator=g)
        if chance(g, 0.5):  # demosaicing smooths the noise of single pixels
            noise = gaussian_blur(noise, uniform(g, 0.4, 0.8)) * 1.6
        image = image + noise.to(image.device) * (read + shot * image.clamp(min=0).sqrt())
    if chance(g, 0.3):
        image = image + uniform(g, 0.1, 0.9) * (image - gaussian_blur(image, uniform(g, 0.6, 1.3)))
    image = image.clamp(0, 1)
    if chance(g, 0.75):
        image = jpeg(image, integer(g, worst, 97), integer(g, 0, 2))
    return image
