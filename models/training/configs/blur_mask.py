"""The extent of motion blur: the mask network of blur, which returns one number and sees only spectra.

The pool has many pictures and replaces them slowly: a crop at another place, or rotated, has another spectrum.
"""
stage = "extent"
task = "blur"
steps = 4500
batch = 20      # two of them undamaged
crop = 256
pool = 3300
workers = 2
renewed = 0.05
lr = 2e-3
weight_decay = 1e-2
warmup = 100
ema = 0.995
clip = 1.0
