#!/usr/bin/env python3
"""Removes residual blocks from a trained restorer, to reduce its arithmetic.

  python3 narrow.py rain RUN/checkpoint.pt --mask ../rain-mask-small-4.onnx --data DATA
  python3 narrow.py rain RUN/checkpoint.pt --without decoder.3.0 --out runs/narrow

Removing a residual block leaves x as it is, so the other blocks go on working (Veit et al. 2016, residual networks behave like
ensembles). The first form measures each block's worth: the gain of the restorer without it, on pictures synthesised from training
photographs, so that no choice depends on the reported sets. The second form writes a checkpoint for train.py --init, evaluate.py
and export.py.
"""
from __future__ import annotations

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import argparse
import itertools

import torch

import metrics
from evaluate import picture
from model import TASKS, gmacs, restorer_of
from restoration import Restoration
from sample_pool import Sources, make_picture
from validation import rounded
from weights import BLOCK, load_weights, settings_of, shape_of


def blocks(weights: dict) -> list[str]:
    """Names of the residual blocks, such as decoder.3.0: stage, and position in it; in the order of the network."""
    found = {match.groups() for match in map(BLOCK.match, weights) if match}
    return [".".join(block) for block in sorted(found, key=lambda block: (block[0], int(block[1]), int(block[2])))]


def without(weights: dict, names: list[str]) -> dict | None:
    """The weights without the named blocks; later blocks of a stage move up."""
    unknown = set(names) - set(blocks(weights))
    if unknown:
        raise ValueError(f"no such block: {', '.join(sorted(unknown))}; there are {', '.join(blocks(weights))}")
    kept = [name for name in blocks(weights) if name not in names]
    moved = {block: f"unet.{stage}.blocks.{place}."
             for stage, group in itertools.groupby(kept, lambda name: name.rsplit(".", 1)[0]) for place, block in enumerate(group)}
    out = {}
    for name, value in weights.items():
        found = BLOCK.match(name)
        if not found:
            out[name] = value
        elif ".".join(found.groups()) in moved:
            out[moved[".".join(found.groups())] + name[found.end():]] = value
    return out


def restorer(weights: dict, settings: dict) -> torch.nn.Module:
    network = restorer_of({**settings, **shape_of(weights)})
    network.load_state_dict(weights)
    return network.eval()


def mean_gain(engine: Restoration, task: str, pictures: list[tuple]) -> float:
    """Mean gain in dB over (degraded, clean) uint8 pictures; for rain on Y."""
    gains = []
    for degraded, clean, masks in pictures:
        before, result, truth = (picture(x) for x in (degraded, engine.composited(degraded, task, masks), clean))
        gains.append(metrics.task_psnr(task, result, truth) - metrics.task_psnr(task, before, truth))
    return sum(gains) / len(gains)


def main(argv: list[str] | None = None) -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("task", choices=TASKS)
    ap.add_argument("restorer", help="checkpoint or exported model")
    ap.add_argument("--without", help="blocks to leave out, with commas; then --out is needed")
    ap.add_argument("--out", help="folder of the new checkpoint")
    ap.add_argument("--mask", help="mask network, to say what each block is worth")
    ap.add_argument("--data")
    ap.add_argument("--pictures", type=int, default=24)
    ap.add_argument("--seed", type=int, default=1000, help="of the pictures; not one that was trained with")
    ap.add_argument("--threads", type=int, default=0)
    a = ap.parse_args(argv)
    if a.threads:
        torch.set_num_threads(a.threads)
    weights, settings = load_weights(a.restorer), settings_of(a.restorer, a.task)
    if a.without:
        if not a.out:
            ap.error("--without needs --out")
        kept = without(weights, a.without.split(","))
        os.makedirs(a.out, exist_ok=True)
        torch.save({"ema": kept, "settings": {**settings, **shape_of(kept)}}, os.path.join(a.out, "checkpoint.pt"))
        print(f"{gmacs(restorer(weights, settings)):.3f} GMACs before, {gmacs(restorer(kept, settings)):.3f} without {a.without}")
        return
    if not (a.mask and a.data):
        ap.error("what each block is worth needs --mask and --data; to leave some out, --without and --out")
    engine = Restoration.guided(a.task, a.mask, {})
    sources, pictures = Sources(a.data), []
    with torch.no_grad():
        for i in range(a.pictures):
            degraded, clean = (rounded(x) for x in make_picture(sources, a.task, 320, 480, a.seed, i)[:2])
            pictures.append((degraded, clean, engine.predict(degraded)[0]))
        print("| without | GMACs | gain in dB |\n|---|---|---|")
        for name in (None, *blocks(weights)):
            network = restorer(without(weights, [name]) if name else weights, settings)
            engine.restorers[a.task] = network
            print(f"| {name or '-'} | {gmacs(network):.3f} | {mean_gain(engine, a.task, pictures):+.2f} |", flush=True)


if __name__ == "__main__":
    main()
