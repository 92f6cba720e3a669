#!/usr/bin/env python3
"""Removes the gates from a trained restorer, so that training can continue without them.

  python3 ungate.py raindrop ../raindrop-small-2.onnx --mask ../raindrop-mask-large-4.onnx --data DATA --out runs/ungated [--context]

Each channel's gate is replaced by the constant nearest to it on pictures synthesised from training photographs (least squares:
the sum of y^2 sigmoid over the sum of y^2, y the gated value), which is multiplied into the following Wo. --context removes the
global context, too, which adds to x. A few hundred steps of train.py --init recover the loss, with --gate none and, where the
context is gone, --context false.
"""
from __future__ import annotations

from collections.abc import Callable, Iterator
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import argparse

import torch

from narrow import restorer
from model import TASKS, GatedBlock, gmacs
from resize import thumbnail
from restoration import Restoration
from sample_pool import Sources, make_picture
from weights import load_weights, mask_network, settings_of


def openings(network: torch.nn.Module, inputs: Iterator | list[list]) -> dict:
    """{block: the constant for each channel's gate} over the inputs of the network."""
    sums = {}

    def add(name: str) -> Callable:
        def hook(block: GatedBlock, given: tuple[torch.Tensor, torch.Tensor], _: torch.Tensor) -> None:
            y = torch.relu(block.feature(given[0])).square()
            opened, whole = sums.get(name, (0, 1e-9))
            sums[name] = opened + (y * block.opening(*given)).sum((0, 2, 3)), whole + y.sum((0, 2, 3))
        return hook
    gated = [(name, module) for name, module in network.named_modules() if isinstance(module, GatedBlock) and module.gate is not None]
    hooks = [module.register_forward_hook(add(name)) for name, module in gated]
    with torch.no_grad():
        for given in inputs:
            network(*given)
    for hook in hooks:
        hook.remove()
    return {name: opened / whole for name, (opened, whole) in sums.items()}


def ungated(weights: dict, opened: dict) -> dict:
    """The weights without gates, with the constants multiplied into the blocks' Wo."""
    out = {name: value for name, value in weights.items() if ".gate." not in name and not name.endswith(".mask_gate")}
    for name, share in opened.items():
        out[name + ".out.weight"] = out[name + ".out.weight"] * share.view(1, -1, 1, 1)
    return out


def examples(mask: torch.nn.Module, task: str, settings: dict, data: str, count: int, seed: int = 1000) -> Iterator:
    """Inputs of the restorer for pictures of the task, synthesised as for training."""
    sources, channel = Sources(data), TASKS.index(task)
    for i in range(count):
        size = settings["height"], settings["width"]
        image = make_picture(sources, task, *size, seed, i, whole=settings.get("whole", 0.0))[0]
        thumb = thumbnail(image)
        with torch.no_grad():
            found = Restoration.seen(mask, image)[0][channel:channel + 1]
        yield image[None], found[None], thumb[None], thumbnail(found)[None]


def main(argv: list[str] | None = None) -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("task", choices=TASKS)
    ap.add_argument("restorer", help="checkpoint or exported model")
    ap.add_argument("--mask", required=True, help="the mask network that guides it")
    ap.add_argument("--data", required=True)
    ap.add_argument("--out", required=True, help="folder of the new checkpoint")
    ap.add_argument("--context", action="store_true", help="leave the global context out too")
    ap.add_argument("--pictures", type=int, default=32)
    a = ap.parse_args(argv)
    weights, settings = load_weights(a.restorer), settings_of(a.restorer, a.task)
    before = restorer(weights, settings)
    kept = ungated(weights, openings(before, examples(mask_network(a.mask), a.task, settings, a.data, a.pictures)))
    settings = {**settings, "gate": "none"}
    if a.context:
        kept = {name: value for name, value in kept.items() if not name.startswith("context.")}
        settings["context"] = False
    os.makedirs(a.out, exist_ok=True)
    torch.save({"ema": kept, "settings": settings}, os.path.join(a.out, "checkpoint.pt"))
    print(f"{gmacs(before):.3f} GMACs before, {gmacs(restorer(kept, settings)):.3f} without gates")


if __name__ == "__main__":
    main()
