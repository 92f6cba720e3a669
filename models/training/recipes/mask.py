"""The mask network with its task head, for all degradations: two CPU cores, 2 steps a second, with AMX 7 to 10.

The pictures are renewed fast: one that stays for long is known by its thumb, and the head learns its name, not its damage
(renewed = 0.5: cross-entropy of the verdict 0.17 on the pool, 0.9 on fresh pictures).
"""
stage = "mask"
steps = 20000
batch = 12      # two of each class, four of raindrops
crop = 192
height, width = 256, 384
pool = 160
renewed = 3.0
lr = 1.5e-3
widths = (16, 32, 64, 64)
encoder = (1, 1, 2, 2)
decoder = (1, 1, 2)
