"""Motion blur: the slowest to learn; most of the work at low resolution, a Fourier loss for the edges."""
task = "blur"
steps = 9500
batch = 6
crop = 160
renewed = 0.5
frequency = 0.1
harm = 1.0
clean = 0.03
encoder = (1, 1, 2, 2, 3)
decoder = (1, 1, 1, 1)
