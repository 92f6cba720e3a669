"""Haze in whole pictures, by a network three times as large as that of configs/haze.py. For one GPU; --minutes sets the time.

Guided by the mask network of configs/haze_mask.py, like the small one: a larger mask network was no better, and took pale
photographs for hazy.
"""
task = "haze"
steps = 0
batch = 24
crop = 192
height, width = 192, 256
whole = 0.5
reside = 0.5
pool = 400
workers = 1
renewed = 2.0
lr = 1.2e-3
weight_decay = 2e-2
reference = "airlight"
harm = 1.0
distill = 0.0
clean = 0.1
patch = 4
widths = (96, 128, 160)
encoder = (3, 4, 12)
decoder = (3, 4)
gate = "none"
