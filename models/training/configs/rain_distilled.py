"""Rain streaks, by the network of configs/rain.py, which imitates a large one as well: `--large` and `--large-teacher` say which.

Also on pictures of Rain13K, whose streaks are not as ours, without their truth. A step takes 1.65 times as long as one of configs/rain.py, without those 1.4 times.
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
