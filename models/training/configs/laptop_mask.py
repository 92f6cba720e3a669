"""The mask stage end to end in seconds, on any laptop: proves the machinery, not the method."""
stage = "mask"
steps = 24
batch = 5
crop = 64
height, width = 96, 128
pool = 15
warmup = 4
bf16 = False
widths = (16, 32, 64, 64)
encoder = (1, 1, 2, 2)
decoder = (1, 1, 2)
log_every = 8
