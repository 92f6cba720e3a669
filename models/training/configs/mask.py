"""The general mask network and its classification. Four of ten pictures are undamaged; most of those look damaged
(synthesis/undamaged.py).

Pictures are replaced fast: if one stays for long, the head recognises its thumb and learns the picture instead of the damage.
Most blocks are at the coarse scales, where they cost little and see far.
"""
stage = "mask"
steps = 20000
batch = 20      # two of each of the pool's ten classes
crop = 192
height, width = 256, 384
pool = 330
renewed = 3.0
lr = 1.5e-3
verdict = 0.4
smooth = 0.6
whole = 0.35
widths = (16, 32, 64, 64)
encoder = (1, 1, 3, 6)
decoder = (1, 1, 2)
