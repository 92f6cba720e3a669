"""Haze is slow in space: all work at 1/4 to 1/16 of the size, large crops of small pictures. Two cores without AMX: 1.8 steps a second."""
task = "haze"
steps = 3600
batch = 6
crop = 224
height, width = 256, 336
renewed = 0.6
reference = "white"
harm = 1.0
patch = 4
widths = (48, 96, 128)
encoder = (2, 2, 4)
decoder = (2, 2)
