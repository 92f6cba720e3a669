"""Motion blur, with most of the work at 1/8 of the size, where a blur is a few positions long. For one GPU; --minutes sets the
time.

Guided by the extent, like configs/blur.py.
"""
task = "blur"
steps = 0
batch = 24
crop = 192
height, width = 256, 384
pool = 300
workers = 3
renewed = 0.8
lr = 1e-3
frequency = 0.1
harm = 1.0
distill = 0.0
clean = 0.03
gate = "none"
mask_source = "extent"
misled = 0.2
smooth = 0.6
widths = (32, 64, 128, 160, 192)
encoder = (1, 2, 3, 8, 4)
decoder = (2, 2, 3, 3)
