"""Raindrops on the lens of all kinds, in focus and out of it. Crops are larger, because a drop is filled from its surroundings.

No distillation, as for rain. There are undamaged pictures, so that hair and teeth are not taken for drops. Two cores with
AVX512-BF16: 4 steps a second.
"""
task = "raindrop"
steps = 15000
batch = 6
crop = 160
renewed = 1.0
lr = 8e-4
reference = "surroundings"
harm = 1.0
distill = 0.0
clean = 0.15
encoder = (1, 1, 1, 2, 2)
decoder = (1, 1, 2, 1)
