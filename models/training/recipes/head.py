"""The task head on crops as large as a picture, the rest of the mask network kept: two CPU cores, about 6 minutes."""
stage = "head"
steps = 2000
batch = 15
crop = 256
pool = 200
renewed = 2.0
lr = 3e-3
warmup = 100
