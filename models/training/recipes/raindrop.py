"""Raindrops on the lens: filled from around them, all work at 1/4 to 1/16 of the size, on large crops."""
task = "raindrop"
steps = 2600
batch = 6
crop = 224
renewed = 1.5
reference = "surroundings"
harm = 1.0
patch = 4
widths = (48, 96, 128)
encoder = (2, 2, 4)
decoder = (2, 2)
