"""The restorer stage end to end in seconds; for use with laptop_mask."""
task = "rain"
steps = 24
batch = 4
crop = 64
height, width = 96, 128
pool = 20
warmup = 4
bf16 = False
log_every = 8
