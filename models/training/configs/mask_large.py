"""The mask network of the large size, for all degradations: twice as wide as configs/mask.py, with thumbs of pictures of any size.

One GPU, for as many --minutes as there are.
"""
stage = "mask"
steps = 0
batch = 48
crop = 192
height, width = 256, 384
pool = 600
workers = 3
renewed = 1.8
lr = 1.2e-3
smooth = 0.6
widths = (32, 64, 128, 128)
encoder = (1, 2, 3, 3)
decoder = (2, 2, 2)
