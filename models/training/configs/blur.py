"""Motion blur, which is the slowest to learn. Most of the work is done at low resolution; a Fourier loss serves the edges.

It is guided by one number for the whole picture, the extent, which configs/blur_mask.py predicts. Training uses the true extent
with errors as large as the prediction's. No gates and no distillation.
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
misled = 0.2
encoder = (1, 1, 2, 2, 3)
decoder = (1, 1, 1, 1)
