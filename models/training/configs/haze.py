"""Haze, which varies slowly in space and hides far things more than near ones. The network sees the whole picture at once,
reduced to 256 pixels, and works at 1/4 to 1/16 of that.

It is guided by the mask network of configs/haze_mask.py, which is trained together with it. The network estimates the airlight. A
quarter of the haze with depth is made like RESIDE's. A fifth of the pictures have no haze, so that pale walls are not taken for
hazy.
"""
task = "haze"
steps = 20000
batch = 10
crop = 192
height, width = 192, 256
whole = 0.6
reside = 0.25
pool = 300
renewed = 2.5
lr = 1e-3
together = 0.2
reference = "airlight"
harm = 0.5
distill = 0.0
clean = 0.2
patch = 4
widths = (48, 96, 128)
encoder = (2, 3, 8)
decoder = (2, 3)
gate = "none"
