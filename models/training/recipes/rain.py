"""Rain streaks. Smaller pictures are sharper ones, and more of them undamaged: fine texture is not to be taken for streaks."""
task = "rain"
steps = 7000
crop = 128
height, width = 256, 384
harm = 1.0
clean = 0.15
