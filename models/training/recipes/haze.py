"""Haze. What matters is slow in space: more blocks at the coarse scales, larger crops."""
task = "haze"
steps = 6000
batch = 5
crop = 192
renewed = 0.6
reference = "white"
harm = 1.0
encoder = (1, 1, 1, 2, 3)
decoder = (1, 1, 2, 2)
