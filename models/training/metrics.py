"""PSNR and SSIM as the comparison of restoration papers takes them, and what a mask is worth.

Pictures are 8-bit [H,W,3] arrays. PSNR over all pixels and channels; SSIM with
a Gaussian window (sigma 1.5, 11x11, population covariance), per channel, mean
over the channels. Y is BT.601 in MATLAB's rgb2ycbcr range, 16 to 235, not
rounded, peak 255. A set's figure is the mean of the pictures' figures.
"""
import math

import numpy as np
from skimage.metrics import structural_similarity

Y_WEIGHTS = np.array([65.481, 128.553, 24.966]) / 255


def luma(rgb):
    return 16 + rgb.astype(np.float64) @ Y_WEIGHTS


def psnr(a, b, cap=100.0):
    mse = float(np.mean((a.astype(np.float64) - b.astype(np.float64)) ** 2))
    return cap if mse == 0 else min(cap, 10 * math.log10(255 ** 2 / mse))


def task_psnr(task, a, b):
    """As the literature of a task takes it: of rain on Y."""
    return psnr(luma(a), luma(b)) if task == "rain" else psnr(a, b)


def ssim(a, b):
    return float(structural_similarity(a, b, data_range=255, gaussian_weights=True, sigma=1.5,
                                       use_sample_covariance=False, channel_axis=-1 if a.ndim == 3 else None))


def picture_figures(restored, clean):
    y = luma(restored), luma(clean)
    return {"psnr": psnr(restored, clean), "ssim": ssim(restored, clean), "psnr_y": psnr(*y), "ssim_y": ssim(*y)}


def binary_mask_figures(predicted, truth, threshold=0.5):
    """F1 and IoU of a mask in 0..1 against a binary truth."""
    p, t = predicted > threshold, truth > 0.5
    both, either = float((p & t).sum()), float((p | t).sum())
    return {"f1": 2 * both / max(1.0, float(p.sum()) + float(t.sum())), "iou": both / max(1.0, either),
            "mae": float(np.abs(predicted - truth).mean())}


def soft_mask_figures(predicted, truth):
    """Mean absolute error and Pearson correlation of a soft mask."""
    p, t = predicted - predicted.mean(), truth - truth.mean()
    scale = math.sqrt(float((p ** 2).sum()) * float((t ** 2).sum()))
    return {"mae": float(np.abs(predicted - truth).mean()),
            "correlation": float((p * t).sum()) / scale if scale > 1e-6 else float("nan")}
