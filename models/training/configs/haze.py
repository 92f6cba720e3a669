"""Haze is slow in space and hides far things more than near ones: the whole picture at once, reduced to 256 pixels, and of that 1/4 to 1/16.

Guided by the mask network of configs/haze_mask.py, which learns together with it. The airlight is the network's own guess. A quarter of
the haze with depth is as RESIDE makes it; a fifth of the pictures have none, so that pale walls are not taken for hazy ones.
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
