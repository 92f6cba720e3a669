"""Rain streaks."""
task = "rain"
steps = 10000
crop = 128
