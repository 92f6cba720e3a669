"""Synthesis of the four degradations with their ground-truth masks, on any device.

Each `synthesise(clean, generator, ...)` takes a picture [3,H,W] in 0..1 and
gives (degraded [3,H,W], mask [1,H,W]), both in 0..1. `generator` is a
torch.Generator on the CPU: it alone decides what happens, so one seed is one
degraded picture on every device.
"""
from . import blur, defocused_raindrop, haze, light_rain, rain, raindrop

SYNTHESIS = {"rain": rain.synthesise, "raindrop": raindrop.synthesise,
             "haze": haze.synthesise, "blur": blur.synthesise}

# Damage of the same task that looks unlike the first: half of a task's training pictures have it.
OTHERS = {"rain": light_rain.synthesise, "raindrop": defocused_raindrop.synthesise}
