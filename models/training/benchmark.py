#!/usr/bin/env python3
"""PyTorch's time for the networks of exported models, for `deno task bench`.

It is started with a JSON object (passes, each {kind, network: path of an .onnx file, width, height and count of its tiles}; task,
threads, gpu, half). It prints {"ready": true}, then measures once for every line on standard input: each network on its tiles, in
float32; on CUDA, given `half`, as fast as PyTorch is: in float16, channels last, compiled.
"""
from __future__ import annotations

import json
import re
import sys
import time

import torch

from model import THUMB, restorer_of
from weights import load_weights, mask_network, settings_of


def say(value: object) -> None:
    print(json.dumps(value), flush=True)


def peak_memory() -> float:
    with open("/proc/self/status") as f:
        return int(re.search(r"VmHWM:\s+(\d+) kB", f.read()).group(1)) * 1024


def network_of(kind: str, path: str, task: str) -> torch.nn.Module:
    if kind == "mask":
        return mask_network(path)
    network = restorer_of(settings_of(path, task))
    network.load_state_dict(load_weights(path))
    return network.eval()


def main() -> None:
    job = json.loads(sys.argv[1])
    torch.set_num_threads(job["threads"])
    torch.backends.cudnn.allow_tf32 = False  # true float32
    torch.backends.cudnn.benchmark = True
    device = "cuda" if job["gpu"] and torch.cuda.is_available() else "cpu"
    half = device == "cuda" and job["half"]
    layout = {"dtype": torch.float16, "memory_format": torch.channels_last} if half else {}
    g = torch.Generator().manual_seed(1)

    def noise(channels: int, height: int, width: int) -> torch.Tensor:
        return torch.rand((1, channels, height, width), generator=g).to(device, **layout)
    thumbs = noise(3, THUMB, THUMB), noise(1, THUMB, THUMB)
    work = []
    for p in job["passes"]:
        size = p["height"], p["width"]
        inputs = (noise(3, *size), thumbs[0]) if p["kind"] == "mask" else (noise(3, *size), noise(1, *size), *thumbs)
        network = network_of(p["kind"], p["network"], job["task"]).to(device, **layout)
        work.append((torch.compile(network) if half else network, inputs, p["count"]))

    def measure(most: int | None = None) -> dict:
        start, used = time.perf_counter(), time.process_time()
        with torch.inference_mode():
            for network, inputs, count in work:
                for _ in range(count if most is None else min(count, most)):
                    network(*inputs)
        if device == "cuda":
            torch.cuda.synchronize()
        return {"ms": (time.perf_counter() - start) * 1000, "cpu": (time.process_time() - used) * 1000}

    measure(1)  # warm up
    say({"ready": True, "name": "PyTorch %s on %s%s" % (torch.__version__, device, ", fp16, compiled" if half else "")})
    for _ in sys.stdin:
        say({**measure(), "peak": peak_memory()})


if __name__ == "__main__":
    main()
