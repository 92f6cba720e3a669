"""Raindrops on the lens of all kinds, in focus and out of it, by a network five times as large as that of configs/raindrop.py. For one
GPU; --minutes sets the time.

The mask network of configs/mask_large.py is trained together with it.
"""
task = "raindrop"
steps = 0
batch = 32
crop = 160
pool = 300
workers = 4
renewed = 1.2
together = 0.1
lr = 1e-3
reference = "surroundings"
harm = 1.0
distill = 0.0
clean = 0.15
clip = 1.0
gate = "none"
smooth = 0.6
widths = (32, 64, 128, 160, 160)
encoder = (2, 2, 3, 3, 4)
decoder = (2, 2, 3, 2)
