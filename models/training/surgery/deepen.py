"""Gives a mask network more residual blocks, which leave its answers as they are until they are trained.

    python3 surgery/deepen.py ../haze-mask-small-7.onnx runs/deeper_mask.pt --encoder 1,1,3,12

The checkpoint is a `--teacher` for train.py. A restorer needs none: `--init` with another `--encoder` does the same.
"""
from __future__ import annotations

import argparse
import os
import sys

import torch

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from model import MaskNetwork  # noqa: E402
from weights import load_weights, shape_of, widened  # noqa: E402


def deepened(weights: dict, encoder: tuple[int, ...]) -> dict:
    """The weights of a mask network with `encoder` blocks in its encoder's stages, finest first; at least as many as it has."""
    shape = shape_of(weights)
    if len(encoder) != len(shape["encoder"]) or any(new < old for new, old in zip(encoder, shape["encoder"])):
        raise ValueError(f"--encoder needs {len(shape['encoder'])} numbers, none below those of {shape['encoder']}")
    return widened(weights, MaskNetwork(**{**shape, "encoder": encoder}))


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("network", help="a checkpoint or an exported mask network")
    parser.add_argument("out")
    parser.add_argument("--encoder", required=True, type=lambda text: tuple(map(int, text.split(","))))
    given = parser.parse_args(argv)
    torch.save({"ema": deepened(load_weights(given.network, "mask"), given.encoder)}, given.out)


if __name__ == "__main__":
    main()
