"""Rain streaks, by the network of configs/rain.py, which also imitates a large one, named by `--large` and `--large-teacher`.

It imitates also on pictures of Rain13K, whose streaks differ from ours, without their ground truth. A step takes 1.65 times as
long as one of configs/rain.py, or 1.4 times without Rain13K.
"""
task = "rain"
steps = 24000
crop = 112
height, width = 256, 384
lr = 8e-4
harm = 1.0
distill = 0.0
clean = 0.15
gate = "none"
decoder = (2, 2, 2, 0)
smooth = 0.6
large_crops = 2
imitate = 0.5
attend = 0.02
unlabelled = "rain13k/degraded"
