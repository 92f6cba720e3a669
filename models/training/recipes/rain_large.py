"""Rain streaks, half of them light, by a network seven times as large as recipes/rain.py's. One GPU, for as many --minutes as there are."""
task = "rain"
steps = 0
batch = 48
crop = 128
height, width = 256, 384
pool = 600
workers = 2
renewed = 2.0
lr = 1e-3
harm = 1.0
distill = 0.0
clean = 0.15
gate = "none"
smooth = 0.6
widths = (32, 64, 128, 160, 160)
encoder = (2, 3, 3, 2, 4)
decoder = (2, 3, 3, 2)
