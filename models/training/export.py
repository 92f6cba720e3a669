#!/usr/bin/env python3
"""Writes a trained network as ONNX and enters it in manifest.json.

  python3 export.py mask    RUN/checkpoint.pt --models MODELS --id mask-small-7
  python3 export.py restore RUN/checkpoint.pt --models MODELS --id rain-large-3 --size large

It takes the place of the model of its kind, task and size in MODELS/manifest.json, whose file is removed. It exports the averaged
(EMA) weights. Before a file is put in place, its graph is checked (see check_graph). Weights are stored as float16 and cast to
float32 when the model loads: half the bytes, the same arithmetic. --reference also writes inputs and outputs of PyTorch, which
`deno task test` compares with onnxruntime.
"""
from __future__ import annotations

import argparse
import hashlib
import inspect
import io
import json
import os
import runpy

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from model import SOFTNESS, TASKS, THRESHOLD, THUMB, WHOLE, ExtentNetwork, MaskNetwork, count_macs, restorer_of, without_grid
from weights import averaged, same_weights, shape_of

OPSET = 17
SIZES = ("small", "large")  # in the order of the manifest
# Operators that were correct and stayed on the GPU in every test of the WebGPU provider.
ALLOWED = {
    "Add", "AveragePool", "Cast", "Concat", "Constant", "Conv", "DepthToSpace", "Div", "Gather", "Log",
    "Identity", "MatMul", "Mul", "ReduceSum", "Relu", "Reshape", "Resize", "Shape", "Sigmoid", "Slice", "Softmax", "Sub",
    "Transpose", "Unsqueeze",
}


# Tile sizes: a halo as wide as the network sees (tests/tiling_test.ts requires 60 dB), and tiles for which its layers take about
# 600 MiB, those of mask networks 800. By model size and by the scale of the finest layers, which is 1/2 in mask networks.
CUTS = {("small", 1): (1152, 48), ("small", 2): (1664, 144), ("small", 4): (2048, 96), ("large", 1): (800, 96), ("large", 2): (1200, 112)}
FILLING = {"small": (1152, 80), "large": (720, 96)}  # networks that fill from the surroundings see farther and take more memory


def cut(size: str, network: torch.nn.Module) -> dict:
    if isinstance(network, ExtentNetwork):  # takes little memory; always has the same tiles
        return {"tile": 2048, "halo": 96}
    fills = getattr(network, "reference", None) == "surroundings"
    return dict(zip(("tile", "halo"), FILLING[size] if fills else CUTS[size, getattr(network, "patch", 2)]))


class MaskGraph(torch.nn.Module):
    """image, thumb -> masks in 0..1 (rain, raindrop, haze, blur), evidence, attention. `slow`: its masks vary slowly."""

    def __init__(self, network: ExtentNetwork | MaskNetwork, slow: bool = False) -> None:
        super().__init__()
        self.network, self.slow = network, slow

    def forward(self, image: torch.Tensor, thumb: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        logits, evidence, attention, _ = self.network(image, thumb)
        masks = torch.sigmoid(logits)
        return without_grid(masks) if self.slow else masks, evidence, attention


class ExtentGraph(MaskGraph):
    """image -> evidence and attention for one value of the mask everywhere."""

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return self.network(image)[1:3]


class RestoreGraph(torch.nn.Module):
    """image, mask, thumb, thumb_mask -> J'."""

    def __init__(self, network: torch.nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: torch.Tensor, mask: torch.Tensor, thumb: torch.Tensor, thumb_mask: torch.Tensor) -> torch.Tensor:
        return self.network(image, mask, thumb, thumb_mask)[0]


class CorrectGraph(RestoreGraph):
    """image, mask, thumb, thumb_mask -> r and k for squares of 4x4 pixels of a whole picture."""

    def forward(self, image: torch.Tensor, mask: torch.Tensor, thumb: torch.Tensor, thumb_mask: torch.Tensor) -> torch.Tensor:
        return self.network.parts(image, mask, thumb, thumb_mask)[0]


def outputs_of(module: torch.nn.Module, task: str | None) -> list[str]:
    if isinstance(module, MaskGraph):
        return ["evidence", "attention"] if isinstance(module, ExtentGraph) else ["mask", "evidence", "attention"]
    return ["correction"] if task in WHOLE else ["restored"]


def build(kind: str, path: str | None = None, **settings) -> tuple:
    """(graph module, task) from a checkpoint, or with untrained weights and the given settings."""
    state = torch.load(path, map_location="cpu") if path else None
    s = state["settings"] if state else settings
    task = s.get("task") or None
    weights = averaged(state, "mask" if kind == "mask" else "network") if state else None
    if s.get("stage") == "extent":
        network = ExtentNetwork()
    elif kind == "mask":
        network = MaskNetwork(**(shape_of(weights) if state else {k: s[k] for k in ("widths", "encoder", "decoder") if k in s}))
        task = task if s.get("stage") == "mask" or s.get("together") else None
    else:
        network = restorer_of(s)
    if state:
        network.load_state_dict(weights)
    else:  # the zeros of a fresh network would hide a wrong operator
        g = torch.Generator().manual_seed(0)
        for value in network.parameters():
            if not value.any() and value.requires_grad:
                value.data = 0.1 * torch.randn(value.shape, generator=g)
    if s.get("stage") == "extent":
        return ExtentGraph(network).eval(), task
    if kind == "mask":
        return MaskGraph(network, slow=task in WHOLE).eval(), task
    return (CorrectGraph if task in WHOLE else RestoreGraph)(network).eval(), task


def inputs_of(module: torch.nn.Module) -> list[str]:
    return list(inspect.signature(module.forward).parameters)


def example_inputs(names: list[str] | tuple[str, str, str, str], height: int = 64, width: int = 96, seed: int = 0) -> dict:
    g = torch.Generator().manual_seed(seed)
    shapes = {"image": (3, height, width), "mask": (1, height, width), "thumb": (3, THUMB, THUMB),
              "thumb_mask": (1, THUMB, THUMB)}
    return {n: torch.rand(1, *shapes[n], generator=g) for n in names}


def to_onnx(module: torch.nn.Module, outputs: list[str]) -> onnx.ModelProto:
    inputs = example_inputs(inputs_of(module))
    tiled = {2: "h", 3: "w"}
    coarse = {2: "h16", 3: "w16"}
    axes = {n: tiled for n in (*inputs, *outputs) if n in ("image", "mask", "restored")}
    axes.update({n: coarse for n in outputs if n in ("evidence", "attention")})
    axes.update({n: {2: "h4", 3: "w4"} for n in outputs if n == "correction"})
    more = {"dynamo": False} if "dynamo" in torch.onnx.export.__code__.co_varnames else {}
    buffer = io.BytesIO()
    torch.onnx.export(module, tuple(inputs.values()), buffer, input_names=list(inputs), output_names=outputs,
                      dynamic_axes=axes, opset_version=OPSET, do_constant_folding=True, **more)
    return onnx.load_model_from_string(buffer.getvalue())


def check_graph(model: onnx.ModelProto) -> None:
    """Raises an error where the graph breaks a rule of the WebGPU provider, whose Conv shaders are wrong for other channel
    counts."""
    shapes = {i.name: list(i.dims) for i in model.graph.initializer}
    shapes.update((name, shapes[same]) for name, same in same_weights(model.graph).items())
    for node in model.graph.node:
        if node.op_type not in ALLOWED:
            raise ValueError(f"operator {node.op_type} ({node.name}) was never tested on WebGPU")
        if node.op_type == "Conv":
            out, inner = shapes[node.input[1]][:2]
            group = next((a.i for a in node.attribute if a.name == "group"), 1)
            if group != 1 or out % 4 or (inner % 4 and inner != 3):
                raise ValueError(f"Conv {node.name}: {inner} to {out} channels, group {group}; want multiples of 4")
    for output in model.graph.output:
        dims = output.type.tensor_type.shape.dim
        if len(dims) != 4:
            raise ValueError(f"output {output.name} has {len(dims)} dimensions")
    onnx.checker.check_model(model)


def halve_weights(model: onnx.ModelProto) -> onnx.ModelProto:
    """Stores float32 initialisers of more than 16 numbers as float16 with a Cast, which runtimes fold at load."""
    graph, casts = model.graph, []
    for tensor in list(graph.initializer):
        if tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims) <= 16:
            continue
        values = numpy_helper.to_array(tensor).astype(np.float16)
        small = numpy_helper.from_array(values, tensor.name + "_f16")
        casts.append(helper.make_node("Cast", [small.name], [tensor.name], name="Cast_" + tensor.name,
                                      to=TensorProto.FLOAT))
        graph.initializer.remove(tensor)
        graph.initializer.append(small)
    nodes = list(graph.node)
    del graph.node[:]
    graph.node.extend(casts + nodes)
    return model


def halved(module: torch.nn.Module) -> torch.nn.Module:
    """The module with weights rounded as in the file, for the reference."""
    for value in module.state_dict().values():
        if value.numel() > 16:
            value.copy_(value.half().float())
    return module


def reference(module: torch.nn.Module) -> tuple[dict, tuple]:
    """The outputs that the exported model must have for example_inputs: every value of a small run, rounded to float32."""
    inputs = example_inputs(inputs_of(module))
    with torch.no_grad():
        outputs = module(*inputs.values())
    outputs = outputs if isinstance(outputs, tuple) else (outputs,)
    return inputs, outputs


def write_reference(folder: str, identity: str, module: torch.nn.Module, names: list[str]) -> None:
    """Writes inputs and outputs as raw little-endian float32 files with an index, to compare the runtime with PyTorch."""
    inputs, outputs = reference(module)
    os.makedirs(folder, exist_ok=True)
    index = {}
    for part, tensors in (("inputs", inputs), ("outputs", dict(zip(names, outputs)))):
        index[part] = {}
        for name, tensor in tensors.items():
            file = f"{identity}.{part}.{name}.f32"
            tensor.contiguous().numpy().astype("<f4").tofile(os.path.join(folder, file))
            index[part][name] = {"file": file, "dims": list(tensor.shape)}
    with open(os.path.join(folder, identity + ".json"), "w") as f:
        json.dump(index, f, indent=1)


def enter(models: str, entry: dict) -> list:
    path = os.path.join(models, "manifest.json")
    manifest = json.load(open(path)) if os.path.exists(path) else {"version": 1, "models": []}
    same = lambda m: (m["kind"], m["task"], m["size"]) == (entry["kind"], entry["task"], entry["size"])
    old = [m for m in manifest["models"] if same(m)]
    entry["figures"] = entry["figures"] or (old[0]["figures"] if old and old[0]["id"] == entry["id"] else {})
    manifest["models"] = [m for m in manifest["models"] if not same(m)] + [entry]
    order = [(kind, task, size) for size in SIZES for kind, tasks in (("mask", (None, *TASKS)), ("restore", TASKS)) for task in tasks]
    manifest["models"].sort(key=lambda m: order.index((m["kind"], m["task"], m["size"])))
    with open(path + ".part", "w") as f:
        json.dump(manifest, f, indent=2)
        f.write("\n")
    os.replace(path + ".part", path)
    return [m["file"] for m in old if m["file"] != entry["file"]]


def main(argv: list[str] | None = None) -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("kind", choices=("mask", "restore"))
    ap.add_argument("checkpoint", nargs="?", help="none: untrained weights, for testing the runtime")
    ap.add_argument("--models", required=True, help="folder of manifest.json")
    ap.add_argument("--id", required=True)
    ap.add_argument("--size", default="small", choices=SIZES)
    ap.add_argument("--config", help="of an untrained network")
    ap.add_argument("--task", choices=TASKS, help="of a mask network that is to find this damage alone, though it has learned all")
    ap.add_argument("--provenance", default="untrained")
    ap.add_argument("--reference", help="folder for PyTorch's inputs and outputs")
    a = ap.parse_args(argv)
    other = next((size for size in SIZES if size != a.size and f"-{size}-" in a.id), None)
    if other:
        ap.error(f"{a.id} is to take the place of a {a.size} model: --size {other}, or another --id")
    if a.task and a.kind != "mask":
        ap.error("--task is of mask networks alone: a restorer's task is that of its run")
    module, task = build(a.kind, a.checkpoint, **(runpy.run_path(a.config) if a.config else {}))
    task = a.task or task
    module, outputs = halved(module), outputs_of(module, task)
    model = to_onnx(module, outputs)
    check_graph(model)
    model = halve_weights(model)
    data = model.SerializeToString()
    file = a.id + ".onnx"
    os.makedirs(a.models, exist_ok=True)
    with open(os.path.join(a.models, file + ".part"), "wb") as f:
        f.write(data)
    os.replace(os.path.join(a.models, file + ".part"), os.path.join(a.models, file))
    restore = a.kind == "restore"
    inputs = example_inputs(inputs_of(module), 256, 256)
    entry = {
        "id": a.id, "kind": a.kind, "task": task, "size": a.size, "file": file,
        "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest(),
        "graph": {"thumb": THUMB, "inputs": list(inputs), "outputs": outputs, **({} if restore else {"channels": list(TASKS)})},
        **({"whole": WHOLE[task]} if task in WHOLE else
           {"cut": cut(a.size, module.network)}),
        "threshold": THRESHOLD if restore else None, "softness": SOFTNESS[task] if restore else None,
        "gmacs": round(count_macs(module, *inputs.values()) / 1e9, 3), "figures": {}, "licence": "MIT",
        "provenance": a.provenance,
    }
    for stale in enter(a.models, entry):
        os.remove(os.path.join(a.models, stale))
    if a.reference:
        write_reference(a.reference, a.id, module, outputs)
    print(json.dumps({k: entry[k] for k in ("id", "bytes", "sha256", "gmacs")}))


if __name__ == "__main__":
    main()
