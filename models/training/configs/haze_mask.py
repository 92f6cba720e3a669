"""The mask network of haze, which sees the whole picture at once, reduced to 256 pixels. Deeper at the coarse scales than
configs/mask.py.

Two cores with AVX512-BF16: 6 steps a second.
"""
stage = "mask"
task = "haze"
steps = 10000
batch = 10
crop = 192
height, width = 192, 256
whole = 0.5
pool = 160
renewed = 2.0
lr = 1.2e-3
widths = (16, 32, 64, 64)
encoder = (1, 1, 3, 6)
decoder = (1, 1, 3)
