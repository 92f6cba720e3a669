"""Rain streaks, half of them light. Smaller pictures are sharper ones, and more of them undamaged: fine texture is not to be taken for streaks.

No distillation, which costs 0.6 dB here (README.md, what each part is worth). Two cores with AVX512-BF16: 7 steps a second.
"""
task = "rain"
steps = 24000
crop = 112
height, width = 256, 384
lr = 8e-4
harm = 1.0
distill = 0.0
clean = 0.15
