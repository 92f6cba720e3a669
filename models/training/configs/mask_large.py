"""The large general mask network: twice as wide as that of configs/mask.py, with thumbs as of pictures of any size.

For one GPU; --minutes sets the time.
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
