"""Raindrops on the lens, half of them far out of focus. Larger crops: a drop is filled from around it."""
task = "raindrop"
steps = 10500
batch = 6
crop = 160
renewed = 1.0
reference = "surroundings"
harm = 1.0
encoder = (1, 1, 1, 2, 2)
decoder = (1, 1, 2, 1)
