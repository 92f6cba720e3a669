"""The mask network and its verdict, for all degradations: three of eight pictures are undamaged, most of those in disguise.

The pictures are renewed fast: one that stays for long is known by its thumb, and the head learns its name, not its damage.
Deeper at the coarse scales than before, where a block costs little and sees much.
"""
stage = "mask"
steps = 20000
batch = 16      # two of each of the pool's eight classes
crop = 192
height, width = 256, 384
pool = 320
renewed = 3.0
lr = 1.5e-3
verdict = 0.4
smooth = 0.6
whole = 0.35
widths = (16, 32, 64, 64)
encoder = (1, 1, 3, 6)
decoder = (1, 1, 2)
