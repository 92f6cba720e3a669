"""Motion blur: the slowest to learn. All work at 1/4 to 1/16 of the size, where a block sees a whole streak; a Fourier loss for the edges."""
task = "blur"
steps = 2900
batch = 6
crop = 192
renewed = 1.0
frequency = 0.1
harm = 1.0
clean = 0.03
patch = 4
widths = (64, 96, 128)
encoder = (2, 2, 5)
decoder = (2, 2)
