"""Rain streaks, half of them light. Smaller pictures are sharper ones, and more of them undamaged: fine texture is not to be taken for streaks.

No gates and no distillation, which cost here (README.md, what each part is worth); a block at half the size more for the
arithmetic that this saves. Thumbs of all kinds, lest the global context expect those of small pictures. Two cores with
AVX512-BF16: 9 steps a second.
"""
task = "rain"
steps = 24000
crop = 112
height, width = 256, 384
lr = 8e-4
harm = 1.0
distill = 0.0
clean = 0.15
gate = "none"
decoder = (2, 2, 2, 0)
smooth = 0.6
