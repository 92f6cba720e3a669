"""Rain streaks."""
task = "rain"
steps = 7000
crop = 128
