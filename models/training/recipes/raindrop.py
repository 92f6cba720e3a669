"""Raindrops on the lens: a drop is filled from around it, so all work is at 1/4 to 1/16 of the size, on large crops."""
task = "raindrop"
steps = 3600
batch = 6
crop = 224
renewed = 0.6
reference = "surroundings"
harm = 1.0
patch = 4
widths = (48, 96, 128)
encoder = (2, 2, 4)
decoder = (2, 2)
