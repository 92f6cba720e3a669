"""Haze is slow in space and hides far things more than near ones: the whole picture at once, reduced to 256 pixels, and of that 1/4 to 1/16.

Guided by the mask network of recipes/haze_mask.py. No gates and no distillation, which bring nothing here (README.md, what
each part is worth); more undamaged pictures, so that pale walls are not taken for hazy ones. Two cores with AVX512-BF16: 5 steps a second.
"""
task = "haze"
steps = 5000
batch = 8
crop = 192
height, width = 192, 256
whole = 0.5
renewed = 2.0
lr = 1e-3
reference = "white"
harm = 1.0
distill = 0.0
clean = 0.1
patch = 4
widths = (48, 96, 128)
encoder = (2, 3, 8)
decoder = (2, 3)
gate = "none"
