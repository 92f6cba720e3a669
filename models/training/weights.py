"""Reads weights back, from a checkpoint or from an exported model: training can go on from what is shipped."""
import os
import runpy

import torch

from settings import DEFAULTS


def load_weights(path):
    """The averaged weights of a checkpoint (.pt), or the weights of an exported model (.onnx, float16)."""
    if not path.endswith(".onnx"):
        return torch.load(path, map_location="cpu")["ema"]
    import onnx
    from onnx import numpy_helper
    out = {}
    for tensor in onnx.load(path).graph.initializer:
        if tensor.name.startswith("network."):
            name = tensor.name[len("network."):].replace("_f16", "")
            out[name] = torch.from_numpy(numpy_helper.to_array(tensor).copy()).float()
    return out


def settings_of(path, task):
    """The settings of a checkpoint; for an exported restorer, those of its task's recipe."""
    if not path.endswith(".onnx"):
        return torch.load(path, map_location="cpu")["settings"]
    recipe = runpy.run_path(os.path.join(os.path.dirname(os.path.abspath(__file__)), "recipes", task + ".py"))
    return {**DEFAULTS, **{name: value for name, value in recipe.items() if name in DEFAULTS}}


def widened(weights, network):
    """Weights for a network whose first convolution sees more channels than theirs did: those begin at zero."""
    stem = weights["stem.weight"]
    wanted = network.state_dict()["stem.weight"].shape
    if stem.shape == wanted:
        return weights
    wide = torch.zeros(wanted)
    wide[:, :stem.shape[1]] = stem
    return {**weights, "stem.weight": wide}
