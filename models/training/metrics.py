"""PSNR and SSIM as in comparisons of restoration papers, and figures of masks.

Pictures are 8-bit [H,W,3] arrays. PSNR over all pixels and channels; SSIM with
a Gaussian window (sigma 1.5, 11x11, population covariance), per channel, mean
over the channels. Y is BT.601 in MATLAB's rgb2ycbcr range, 16 to 235, not
rounded, peak 255. A set's figure is the mean of the pictures' figures.
"""
from __future__ import annotations

import math

import numpy as np
from skimage.metrics import structural_similarity

Y_WEIGHTS = np.array([65.481, 128.553, 24.966]) / 255


def luma(rgb: np.ndarray) -> np.ndarray:
    return 16 + rgb.astype(np.float64) @ Y_WEIGHTS


def psnr(a: np.ndarray, b: np.ndarray, cap: float = 100.0) -> float:
    mse = float(np.mean((a.astype(np.float64) - b.astype(np.float64)) ** 2))
    return cap if mse == 0 else min(cap, 10 * math.log10(255 ** 2 / mse))


def task_psnr(task: str, a: np.ndarray, b: np.ndarray) -> float:
    """PSNR as in the literature of a task: for rain on Y, else on RGB."""
    return psnr(luma(a), luma(b)) if task == "rain" else psnr(a, b)


def ssim(a: np.ndarray, b: np.ndarray) -> float:
    return float(structural_similarity(a, b, data_range=255, gaussian_weights=True, sigma=1.5,
                                       use_sample_covariance=False, channel_axis=-1 if a.ndim == 3 else None))


def picture_figures(restored: np.ndarray, clean: np.ndarray) -> dict:
    y = luma(restored), luma(clean)
    return {"psnr": psnr(restored, clean), "ssim": ssim(restored, clean), "psnr_y": psnr(*y), "ssim_y": ssim(*y)}


def binary_mask_figures(predicted: np.ndarray, truth: np.ndarray, threshold: float = 0.5) -> dict:
    """F1 and IoU of a mask in 0..1 against a binary truth."""
    p, t = predicted > threshold, truth > 0.5
    both, either = float((p & t).sum()), float((p | t).sum())
    return {"f1": 2 * both / max(1.0, float(p.sum()) + float(t.sum())), "iou": both / max(1.0, either),
            "mae": float(np.abs(predicted - truth).mean())}


def soft_mask_figures(predicted: np.ndarray, truth: np.ndarray) -> dict:
    """Mean absolute error and Pearson correlation of a soft mask."""
    p, t = predicted - predicted.mean(), truth - truth.mean()
    scale = math.sqrt(float((p ** 2).sum()) * float((t ** 2).sum()))
    return {"mae": float(np.abs(predicted - truth).mean()),
            "correlation": float((p * t).sum()) / scale if scale > 1e-6 else float("nan")}
