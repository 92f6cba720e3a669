"""Raindrops on the lens. Larger crops: a drop is filled from around it."""
task = "raindrop"
steps = 5800
batch = 6
crop = 160
encoder = (1, 1, 1, 2, 2)
decoder = (1, 1, 2, 2)
