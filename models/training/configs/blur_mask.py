"""How far a picture is blurred by motion: the mask network of shake, which says one number and sees nothing but spectra.

Many pictures, each of which serves for long: a crop of another place, turned, has another spectrum.
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
