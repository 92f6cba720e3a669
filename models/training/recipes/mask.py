"""The mask network with its task head, for all degradations: two CPU cores, 7 to 10 steps a second."""
stage = "mask"
steps = 20000
batch = 12      # two of each class, four of raindrops
crop = 192
pool = 160
renewed = 0.5
lr = 1.5e-3
