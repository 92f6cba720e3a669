"""Reads weights from a checkpoint or an exported model, so that training can continue from shipped models."""
from __future__ import annotations

import os
import re
import runpy

import torch

from model import ExtentNetwork, MaskNetwork
from config import DEFAULTS

# Names of averaged weights in a checkpoint: of the run's network, and of the mask network trained together with it.
AVERAGE = {"network": "ema", "mask": "mask_ema"}
BLOCK = re.compile(r"unet\.(encoder|decoder)\.(\d+)\.blocks\.(\d+)\.")


def averaged(state: dict, part: str = "network") -> dict:
    """The averaged weights of a checkpoint's network, or of its `mask` network; both are the same if the run trained a mask
    network."""
    return state.get(AVERAGE[part], state["ema"])


def load_weights(path: str, part: str = "network") -> dict:
    """The averaged weights of a checkpoint (.pt), or the weights of an exported model (.onnx, float16)."""
    if not path.endswith(".onnx"):
        state = torch.load(path, map_location="cpu")
        return with_evidence_of_each({name: value.float() for name, value in averaged(state, part).items()})
    import onnx
    from onnx import numpy_helper
    out = {}
    graph = onnx.load(path).graph
    for tensor in graph.initializer:
        if tensor.name.startswith("network."):
            name = tensor.name[len("network."):].replace("_f16", "")
            out[name] = torch.from_numpy(numpy_helper.to_array(tensor).copy()).float()
    for name, same in same_weights(graph).items():
        out[name[len("network."):]] = out[same[len("network."):]]
    return with_evidence_of_each(out)


def with_evidence_of_each(weights: dict) -> dict:
    """Converts weights of a head that chose one of five classes for one that rates each of four damages independently."""
    for name in ("head.2.weight", "head.2.bias"):
        if name in weights and len(weights[name]) == 12:
            weights[name] = weights[name][[0, 1, 2, 3, 5, 6, 7, 8]]
    return weights


def same_weights(graph: onnx.GraphProto) -> dict:
    """{name: name of the equal weight that is stored}: PyTorch stores equal weights once."""
    return {node.output[0]: node.input[0] for node in graph.node if node.op_type == "Identity" and node.output[0].startswith("network.")}


def settings_of(path: str, task: str) -> dict:
    """The settings of a checkpoint; for an exported restorer, those of the file in configs/ for its task and size."""
    if not path.endswith(".onnx"):
        return torch.load(path, map_location="cpu")["settings"]
    name = task + ("_large" if "-large-" in os.path.basename(path) else "")
    chosen = runpy.run_path(os.path.join(os.path.dirname(os.path.abspath(__file__)), "configs", name + ".py"))
    return {**DEFAULTS, **{name: value for name, value in chosen.items() if name in DEFAULTS}}


def shape_of(weights: dict) -> dict:
    """Channels of a U-Net's scales, and numbers of residual blocks in the stages of its encoder and decoder; finest first."""
    names = {match.groups() for match in map(BLOCK.match, weights) if match}
    count = lambda side, stage: sum(name[:2] == (side, str(stage)) for name in names)
    downs = [value for name, value in sorted(weights.items()) if name.startswith("unet.down.") and name.endswith(".weight")]
    stages = len(downs)
    return {"widths": (*(d.shape[1] for d in downs), downs[-1].shape[0]),
            "encoder": tuple(count("encoder", s) for s in range(stages + 1)),
            "decoder": tuple(count("decoder", s) for s in range(stages))}


def mask_network(path: str) -> ExtentNetwork | MaskNetwork:
    """Loads a trained mask network of the shape of its weights."""
    weights = load_weights(path, "mask")
    if not any(name.startswith(("mask.", "luma.")) for name in weights):
        raise ValueError(f"there is no mask network in {path}")
    network = MaskNetwork(**shape_of(weights)) if "stem.weight" in weights else ExtentNetwork()
    network.load_state_dict(weights)
    return network.eval()


def widened(weights: dict, network: torch.nn.Module) -> dict:
    """Adapts weights to a network whose first convolution has more input channels: those begin at zero. Blocks that the weights
    lack as a whole keep the network's initial values, which leave x unchanged."""
    fresh = network.state_dict()
    if "stem.weight" not in fresh:  # an extent network, which has one form
        return weights
    stem, wanted = weights["stem.weight"], fresh["stem.weight"].shape
    wide = torch.zeros(wanted)
    wide[:, :stem.shape[1]] = stem
    block = lambda name: BLOCK.match(name) and BLOCK.match(name).group()
    there = {block(name) for name in weights}
    new = lambda name: name not in weights and (name.startswith("airlight.") or block(name) not in there)
    more = {name: value for name, value in fresh.items() if new(name)}
    return {**more, **weights, "stem.weight": wide}
