"""Motion blur: the slowest to learn; most of the work at low resolution, a Fourier loss for the edges.

Guided by one number for the whole picture, its extent, which configs/blur_mask.py predicts; here the true one, wrong by as much as
the prediction is. No gates and no distillation.
"""
task = "blur"
steps = 9500
batch = 6
crop = 160
renewed = 0.5
lr = 6e-4
frequency = 0.1
harm = 1.0
distill = 0.0
clean = 0.03
gate = "none"
mask_source = "extent"
encoder = (1, 1, 2, 2, 3)
decoder = (1, 1, 1, 1)
