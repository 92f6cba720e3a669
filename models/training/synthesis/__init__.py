"""Synthesis of the four degradations with their ground-truth masks, on any device.

Each `synthesise(clean, generator, ...)` takes a picture [3,H,W] in 0..1 and returns (degraded [3,H,W], mask [1,H,W]), both in
0..1. `generator` is a torch.Generator on the CPU and the only source of randomness, so a seed gives the same degraded picture on
every device.
"""
from . import blur, defocused_raindrop, downpour, haze, light_rain, rain, raindrop, strokes

SYNTHESIS = {"rain": rain.synthesise, "raindrop": raindrop.synthesise,
             "haze": haze.synthesise, "blur": blur.synthesise}

# All kinds of a task's damage in training, with their shares of the task's pictures.
KINDS = {"rain": ((rain.synthesise, 0.24), (light_rain.synthesise, 0.22), (strokes.synthesise, 0.27), (downpour.synthesise, 0.27)),
         "raindrop": ((raindrop.synthesise, 0.3), (raindrop.synthesise_sharp, 0.15), (raindrop.synthesise_fine, 0.25),
                      (defocused_raindrop.synthesise, 0.3)),
         "haze": ((haze.synthesise, 1.0),), "blur": ((blur.synthesise, 0.7), (blur.synthesise_night, 0.3))}

# What a kind adds to the scene first; the clean picture has that, too.
SCENE = {blur.synthesise_night: blur.lamps, raindrop.synthesise: raindrop.misted, raindrop.synthesise_sharp: raindrop.misted,
         raindrop.synthesise_fine: raindrop.behind_glass}

# Share of a kind's pictures that have another damage below it; 0.15 for other kinds.
MISTY = {downpour.synthesise: 0.6}
