"""Rain streaks of all kinds, by a network seven times as large as that of configs/rain.py. For one GPU; --minutes sets the
time.

Guided by its own mask network of the shape of configs/mask.py, which is trained together with it.
"""
task = "rain"
steps = 0
batch = 48
crop = 128
height, width = 256, 384
pool = 600
workers = 2
renewed = 2.0
together = 0.1
lr = 1e-3
harm = 1.0
distill = 0.0
clean = 0.15
clip = 1.0
gate = "none"
smooth = 0.6
widths = (32, 64, 128, 160, 160)
encoder = (2, 3, 3, 2, 4)
decoder = (2, 3, 3, 2)
