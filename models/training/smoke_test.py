#!/usr/bin/env python3
"""Tests of the training system: synthesis, both stages end to end, resuming, evaluation, export.

  python3 smoke_test.py [--reference FOLDER]

It makes its own photographs. With --reference, it leaves the exported models and PyTorch's inputs and outputs in that folder, to
compare them with onnxruntime.
"""
from __future__ import annotations

import argparse
import contextlib
import glob
import io
import json
import lzma
import os
import re
import runpy
import shutil
import subprocess
import sys
import tempfile
import unittest

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "surgery"), os.path.join(HERE, "reports")]

import ablation  # noqa: E402
import attention  # noqa: E402
import datasets  # noqa: E402
import deepen  # noqa: E402
import distillation  # noqa: E402
import export  # noqa: E402
import imitation  # noqa: E402
import metrics  # noqa: E402
import residues  # noqa: E402
import resize  # noqa: E402
import narrow  # noqa: E402
import model  # noqa: E402
import pairs  # noqa: E402
import real_streaks  # noqa: E402
import restoration  # noqa: E402
import sample_pool  # noqa: E402
import config  # noqa: E402
import chart  # noqa: E402
import tones  # noqa: E402
import train  # noqa: E402
import ungate  # noqa: E402
import validation  # noqa: E402
from synthesis import KINDS, SYNTHESIS, blur, camera, haze, raindrop, undamaged  # noqa: E402
from synthesis.filters import smooth_noise  # noqa: E402
from synthesis.haze import warp_depth  # noqa: E402
import weights  # noqa: E402

REFERENCE = None


def photograph(seed: int, height: int = 120, width: int = 160) -> torch.Tensor:
    """A picture with smooth areas, edges and texture, [3,H,W] in 0..1."""
    g = torch.Generator().manual_seed(seed)
    colour = torch.cat([smooth_noise(height, width, 3, g) for _ in range(3)])
    edges = (smooth_noise(height, width, 5, g) > 0.5).float()
    texture = torch.rand(1, height, width, generator=g)
    return (0.6 * colour + 0.25 * edges + 0.1 * texture).clamp(0, 1)


def write(path: str, picture: torch.Tensor) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    array = (picture * 255).round().to(torch.uint8)
    Image.fromarray(array.permute(1, 2, 0).numpy() if len(array) == 3 else array[0].numpy()).save(path)


def make_data(base: str) -> None:
    for folder, count in (("photos/bsds500", 8), ("photos/sunhays80", 2), ("val/kodak24", 2), ("val/mcmaster", 2)):
        for i in range(count):
            write(f"{base}/{folder}/{i:03d}.png", photograph(i + len(folder)))
    for i in range(24):
        g = torch.Generator().manual_seed(i)
        stem = f"{1325 + i:05d}"  # the last three validate
        write(f"{base}/rgbd/nyuv2/photo/{stem}.jpg", photograph(i, 160, 200))
        write(f"{base}/rgbd/nyuv2/depth/{stem}.png", smooth_noise(160, 200, 2, g))
    for i in range(3):
        write(f"{base}/rgbd/camvid/photo/{i}.jpg", photograph(50 + i, 160, 200))
        write(f"{base}/rgbd/camvid/depth/{i}.png", smooth_noise(80, 100, 2, torch.Generator().manual_seed(i)))
        street = smooth_noise(80, 100, 2, torch.Generator().manual_seed(60 + i)).clamp(min=0.1)
        street[:, :20, 30:50] = 0  # sky, which has no depth
        write(f"{base}/rgbd/cityscapes/photo/{i}.jpg", photograph(60 + i, 80, 100))
        write(f"{base}/rgbd/cityscapes/depth/{i}.png", street)
        write(f"{base}/camera/train/{i}.jpg", photograph(70 + i, 300, 400))
        write(f"{base}/camera/validate/{i}.jpg", photograph(80 + i, 300, 400))
    for folder, task, count in (("rain100h", "rain", 20), ("rain100l", "rain", 2), ("rain13k", "rain", 2),
                                ("haze_its", "haze", 2), ("raindrop", "raindrop", 2)):
        for i in range(count):
            clean = photograph(100 + i)
            degraded, _ = SYNTHESIS[task](clean, torch.Generator().manual_seed(i))
            write(f"{base}/{folder}/clean/{i}.png", clean)
            write(f"{base}/{folder}/degraded/{i}.png", degraded)
    for i, (name, _) in enumerate(real_streaks.PARTS):
        write(f"{base}/real/rain/{name}.jpg", photograph(i, 640, 960))


def run(script: str, *arguments) -> str:
    done = subprocess.run([sys.executable, os.path.join(HERE, script), *arguments], capture_output=True, text=True,
                          env={**os.environ, "OMP_NUM_THREADS": "2", "PYTHONDONTWRITEBYTECODE": "1"})
    if done.returncode:
        raise AssertionError(f"{script} {' '.join(arguments)}:\n{done.stdout}\n{done.stderr}")
    return done.stdout


ALL_KINDS = [(task, synthesise) for task, kinds in KINDS.items() for synthesise, _ in kinds]


class Synthesis(unittest.TestCase):
    def test_the_kinds_of_a_task_share_its_pictures(self) -> None:
        for task, kinds in KINDS.items():
            self.assertAlmostEqual(sum(share for _, share in kinds), 1.0, msg=task)

    def test_the_airlight_is_told_and_is_what_thick_haze_looks_like(self) -> None:
        clean, depth = photograph(3), torch.full((1, 120, 160), 1e3)
        for seed in range(8):
            degraded, mask, light = haze.hazed(clean, torch.Generator().manual_seed(seed), depth=depth * (1 + photograph(4)[:1]))
            self.assertEqual(light.shape, (3,))
            self.assertTrue((light >= 0.3).all() and (light <= 1).all())
            left = haze.knowable(clean, mask, light)
            unknown = (1 - mask < haze.LEAST_TRANSMISSION / 20)[0]
            if unknown.any():
                self.assertLess(float((left - light.view(3, 1, 1)).abs().amax(0)[unknown].max()), 0.06)
            seen = (1 - mask >= haze.LEAST_TRANSMISSION)[0]
            if seen.any():
                self.assertTrue(torch.equal(left[:, seen], clean[:, seen]))

    def test_what_is_no_damage_stays_a_picture(self) -> None:
        for seed in range(40):
            g = torch.Generator().manual_seed(seed)
            picture = undamaged.disguise(photograph(seed), g, depth=1 + 5 * photograph(seed + 1)[:1])
            self.assertEqual(picture.shape, (3, 120, 160))
            self.assertTrue(torch.isfinite(picture).all() and picture.min() >= 0 and picture.max() <= 1, seed)

    def test_drawings_are_of_strong_and_of_little_contrast(self) -> None:
        contrasts = []
        for seed in range(60):
            drawn = undamaged.drawing(120, 160, torch.Generator().manual_seed(seed))
            self.assertEqual(drawn.shape, (3, 120, 160))
            self.assertTrue(torch.isfinite(drawn).all() and drawn.min() >= 0 and drawn.max() <= 1, seed)
            contrasts.append(float(drawn.mean(0).std()))
        self.assertGreater(sum(0.002 < contrast < 0.04 for contrast in contrasts), 6)
        self.assertGreater(sum(contrast > 0.1 for contrast in contrasts), 12)

    def test_a_file_is_near_the_picture_that_it_is_of(self) -> None:
        clean = photograph(5)
        errors = [float((camera.record(clean, torch.Generator().manual_seed(seed)) - clean).abs().mean()) for seed in range(12)]
        self.assertLess(max(errors), 0.08)
        self.assertGreater(max(errors), 0.002)

    def test_each_degradation_damages_the_picture_and_says_where(self) -> None:
        clean = photograph(1)
        for task, synthesise in ALL_KINDS:
            worst = 0
            for seed in range(12):
                degraded, mask = synthesise(clean, torch.Generator().manual_seed(seed))
                self.assertEqual(degraded.shape, clean.shape)
                self.assertEqual(mask.shape, (1, 120, 160))
                for x in (degraded, mask):
                    self.assertTrue(torch.isfinite(x).all() and x.min() >= 0 and x.max() <= 1, task)
                worst = max(worst, float((degraded - clean).abs().max()))
                if task in ("rain", "raindrop"):
                    outside = (degraded - clean).abs().amax(0)[mask[0] == 0]
                    self.assertLessEqual(float(outside.max()) if len(outside) else 0, 18.01 / 255, task)
            self.assertGreater(worst, 0.1, task)

    def test_a_seed_is_one_picture(self) -> None:
        clean = photograph(2)
        for task, synthesise in ALL_KINDS:
            a, b, c = (synthesise(clean, torch.Generator().manual_seed(s))[0] for s in (5, 5, 6))
            self.assertTrue(torch.equal(a, b), task)
            self.assertFalse(torch.equal(a, c), task)

    def test_haze_is_the_airlight_model(self) -> None:
        clean, depth = photograph(3), torch.full((1, 120, 160), 4.0)
        degraded, mask = SYNTHESIS["haze"](clean, torch.Generator().manual_seed(1), depth=depth)
        t = 1 - mask
        inside = ((degraded > 0) & (degraded < 1)).all(0)
        varies = lambda power: float(((degraded ** power - clean ** power * t) / (1 - t))[:, inside].std(1).max())
        self.assertLess(min(varies(power) for power in torch.linspace(1, 2.4, 1401).tolist()), 1e-3)

    def test_warped_depth_keeps_far_things_far(self) -> None:
        depth = torch.linspace(0.5, 8, 160).expand(1, 120, 160)
        for seed in range(12):
            warped = warp_depth(depth, torch.Generator().manual_seed(seed))
            self.assertEqual(warped.shape, depth.shape)
            self.assertTrue(warped.min() >= 0)
            self.assertAlmostEqual(float(warped.mean() / depth.mean()), 1, delta=0.4)
            self.assertGreater(float((warped - depth).abs().max()), 0.1)
            self.assertGreater(float(torch.corrcoef(torch.stack([warped.flatten(), depth.flatten()]))[0, 1]), 0.5)

    def test_blur_keeps_the_picture_in_register(self) -> None:
        clean = torch.zeros(3, 121, 121)
        clean[:, 60, 60] = 1
        for seed in range(6):
            degraded, _ = SYNTHESIS["blur"](clean, torch.Generator().manual_seed(seed))
            light = degraded[0].pow(2.2) * (degraded[0] > 0.06)
            y = (light.sum(1) * torch.arange(121)).sum() / light.sum()
            x = (light.sum(0) * torch.arange(121)).sum() / light.sum()
            self.assertLess(abs(float(y) - 60) + abs(float(x) - 60), 2.0)


    def test_lamps_leave_trails_brighter_than_they_could_be_if_white_were_the_most(self):
        clean = torch.full((3, 121, 161), 0.05)
        clean[:, 58:62, 78:82] = 1
        light = lambda x: float(x.pow(2.2).sum())
        seeds = [torch.Generator().manual_seed(seed) for seed in range(12)]
        night = [light(blur.synthesise_night(clean, g)[0]) / light(clean) for g in seeds]
        day = [light(blur.synthesise(clean, g)[0]) / light(clean) for g in seeds]
        self.assertGreater(max(night), 2.5)
        self.assertLess(max(day), 1.2)
        # A clipped sky is no lamp.
        clean[:, :60] = 1
        sky = [float(blur.lit(clean, g)[:, :40].max()) for g in seeds]
        self.assertLess(max(sky), 1.7)

    def test_a_lamp_at_night_is_in_the_truth_too(self):
        lit = [blur.lamps(torch.full((3, 120, 160), 0.2), torch.Generator().manual_seed(seed)) for seed in range(10)]
        self.assertGreater(sum(float(x.max()) > 0.99 for x in lit), 3)
        self.assertTrue(all(x.min() >= 0 and x.max() <= 1 for x in lit))

    def test_shakes_are_of_up_to_40_pixels_without_gaps(self):
        longest = 0
        for seed in range(150):
            points = blur.without_gaps(blur.path(torch.Generator().manual_seed(seed)), blur.LONGEST)
            steps = (points[1:, :2] - points[:-1, :2]).norm(dim=1) * blur.LONGEST
            self.assertLess(float(steps.mean()), 1.05 if len(points) < blur.MOST_FRAMES else 3)
            longest = max(longest, blur.LONGEST * float(torch.cdist(points[:, :2], points[:, :2]).max()))
        self.assertTrue(38 < longest < 60, longest)

    def test_sharp_drops_have_sharper_edges(self):
        clean = torch.zeros(3, 240, 320) + torch.linspace(0.1, 0.9, 240)[:, None]
        edge = lambda make: max(float((make(clean, torch.Generator().manual_seed(seed))[0]).diff(dim=2).abs().amax()) for seed in range(8))
        self.assertGreater(edge(raindrop.synthesise_sharp), 1.3 * edge(raindrop.synthesise))

    def test_fine_drops_are_many_and_small(self):
        clean = torch.zeros(3, 240, 320) + torch.linspace(0.1, 0.9, 240)[:, None]
        masks = lambda make: torch.stack([make(clean, torch.Generator().manual_seed(seed))[1] for seed in range(8)])
        # The share of a mask that is five pixels or more from its edge.
        core = lambda mask: float(-torch.nn.functional.max_pool2d(-mask, 9, 1, 4).sum() / mask.sum())
        self.assertLess(core(masks(raindrop.synthesise_fine)), 0.5 * core(masks(raindrop.synthesise_sharp)))


RESTORER = ("image", "mask", "thumb", "thumb_mask")


class Streets(unittest.TestCase):
    def test_what_was_not_measured_is_as_far_as_the_farthest_next_to_it(self) -> None:
        with tempfile.TemporaryDirectory() as base:
            depth = torch.full((1, 80, 96), 0.8)
            depth[:, :40, 30:60] = 0.2
            depth[:, :40, 28:45] = 0
            write(base + "/rgbd/cityscapes/photo/a.jpg", photograph(1, 80, 96))
            write(base + "/rgbd/cityscapes/depth/a.png", depth)
            (stem, picture, metres), = datasets.measured_streets(base)
            self.assertEqual((stem, picture.shape[1:]), ("a", metres.shape[1:]))
            near, far = datasets.street_metres(torch.tensor([204, 51]))
            left = 96 // 16
            self.assertAlmostEqual(metres[0, 10, 36 - left].item(), far.item(), places=3)
            self.assertAlmostEqual(metres[0, 60, 36 - left].item(), near.item(), places=3)
            self.assertEqual(set(metres.flatten().tolist()), {near.item(), far.item()})


class RealStreaks(unittest.TestCase):
    def test_what_is_narrow_and_bright_before_a_blur_is_a_streak(self) -> None:
        streaks = torch.zeros(80, 120)
        streaks[10:60, 20:23] = streaks[30:80, 70:72] = 0.5
        dark = 0.1 + 0.1 * smooth_noise(80, 120, 2, torch.Generator().manual_seed(1)).expand(3, -1, -1)
        found = real_streaks.opacity(dark * (1 - streaks) + real_streaks.SKY * streaks)
        np.testing.assert_allclose(found[streaks > 0], 0.5, atol=0.1)
        self.assertLess(found[streaks == 0].max(), 0.05)

    def test_streaks_cover_a_picture_of_any_size_without_gaps(self) -> None:
        g = torch.Generator().manual_seed(2)
        layer = torch.full((50, 40), 0.4)
        layer[:, 20] = 0.8
        for size in ((30, 20), (130, 170)):
            clean = photograph(3, *size) * 0.4
            degraded, mask = real_streaks.synthesise(clean, g, layer)
            opaque = (degraded - clean)[0] / (real_streaks.SKY - clean[0])
            self.assertEqual(opaque.shape, size)
            self.assertGreater(opaque.min(), 0.4 / real_streaks.FADE - 1e-3)
            self.assertEqual(mask.mean(), 1)
        self.assertGreater((opaque > 0.7).float().mean(), 0.01)


class Networks(unittest.TestCase):
    def test_a_clean_mask_leaves_every_pixel(self) -> None:
        image, restored = torch.rand(1, 3, 32, 32), torch.rand(1, 3, 32, 32)
        mask = torch.full((1, 1, 32, 32), 0.05)
        self.assertTrue(torch.equal(model.composite(image, restored, mask, "raindrop"), image))
        self.assertTrue(torch.allclose(model.composite(image, restored, torch.ones_like(mask), "raindrop"), restored))

    def test_each_size_is_within_its_budget(self) -> None:
        macs = lambda module: model.count_macs(module, *export.example_inputs(export.inputs_of(module), 256, 256).values())
        of = lambda name: macs(export.build("mask", **runpy.run_path(os.path.join(HERE, "configs", name + ".py")))[0])
        own = {"rain": "mask", "raindrop": "mask_large", "haze": "haze_mask", "blur": "blur_mask"}
        most = {("rain", "small"): 3.2e9, ("raindrop", "small"): 5.2e9}
        for size, usual in (("small", 2.6e9), ("large", 16.5e9)):
            for task in model.TASKS:
                form = weights.settings_of(f"{task}-{size}-1.onnx", task)
                found = of("mask") + of(own[task]) + macs(export.RestoreGraph(model.restorer_of(form)))
                self.assertLessEqual(found, most.get((task, size), usual), (task, size))

    def test_a_block_left_out_leaves_the_others_as_they_were(self) -> None:
        network = model.Restorer(encoder=(1, 2, 1, 1, 2))
        g = torch.Generator().manual_seed(0)
        state = {name: value + 0.05 * torch.randn(value.shape, generator=g) for name, value in network.state_dict().items()}
        kept = narrow.without(state, ["encoder.1.0", "decoder.2.1"])
        slim = narrow.restorer(kept, config.DEFAULTS)
        silent = {name: value * 0 if name.startswith(("unet.encoder.1.blocks.0.out", "unet.decoder.2.blocks.1.out")) else value
                  for name, value in state.items()}
        network.load_state_dict(silent)
        inputs = export.example_inputs(RESTORER).values()
        self.assertTrue(torch.allclose(slim(*inputs)[0], network(*inputs)[0], atol=1e-5))
        self.assertLess(model.gmacs(slim), model.gmacs(network))
        with self.assertRaisesRegex(ValueError, "no such block: decoder.9.0; there are decoder.0.0, "):
            narrow.without(state, ["decoder.9.0"])

    def test_more_than_ten_blocks_of_a_stage_stay_in_their_order(self) -> None:
        state = model.Restorer(widths=(8, 8), encoder=(12, 1), decoder=(1,)).state_dict()
        for i in range(12):
            state[f"unet.encoder.0.blocks.{i}.out.bias"].fill_(i)
        kept = narrow.without(state, ["encoder.0.1"])
        self.assertEqual([int(kept[f"unet.encoder.0.blocks.{i}.out.bias"][0]) for i in range(11)], [0, *range(2, 12)])
        self.assertEqual(weights.shape_of(kept)["encoder"], (11, 1))

    def test_the_ablations_build(self) -> None:
        inputs = export.example_inputs(RESTORER).values()
        for kind in (dict(gate="none"), dict(gate="plain"), dict(context=False), dict(mask_input=False)):
            self.assertEqual(model.Restorer(**kind)(*inputs)[0].shape, (1, 3, 64, 96))

    def test_a_restorer_begins_with_the_picture_at_any_patch(self) -> None:
        inputs = export.example_inputs(RESTORER)
        for patch in (1, 2, 4):
            for reference in ("none", "surroundings"):
                network = model.Restorer(patch=patch, reference=reference, widths=(16, 32, 64),
                                            encoder=(1, 1, 1), decoder=(1, 1))
                restored = network(*inputs.values())[0]
                self.assertTrue(torch.equal(restored, inputs["image"]), (patch, reference))

    def test_surroundings_fill_damage_and_leave_the_rest(self) -> None:
        image = torch.full((1, 3, 96, 96), 0.2)
        image[:, :, :, 48:] = 0.7
        mask = torch.zeros(1, 1, 96, 96)
        mask[:, :, 10:40, 10:40] = 1
        damaged = torch.where(mask > 0, torch.ones_like(image), image)
        thumb, thumb_mask = (F.interpolate(x, (128, 128), mode="area") for x in (damaged, mask))
        filled, sound = model.pull_push_fill(damaged, mask, thumb, thumb_mask)
        self.assertTrue(torch.equal(sound, 1 - mask))
        self.assertLess(float((filled - image).abs()[mask.expand_as(image) == 0].max()), 2e-3)
        self.assertLess(float((filled - image).abs()[:, :, 10:40, 10:40].max()), 0.2)
        # Nothing undamaged within reach: the mean of the undamaged part.
        everything, thumb_mask = torch.ones_like(mask), thumb_mask * 0
        filled, _ = model.pull_push_fill(damaged, everything, thumb, thumb_mask)
        self.assertLess(float((filled - thumb.mean((2, 3), keepdim=True)).abs().max()), 2e-3)

    def test_more_inputs_begin_at_zero(self) -> None:
        narrow, wide = model.Restorer(), model.Restorer(reference="surroundings")
        wide.load_state_dict(weights.widened(narrow.state_dict(), wide))
        inputs = export.example_inputs(RESTORER).values()
        self.assertTrue(torch.allclose(narrow(*inputs)[0], wide(*inputs)[0], atol=1e-6))

    def test_gates_that_weights_lack_are_missed(self) -> None:
        bare, gated = model.Restorer(gate="none"), model.Restorer()
        with self.assertRaisesRegex(RuntimeError, "gate.weight"):
            gated.load_state_dict(weights.widened(bare.state_dict(), gated))

    def test_distillation_draws_the_student_to_the_teacher(self) -> None:
        torch.manual_seed(0)
        loss = distillation.AttentiveDistillation((8, 8), (8, 8), [(1, 1)])
        student = torch.randn(2, 8, 16, 16, requires_grad=True)
        teacher, mask = torch.randn(2, 8, 16, 16), torch.ones(2, 1, 32, 32)
        optimiser = torch.optim.Adam([student, *loss.parameters()], 0.05)
        first = None
        for _ in range(60):
            value = loss([None, student], [None, teacher], mask)
            first = first or float(value)
            optimiser.zero_grad()
            value.backward()
            optimiser.step()
        self.assertLess(float(value), 0.5 * first)


def refusal(main, *given) -> str:
    """What a program says when it refuses its arguments."""
    told = io.StringIO()
    try:
        with contextlib.redirect_stderr(told):
            main(list(given))
    except SystemExit:
        return told.getvalue().splitlines()[-1]
    raise AssertionError("it took " + " ".join(given))


class Settings(unittest.TestCase):
    CONFIG = os.path.join(HERE, "configs", "laptop_rain.py")
    USUAL = (CONFIG, "--data", HERE, "--teacher", CONFIG)

    def test_what_cannot_be_trained_is_said_in_a_sentence(self) -> None:
        for given, wanted in (
                (["none.py"], "there is no none.py"),
                ([self.CONFIG, "--teacher", HERE], "the folder of the photographs is missing: --data"),
                ([self.CONFIG, "--data", HERE], "a restorer needs a task and a mask network: --task and --teacher"),
                ([*self.USUAL, "--init", "none.onnx"], "init: there is no none.onnx"),
                ([*self.USUAL, "--gate", "maks"], "gate is 'maks'; it can be 'none', 'plain', 'mask'"),
                ([*self.USUAL, "--bf16", "yes"], "argument --bf16: invalid boolean value: 'yes'"),
                ([*self.USUAL, "--widths", "16,x"], "argument --widths: invalid numbers value: '16,x'"),
                ([*self.USUAL, "--steps", "0"], "a schedule needs --steps or --minutes"),
                ([*self.USUAL, "--crop", "112"], "crop is 112; it has to be a multiple of 16, and no larger than the pictures, 96x128"),
                ([*self.USUAL, "--clean", "0.7"], "clean is 0.7; it can be at most 0.5"),
                ([*self.USUAL, "--unlabelled", "some"], "unlabelled: a large restorer has to say what is right there: --large"),
                ([*self.USUAL, "--residues", "0.2"], "residues: give the restorer and the mask network that leave them: "
                                                     "--residues-restorer and --residues-mask")):
            out = os.path.join(HERE, "refused")
            self.assertEqual(refusal(config.parse, *given, "--out", out).split("error: ")[1], wanted)
            self.assertFalse(os.path.exists(out))

    def test_ablations_have_one_frozen_teacher(self) -> None:
        with tempfile.TemporaryDirectory() as out:
            for variant in ablation.VARIANTS.values():
                s = config.parse([os.path.join(HERE, "configs", "haze.py"), *self.USUAL[1:], "--out", out, *ablation.arguments(variant)])
                self.assertEqual(s.together, 0)

    def test_the_limit_is_of_each_source(self) -> None:
        with tempfile.TemporaryDirectory() as data:
            make_data(data)
            sources = sample_pool.Sources(data, 2, data + "/camera")
            for some in (sources.photographs, sources.camera, sources.rooms, sources.streets, sources.rain_layers):
                self.assertEqual(len(some), 2)

    def test_models_take_the_place_of_their_own_size_and_task(self) -> None:
        wanted = "rain-large-3 is to take the place of a small model: --size large, or another --id"
        self.assertIn(wanted, refusal(export.main, "restore", "--models", HERE, "--id", "rain-large-3"))
        self.assertIn("--task is of mask networks alone", refusal(export.main, "restore", "--models", HERE, "--id", "x", "--task", "haze"))

    def test_what_is_no_mask_network_or_has_no_distillation_is_said(self) -> None:
        with tempfile.TemporaryDirectory() as base:
            path = base + "/checkpoint.pt"
            torch.save({"ema": model.Restorer().state_dict(), "settings": {**config.DEFAULTS, "task": "rain"}, "extra": {}}, path)
            with self.assertRaisesRegex(ValueError, "there is no mask network in " + path):
                weights.mask_network(path)
            with self.assertRaisesRegex(ValueError, "one general mask network is needed, .* there are 0"):
                restoration.Restoration.read([], {})
            with self.assertRaisesRegex(ValueError, "of a run without attentive distillation"):
                attention.Run(path)
            torch.save({"ema": model.ExtentNetwork().state_dict()}, path)
            with self.assertRaisesRegex(ValueError, "mask_source has to be extent"):
                train.RestoreStage(argparse.Namespace(**{**config.DEFAULTS, "task": "blur", "teacher": path}))

    def test_pairs_need_the_folders_that_they_are_made_of(self) -> None:
        for given, wanted in ((["write", HERE, "--sets", "camera-rain"], "camera-rain needs --camera"),
                              (["write", HERE, "--sets", "rain100h"], "rain100h needs --data"),
                              (["measure", HERE], "what is to be measured needs RESULTS")):
            self.assertIn(wanted, refusal(pairs.main, *given))

    def test_models_that_commands_name_are_there(self) -> None:
        for file in (HERE + "/README.md", *glob.glob(HERE + "/*.py"), *glob.glob(HERE + "/*/*.py")):
            with open(file) as text:
                for name in re.findall(r"\.\./([\w-]+\.onnx)", text.read()):
                    self.assertTrue(os.path.exists(os.path.join(HERE, "..", name)), f"{file}: {name}")


class Processors(unittest.TestCase):
    def test_those_without_bfloat16_are_known(self) -> None:
        with tempfile.TemporaryDirectory() as base:
            def lacks(text: str) -> bool:
                with open(base + "/cpuinfo", "w") as out:
                    out.write(text)
                return train.lacks_bf16(base + "/cpuinfo")
            self.assertTrue(lacks("processor : 0\nflags\t\t: fpu sse avx2\n"))
            self.assertFalse(lacks("flags\t\t: fpu avx512_bf16 avx2\n"))
            self.assertFalse(lacks("flags\t\t: fpu amx_bf16\n"))
            self.assertFalse(lacks("Features\t: fp asimd\n"))
            self.assertFalse(train.lacks_bf16(base + "/none"))


class Ungate(unittest.TestCase):
    def test_gates_that_are_constant_go_without_a_trace(self) -> None:
        g = torch.Generator().manual_seed(8)
        network = model.Restorer(widths=(8, 8, 8), encoder=(1, 1, 1), decoder=(1, 1))
        for value in network.parameters():
            value.data += 0.1 * torch.randn(value.shape, generator=g)
        for block in (m for m in network.modules() if isinstance(m, model.GatedBlock)):
            block.gate.weight.data.zero_()
            block.mask_gate.data.zero_()
        inputs = [torch.rand(shape, generator=g) for shape in ((1, 3, 32, 48), (1, 1, 32, 48), (1, 3, 128, 128), (1, 1, 128, 128))]
        kept = ungate.ungated(network.state_dict(), ungate.openings(network, [inputs]))
        plain = model.Restorer(widths=(8, 8, 8), encoder=(1, 1, 1), decoder=(1, 1), gate="none")
        plain.load_state_dict(kept)
        self.assertTrue(torch.allclose(network(*inputs)[0], plain(*inputs)[0], atol=1e-5))


class Deepen(unittest.TestCase):
    def test_a_deeper_mask_network_answers_as_before(self) -> None:
        network = model.MaskNetwork().eval()
        g = torch.Generator().manual_seed(9)
        for value in network.parameters():
            value.data += 0.05 * torch.randn(value.shape, generator=g)
        more = deepen.deepened(network.state_dict(), (1, 1, 3, 6))
        deeper = model.MaskNetwork(encoder=(1, 1, 3, 6)).eval()
        deeper.load_state_dict(more)
        inputs = [torch.rand(shape, generator=g) for shape in ((1, 3, 32, 48), (1, 3, 128, 128))]
        with torch.no_grad():
            for before, after in zip(network(*inputs)[:3], deeper(*inputs)[:3]):
                self.assertTrue(torch.allclose(before, after, atol=1e-5))
        for encoder in (1, 1, 1, 2), (1, 1, 2):
            with self.assertRaisesRegex(ValueError, "needs 4 numbers"):
                deepen.deepened(network.state_dict(), encoder)


class Stages(unittest.TestCase):
    @staticmethod
    def mask_settings(**given) -> argparse.Namespace:
        return argparse.Namespace(**{**config.DEFAULTS, "widths": (16, 32, 64, 64), "encoder": (1, 1, 2, 2), "decoder": (1, 1, 2), **given})

    @staticmethod
    def batch() -> sample_pool.Batch:
        """A hazy crop and a rainy one."""
        masks = torch.zeros(2, 4, 32, 32)
        masks[0, model.TASKS.index("haze")] = masks[1, model.TASKS.index("rain")] = 1
        return sample_pool.Batch(torch.rand(2, 3, 32, 32), None, masks, torch.rand(2, 3, 128, 128), None, None)

    def test_a_network_of_one_task_learns_that_mask_alone(self) -> None:
        stage = train.MaskStage(self.mask_settings(task="haze"))
        loss, _ = stage.loss(self.batch())
        loss.backward()
        pull = stage.network.mask.bias.grad.abs().view(len(model.TASKS), -1).amax(1)
        haze = model.TASKS.index("haze")
        self.assertGreater(float(pull[haze]), 1e-2)
        self.assertEqual(float(pull.sum()), float(pull[haze]))
        with torch.no_grad():  # rain is no haze
            stage.network.mask.bias.fill_(-20)
            stage.network.mask.weight.fill_(0)
            missed, _ = stage.loss(self.batch())
        self.assertAlmostEqual(float(missed), 10, delta=0.1)

    def test_a_deeper_network_begins_where_the_other_ended(self) -> None:
        g = torch.Generator().manual_seed(4)
        network, deeper = model.MaskNetwork(), model.MaskNetwork(encoder=(1, 1, 3, 6), decoder=(1, 1, 3))
        for value in network.parameters():
            value.data += 0.05 * torch.randn(value.shape, generator=g)
        state = network.state_dict()
        deeper.load_state_dict(weights.widened(state, deeper))
        self.assertEqual(weights.shape_of(deeper.state_dict()), {"widths": (16, 32, 64, 64), "encoder": (1, 1, 3, 6), "decoder": (1, 1, 3)})
        image, thumb = torch.rand(1, 3, 64, 64, generator=g), torch.rand(1, 3, 128, 128, generator=g)
        for a, b in zip(network(image, thumb)[:3], deeper(image, thumb)[:3]):
            self.assertTrue(torch.allclose(a, b, atol=1e-5))

    def test_the_verdict_learns_each_damage_on_its_own(self) -> None:
        stage = train.MaskStage(self.mask_settings(verdict=1.0))
        _, parts = stage.loss(self.batch())
        parts["verdict"].backward()
        pull = stage.network.head[2].bias.grad[:4].abs()
        self.assertTrue((pull > 1e-3).all())
        shown, sure = sample_pool.verdicts(torch.tensor([0.0, 0.1, 0.2]).view(3, 1, 1, 1).expand(3, 4, 8, 8))
        haze_and_blur = [model.TASKS.index(task) for task in ("haze", "blur")]
        self.assertEqual(shown[:, haze_and_blur].tolist(), [[0, 0], [0, 0], [1, 1]])
        self.assertEqual(sure[:, haze_and_blur].tolist(), [[1, 1], [0, 0], [1, 1]])

    def test_a_mask_of_zeros_has_a_thumb_of_zeros(self) -> None:
        with tempfile.TemporaryDirectory() as base:
            path = base + "/checkpoint.pt"
            torch.save({"ema": model.MaskNetwork().state_dict()}, path)
            given = {"task": "rain", "teacher": path, "mask_source": "zero", "distill": 0.0}
            stage = train.RestoreStage(argparse.Namespace(**{**config.DEFAULTS, **given}))
        seen = []
        stage.network.register_forward_pre_hook(lambda _, inputs: seen.extend(inputs))
        stage.loss(self.batch()._replace(clean=torch.rand(2, 3, 32, 32), thumb_masks=torch.ones(2, 4, 128, 128)))
        _, mask, _, thumb_mask = seen
        self.assertEqual((float(mask.max()), float(thumb_mask.max())), (0, 0))

    def test_the_airlight_is_learned(self) -> None:
        torch.manual_seed(2)
        network = model.Airlight(8)
        features, image = torch.randn(4, 8, 4, 4), torch.rand(4, 3, 64, 64)
        wanted = 0.5 + 0.4 * torch.rand(4, 3)
        wrong = lambda: (network(features, image).flatten(1) - wanted).abs().mean()
        before = float(wrong())
        optimiser = torch.optim.Adam(network.parameters(), 0.02)
        for _ in range(150):
            optimiser.zero_grad()
            loss = wrong()
            loss.backward()
            optimiser.step()
        self.assertLess(float(loss), 0.4 * before)


class Pools(unittest.TestCase):
    @staticmethod
    def pool(classes: list[str] | tuple[str, str, str] = ("rain", "clean", "blur"), **more) -> sample_pool.Pool:
        pictures = [(photograph(i) * 255).to(torch.uint8) for i in range(3)]
        class Some(sample_pool.Sources):
            def __init__(self) -> None:
                self.photographs, self.camera, self.streets, self.rain_layers = pictures, [], [], []
                self.rooms = [(x, x[:1]) for x in pictures]
        sources = Some()
        return sample_pool.Pool(sources, classes, 7, 64, 96, 48, 5, **more)

    def test_workers_and_a_resumed_run_see_the_same_pictures(self) -> None:
        alone, helped, resumed = self.pool(), self.pool(workers=2), self.pool()
        self.assertEqual(alone.size, 9)  # the next multiple of the classes
        for step in (0, 1, 6):
            batch = alone.batch(step, 6, 1.5)
            for a, b in zip(batch, helped.batch(step, 6, 1.5)):
                self.assertTrue(torch.equal(a, b))
        for a, b in zip(batch, resumed.batch(6, 6, 1.5)):
            self.assertTrue(torch.equal(a, b))

    def test_crops_are_of_their_classes_in_turn_and_show_what_the_masks_say(self) -> None:
        batch = self.pool(["rain", "clean", "blur"]).batch(0, 9, 0)
        self.assertEqual([tuple(x.shape[1:]) for x in batch],
                         [(3, 48, 48), (3, 48, 48), (4, 48, 48), (3, 128, 128), (4, 128, 128), (3,)])
        rain, blur = (model.TASKS.index(task) for task in ("rain", "blur"))
        self.assertEqual(float(batch.masks[1::3].max()), 0.0)  # the undamaged ones
        self.assertEqual(float(batch.masks[0::3, blur].max()), 0.0)
        self.assertTrue((batch.masks[2::3, blur].mean((1, 2)) > 0).all())
        damaged = batch.masks[0::3, rain] > 0.5
        error = (batch.image - batch.clean).abs().mean(1)[0::3]
        self.assertGreater(float(error[damaged].mean()), 1.5 * float(error[~damaged].mean()))

    def test_what_no_camera_recorded_has_no_noise(self) -> None:
        for recorded in (0.0, 1.0):
            batch = self.pool(["clean"], recorded=recorded).batch(0, 9, 0)
            self.assertEqual(bool(torch.equal(batch.image, batch.clean)), recorded == 0, recorded)

    def test_how_a_crop_is_turned_does_not_tell_its_damage(self) -> None:
        for classes, turned in (("haze", "clean"), set()), (("rain", "clean"), {"rows"}), (("blur", "clean"), {"rows", "transposed"}):
            pool = self.pool(classes)
            pool.renew(pool.size)
            pool.bytes[..., 0] = torch.arange(64)[:, None]
            image = pool.batch(0, 80, 0).image
            for kind, name in enumerate(classes):
                lower = image[kind::2, 0, 1, 0] - image[kind::2, 0, 0, 0]  # one row down in the crop, in rows of the picture
                seen = {"rows"} if (lower < 0).any() else set()
                if (lower == 0).any():
                    seen.add("transposed")
                self.assertEqual(seen, turned, name)

    def test_a_schedule_is_as_long_as_its_steps_or_its_minutes(self) -> None:
        by_steps = argparse.Namespace(lr=1.0, warmup=10, steps=110, minutes=0.0)
        by_time = argparse.Namespace(lr=1.0, warmup=10, steps=0, minutes=4.0)
        for s, step, minutes, wanted in ((by_steps, 4, 9, 0.5), (by_steps, 60, 9, 0.505), (by_steps, 110, 9, 0.01),
                                         (by_time, 4, 1, 0.5), (by_time, 99, 2, 0.505), (by_time, 99, 4, 0.01)):
            self.assertAlmostEqual(train.learning_rate(s, step, minutes), wanted)


class OtherLevels(unittest.TestCase):
    """Residues, with networks that see damage nowhere or everywhere and add a constant."""

    def residues(self, seen, light):
        mask, restorer = model.MaskNetwork(), model.Restorer()
        mask.mask.weight.data.zero_()
        mask.mask.bias.data.fill_(seen)
        restorer.out.bias.data.fill_(light)
        found = residues.Residues.__new__(residues.Residues)
        found.task, found.share, found.of_finer, found.engine = "rain", 0.0, 1.0, restoration.Restoration(mask, {"rain": restorer})
        return found

    def test_what_is_not_touched_stays_and_what_is_done_is_put_back(self):
        clean, truth = photograph(4, 100, 150), torch.zeros(1, 100, 150)
        truth[:, 20:60, 30:90] = 1
        degraded = clean + 0.2 * truth * (1 - clean)
        left, mask = self.residues(-20, 0.3).left_of(degraded, clean, truth)
        self.assertTrue(torch.equal(left, degraded))
        self.assertGreater(float(mask.mean() / truth.mean()), 0.5)
        self.assertEqual(float((mask * (1 - truth)).sum()), 0)
        left, mask = self.residues(20, 0.1).left_of(0.6 * clean, 0.6 * clean, truth * 0)
        self.assertLess(float((left - 0.6 * clean - 0.1).abs().max()), 0.006)
        self.assertEqual(float(mask.min()), 1)  # a wrong restoration is damage

    def test_a_picture_that_comes_back_clean_has_no_damage_left(self):
        clean, truth = 0.2 + 0.5 * photograph(5, 100, 150), torch.ones(1, 100, 150)
        _, mask = self.residues(20, -0.1).left_of(clean + 0.1, clean, truth)
        self.assertEqual(float(mask.max()), 0)

    def test_what_a_finer_level_leaves_is_half_as_large(self):
        clean, truth = 0.2 + 0.5 * photograph(6, 100, 150), torch.zeros(1, 100, 150)
        truth[:, 20:60, 30:90] = 1
        degraded = clean + 0.2 * truth
        left, target, mask = self.residues(-20, 0.3).left_by_finer(degraded, clean, truth)  # nothing is seen
        self.assertEqual((left.shape, target.shape, mask.shape), ((3, 50, 75), (3, 50, 75), (1, 50, 75)))
        self.assertLess(float((left - target - 0.2 * resize.reduced(truth, 75)).abs().max()), 0.006)
        self.assertEqual(float((mask - resize.reduced(truth, 75)).abs().max()), 0)
        _, _, mask = self.residues(20, -0.2).left_by_finer(clean + 0.2, clean, torch.ones(1, 100, 150))
        self.assertEqual(float(mask.max()), 0)  # all is restored

    def test_a_share_of_the_rain_shows_what_a_finer_level_leaves(self):
        scene = pairs.One(torch.full((3, 200, 300), 128, dtype=torch.uint8))
        left = self.residues(20, -1.0)  # restores all of it to black
        degraded, clean, masks, _ = sample_pool.make_picture(scene, "rain", 64, 96, 1, 0, residues=left)
        self.assertEqual((degraded.shape, clean.shape, masks.shape), ((3, 64, 96), (3, 64, 96), (4, 64, 96)))
        self.assertEqual(float(degraded.max()), 0)
        made = [sample_pool.make_picture(scene, "clean", 64, 96, 1, 0, residues=r)[0] for r in (left, None)]
        self.assertTrue(torch.equal(*made))

    def test_only_damage_that_has_a_threshold_has_residues(self):
        with self.assertRaisesRegex(ValueError, "there are none of haze; only of rain and raindrop"):
            residues.Residues("haze", 0.5, 0.0, "mask.onnx", "haze.onnx")


class Imitating(unittest.TestCase):
    def test_a_target_is_trusted_where_it_is_nearer_to_the_truth_than_input_and_output(self):
        clean = torch.full((1, 3, 40, 60), 0.5)
        image, output, target = clean + 0.2, clean + 0.1, clean + 0.05
        self.assertEqual(float(imitation.trust(target, output, image, clean).min()), 1)
        self.assertEqual(float(imitation.trust(clean + 0.15, output, image, clean).max()), 0)  # the student is better
        self.assertEqual(float(imitation.trust(target, output, clean + 0.01, clean).max()), 0)  # the input is


class Extent(unittest.TestCase):
    def test_spectra_are_those_of_windows_of_luma(self) -> None:
        image = torch.rand(1, 3, 96, 128, generator=torch.Generator().manual_seed(3))
        network = model.ExtentNetwork()
        luma = (image * torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)).sum(1)[0]
        squares = network.luma(image)
        # A window of each spectrum, away from the borders: its origin in the luma, at the spectrum's scale.
        for halved, (spectrum, at, cell) in enumerate(zip(network.spectra, (32, 8, 4), (2, 1, 1))):
            size = 32 if halved == 1 else 16
            hann = torch.hann_window(size, periodic=True)
            hann = hann[:, None] * hann
            window = luma[at:at + size, at:at + size]
            window = (window - (window * hann).sum() / hann.sum()) * hann / hann.sum()
            wanted = torch.fft.rfft2(window).abs().square()
            found = torch.exp((spectrum(squares)[0, :, cell, cell] - 3) * 3) - 1e-7
            self.assertEqual(len(found), spectrum.frequencies)
            nearest = (found[:, None] - wanted.flatten()).abs().min(1).values
            self.assertTrue((nearest <= 0.01 * found + 1e-8).all(), halved)
            self.assertAlmostEqual(float(found.max() / wanted.max()), 1.0, 2)
            squares, luma = network.halve(squares), F.avg_pool2d(luma[None, None], 2)[0, 0]

    def test_the_number_does_not_depend_on_brightness_alone(self) -> None:
        network = model.ExtentNetwork()
        evenly = [network.spectra[0](network.luma(torch.full((1, 3, 64, 64), shade))) for shade in (0.1, 0.9)]
        self.assertTrue(torch.allclose(*evenly, atol=1e-3))


class Thumbs(unittest.TestCase):
    def test_thumbs_are_as_smooth_as_those_of_larger_pictures(self) -> None:
        thumb = torch.rand(2, 3, 128, 128, generator=torch.Generator().manual_seed(9))
        self.assertIs(train.thumbs_of_any_size(0.0, thumb)[0], thumb)
        torch.manual_seed(1)
        spreads = [float(train.thumbs_of_any_size(1.0, thumb)[0].std()) for _ in range(20)]
        self.assertLess(max(spreads), float(thumb.std()))
        self.assertLess(min(spreads), 0.3 * float(thumb.std()))
        self.assertTrue(torch.allclose(train.smoothed(thumb, 32).mean(), thumb.mean(), atol=1e-3))


class Whole(unittest.TestCase):
    def test_samples_are_enlarged_bilinearly_to_any_size(self) -> None:
        x = torch.rand(1, 3, 12, 20, generator=torch.Generator().manual_seed(5))
        for size in (31, 47), (12, 20), (100, 200):
            wanted = F.interpolate(x, size, mode="bilinear", align_corners=False)
            self.assertTrue(torch.allclose(resize.enlarged(x, size, (12, 20)), wanted, atol=1e-5), size)
        # A sample for 4x4 pixels, of which the last are padding.
        wanted = F.interpolate(x, scale_factor=4.0, mode="bilinear", align_corners=False)[:, :, :45, :77]
        self.assertTrue(torch.allclose(resize.enlarged(x, (45, 77), (45, 77), 4), wanted, atol=1e-5))

    def test_what_is_said_of_the_reduced_picture_is_done_to_the_picture(self) -> None:
        network = model.restorer_of({**config.DEFAULTS, **runpy.run_path(os.path.join(HERE, "configs", "haze.py"))})
        network.out.bias.data = torch.tensor([0.1, 0.0, -0.1, -0.5])
        engine = restoration.Restoration(model.MaskNetwork(), {"haze": network}, {"haze": model.MaskNetwork()})
        image = (photograph(6, 300, 500) * 255).to(torch.uint8)
        with torch.no_grad():
            masks, _ = engine.predict(image)
            restored = engine.restore(image, "haze", masks[2:3])
        x, r = image.float() / 255, torch.tensor([0.1, 0.0, -0.1]).view(3, 1, 1)
        self.assertEqual(masks.shape, (4, 300, 500))
        self.assertTrue(torch.allclose(restored, x - 0.5 * (network.light[0] - x) + r, atol=1e-5))


class Export(unittest.TestCase):
    def test_the_mask_of_haze_has_no_grid(self) -> None:
        network = model.MaskNetwork()
        network.mask.bias.data = torch.linspace(-2, 2, 16)  # the four pixels of a square differ
        inputs = photograph(2, 64, 96)[None], torch.rand(1, 3, 128, 128)
        with torch.no_grad():
            masks = {slow: export.MaskGraph(network, slow)(*inputs)[0] for slow in (False, True)}
        step = {slow: float((mask[..., 1:] - mask[..., :-1])[0, 2].abs().mean()) for slow, mask in masks.items()}
        self.assertLess(step[True], 0.1 * step[False])
        self.assertAlmostEqual(float(masks[True].mean()), float(masks[False].mean()), places=3)

    def test_graphs_that_break_a_rule_are_refused(self) -> None:
        class Six(torch.nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.conv = torch.nn.Conv2d(3, 6, 3, padding=1)

            def forward(self, image: torch.Tensor, thumb: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
                return self.conv(image), image, thumb
        with self.assertRaisesRegex(ValueError, "3 to 6 channels"):
            export.check_graph(export.to_onnx(Six(), ["mask", "evidence", "attention"]))


class Photographs(unittest.TestCase):
    def test_pairs_are_written_and_results_measured(self) -> None:
        with tempfile.TemporaryDirectory() as base:
            data, pairs, results = base + "/data", base + "/pairs", base + "/results"
            make_data(data)
            sets = "choose-haze,camera-haze,rain100h"
            run("reports/pairs.py", "write", pairs, "--data", data, "--camera", data + "/camera", "--sets", sets, "--limit", "1")
            os.makedirs(results)
            shutil.copytree(pairs + "/camera-haze/clean", results + "/camera-haze")
            shutil.copytree(pairs + "/rain100h/damaged", results + "/rain100h")
            rows = [[cell.strip() for cell in row.split("|")[1:-1]] for row in run("reports/pairs.py", "measure", pairs, results).splitlines()[2:]]
            (hazy, one, before, after, worse, least), rainy = rows
            self.assertEqual((hazy, one, after, worse), ("camera-haze", "1", "100.00", "0"))
            self.assertAlmostEqual(float(least), 100 - float(before), delta=0.011)
            self.assertEqual([rainy[0], rainy[2], rainy[4]], ["rain100h", rainy[3], "0"])
            stems = lambda name: {file.split("-", 1)[1] for file in os.listdir(f"{pairs}/{name}/clean")}
            self.assertFalse(stems("choose-haze") & stems("camera-haze"))

    def test_rain_on_a_photograph_of_full_size_leaves_its_size(self) -> None:
        with tempfile.TemporaryDirectory() as base:
            write(base + "/camera/test/wide.png", photograph(90, 96, 2 * pairs.SCENE_WIDTH))
            write(base + "/camera/test/too large.png", torch.zeros(1, 2900, 2900))
            run("reports/pairs.py", "write", base + "/pairs", "--camera", base + "/camera", "--sets", "full-rain", "--limit", "1")
            read = lambda kind: np.asarray(Image.open(f"{base}/pairs/full-rain/{kind}/00-wide.png"), dtype=float)
            self.assertEqual(read("damaged").shape, (96, 2 * pairs.SCENE_WIDTH, 3))
            np.testing.assert_allclose(read("clean"), np.asarray(Image.open(base + "/camera/test/wide.png")))
            self.assertGreater(np.abs(read("damaged") - read("clean")).mean(), 1)

    def test_verdicts_are_counted(self) -> None:
        of = lambda name, *tasks, **probabilities: json.dumps({"input": name, "tasks": tasks, "probabilities": probabilities})
        lines = "\n".join([of("a", "rain", rain=0.8), of("b", "haze", "rain", haze=0.8, rain=0.7), of("c"), of("d", "haze", haze=0.6),
                           json.dumps({"input": "e", "error": {"message": "Broken."}})])
        script = os.path.join(HERE, "reports/verdicts.py")
        said = lambda *flags: subprocess.run([sys.executable, script, *flags], input=lines, capture_output=True, text=True).stdout
        self.assertEqual(said("rain").splitlines()[2:], ["| rain | 4 | 2 | 1 | 1 |", "b: haze 0.80"])
        self.assertEqual(said("clean").splitlines()[2:], ["| clean | 4 | 1 | 2 | 2 |", "a: rain 0.80", "b: haze 0.80"])
        self.assertEqual(said("rain", "--min-confidence", "0.7").splitlines()[2], "| rain | 4 | 2 | 2 | 1 |")

    def test_tones_before_and_after_are_told(self) -> None:
        with tempfile.TemporaryDirectory() as base:
            grey, blue = torch.full((3, 20, 30), 0.6), torch.full((3, 20, 30), 0.4)
            blue[0], blue[:, :10] = 0.2, 0.0
            write(base + "/before/a.b.png", grey)
            write(base + "/before/without a result.png", grey)
            write(base + "/before/a.png", grey)
            write(base + "/after/a.b.png.webp", blue)
            write(base + "/after/a.png", grey)
            self.assertEqual([tones.result_of(name, ["p.jpg.png", "p.png", "q.1.jpg"]) for name in ("p.jpg", "p.png", "p.webp", "q.jpg")],
                             ["p.jpg.png", "p.png", "p.png", None])
            rows = run("reports/tones.py", base + "/before", base + "/after").splitlines()[2:]
            self.assertEqual(rows, ["| a.b.png | 0.60 -> 0.18 | +0.00 -> +0.10 | 0.00% -> 50.00% |",
                                    "| a.png | 0.60 -> 0.60 | +0.00 -> +0.00 | 0.00% -> 0.00% |",
                                    "| mean of 2 | 0.60 -> 0.39 | +0.00 -> +0.05 | 0.00% -> 25.00% |"])
            write(base + "/scenes/a.png", blue)
            told = run("reports/tones.py", base + "/before", base + "/after", "--truth", base + "/scenes").splitlines()[2:]
            self.assertEqual(told[0], "| a.png | 0.60 -> 0.60 (0.18) | +0.00 -> +0.00 (+0.10) | 0.00% -> 0.00% (50.00%) |")

    def test_a_colour_chart_before_and_after_is_told(self) -> None:
        with tempfile.TemporaryDirectory() as base:
            for name, (first, last, reach) in chart.CHARTS.items():
                stem, picture = os.path.splitext(name)[0], torch.full((3, 800, 700), 0.5)
                across, down = (last[0] - first[0]) / 5, (last[1] - first[1]) / 3
                for row, colours in enumerate(chart.PATCHES):
                    for column, colour in enumerate(colours):
                        x, y = round(first[0] + column * across), round(first[1] + row * down)
                        picture[:, y - reach:y + reach + 1, x - reach:x + reach + 1] = torch.tensor(colour).view(3, 1, 1) / 255
                write(f"{base}/before/{name}", torch.full((3, 800, 700), 0.5))
                write(f"{base}/exact/{stem}.png", picture)
                write(f"{base}/blue/{name}.png", (picture + torch.tensor([0, 0, 10 / 255]).view(3, 1, 1)).clamp(0, 1))
            exact, blue = (run("reports/chart.py", base + "/before", f"{base}/{after}").splitlines()[2:] for after in ("exact", "blue"))
            self.assertEqual(exact[0], "| ohaze10.jpg | 58 -> 0 | -33 -> +0 | +0 -> -0 |")
            self.assertEqual(blue[1], "| ohaze29.jpg | 58 -> 6 | -33 -> +3 | +0 -> +10 |")

    @unittest.skipUnless(shutil.which("dpkg-deb"), "needs dpkg-deb")
    def test_photographs_are_fetched_from_the_versions_that_hold_them(self) -> None:
        with tempfile.TemporaryDirectory() as base:
            packages = []
            for version, file in (("1.2-3", "old.jpg"), ("2.0-1", "new.jpg")):
                folder = f"{base}/{version}"
                write(f"{folder}/usr/share/backgrounds/{file}", photograph(1))
                os.makedirs(folder + "/DEBIAN")
                control = f"Package: wall\nVersion: {version}\nArchitecture: all\nMaintainer: A <a@b.example>\nDescription: d\n"
                with open(folder + "/DEBIAN/control", "w") as out:
                    out.write(control)
                subprocess.run(["dpkg-deb", "-b", folder, f"{base}/{version}.deb"], check=True, stdout=subprocess.DEVNULL)
                packages.append(f"{control}Filename: {version}.deb\n")
            listed = f"{base}/dists/bookworm/main/binary-amd64"
            os.makedirs(listed)
            with open(listed + "/Packages.xz", "wb") as out:
                out.write(lzma.compress("\n".join(packages).encode()))
            with open(base + "/table.tsv", "w") as out:
                out.write("package\tfile\tpart\nwall\told.jpg\ttrain\nwall\tnew.jpg\tvalidate\nwall_1.2\told.jpg\ttrain\nwall\tgone.jpg\ttrain\n")
            script = ("import sys; sys.path.insert(0, sys.argv.pop(1)); import fetch_camera; fetch_camera.TABLE = sys.argv.pop(1); fetch_camera.main()")
            done = subprocess.run([sys.executable, "-c", script, HERE, base + "/table.tsv", base + "/unpacked", "--ubuntu", "file://" + base,
                                   "--debian", "file://" + base], capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("wall: 2 of 3 photographs", done.stdout)
            self.assertIn("wall_1.2: 1 of 1 photographs", done.stdout)
            self.assertTrue(os.path.exists(base + "/unpacked/wall/usr/share/backgrounds/new.jpg"))
            self.assertFalse(os.path.exists(base + "/unpacked/wall_1.2/usr/share/backgrounds/new.jpg"))


class EndToEnd(unittest.TestCase):
    def test_both_stages_resume_evaluate_export(self) -> None:
        with tempfile.TemporaryDirectory() as base:
            data = base + "/data"
            make_data(data)
            config_file = lambda n: os.path.join(HERE, "configs", n + ".py")
            common = ["--data", data, "--threads", "1", "--device", "cpu", "--camera", data + "/camera"]
            mask = run("train.py", config_file("laptop_mask"), *common, "--out", base + "/mask")
            self.assertIn("stopped at step 24 of 24", mask)
            self.assertRegex(mask, '"validation": .*"raindrop-kodak f1": [0-9]')
            teacher = ["--teacher", base + "/mask/checkpoint.pt"]
            teacher_as_mask = ["--mask", base + "/mask/checkpoint.pt"]
            run("train.py", config_file("laptop_rain"), *common, *teacher, "--out", base + "/whole")
            first = run("train.py", config_file("laptop_rain"), *common, *teacher, "--out", base + "/parts", "--minutes", "0.0001")
            self.assertNotIn("stopped at step 24", first)
            state = torch.load(base + "/parts/checkpoint.pt")
            for group in state["optimiser"]["param_groups"]:  # as of a run that began on a GPU
                group["fused"] = True
            torch.save(state, base + "/parts/checkpoint.pt")
            run("train.py", config_file("laptop_rain"), *common, *teacher, "--out", base + "/parts")
            whole, parts = (torch.load(f"{base}/{n}/checkpoint.pt") for n in ("whole", "parts"))
            self.assertFalse(parts["optimiser"]["param_groups"][0].get("fused"))
            for name, value in whole["ema"].items():
                self.assertTrue(torch.allclose(value, parts["ema"][name], atol=1e-6), name)
            out = run("evaluate.py", "--mask", base + "/mask/checkpoint.pt", "--restore",
                      f"rain={base}/whole/checkpoint.pt", "--data", data, "--sets", "rain100h,clean-kodak",
                      "--save", base + "/saved", "--limit", "2", "--json", base + "/figures.json")
            rows = [json.loads(line) for line in out.splitlines()]
            self.assertEqual([r["set"] for r in rows], ["rain100h", "clean-kodak"])
            self.assertTrue(0 <= rows[0]["f1"] <= 1 and rows[1]["psnr"] == 100.0)
            saved = [np.asarray(Image.open(f"{base}/saved/rain100h/{k}/{os.listdir(base + '/saved/rain100h/clean')[0]}"))
                     for k in ("restored", "clean")]
            self.assertGreater(metrics.psnr(*saved), 5)
            sheet = run("reports/contact_sheet.py", base + "/saved", base + "/figures.json", "--sets", "rain100h", "--side", "50",
                        "--out", base + "/sheet.jpg")
            self.assertRegex(sheet, r"(rain100h \S+: [+-]\d+\.\d\d dB\n){2}")
            self.assertEqual(Image.open(base + "/sheet.jpg").size, (200, 100))
            report = run("reports/mask_report.py", "--mask", base + "/mask/checkpoint.pt", "--data", data, "--limit", "2",
                         "--chart", base + "/reliability.svg")
            self.assertRegex(report, r"rain100h \| 2 \| \d\.\d\d / ")
            self.assertRegex(report, rf"Right: \d+% of {2 * len(validation.SETS)}")
            compared = run("reports/synthesis_report.py", "--data", data, "--pictures", "2")
            for task, pairs in ("rain", 10), ("raindrop", 2), ("haze", 2):
                self.assertRegex(compared, rf"\| {task},[^\n]*\n[|-]+\n\| real pairs \| {pairs} \| \d[^\n]*\n\| synthesised \| 2 \| \d")

            worth = run("surgery/narrow.py", "rain", base + "/whole/checkpoint.pt", *teacher_as_mask, "--data", data, "--pictures", "1")
            self.assertRegex(worth, r"\| - \| \d\.\d{3} \| [+-]\d+\.\d\d \|\n\| decoder\.0\.0 \| ")
            said = run("surgery/narrow.py", "rain", base + "/whole/checkpoint.pt", "--without", "decoder.0.0", "--out", base + "/narrow")
            self.assertRegex(said, r"^\d\.\d{3} GMACs before, \d\.\d{3} without decoder\.0\.0\n$")
            said = run("surgery/ungate.py", "rain", base + "/whole/checkpoint.pt", *teacher_as_mask, "--data", data, "--pictures", "1",
                       "--context", "--out", base + "/ungated")
            self.assertRegex(said, r"^\d\.\d{3} GMACs before, \d\.\d{3} without gates\n$")
            run("train.py", config_file("laptop_rain"), *common, *teacher, "--init", base + "/ungated/checkpoint.pt",
                "--gate", "none", "--context", "false", "--steps", "1", "--out", base + "/on")
            run("train.py", config_file("laptop_rain"), *common, *teacher, "--large", base + "/whole/checkpoint.pt",
                "--large-teacher", base + "/mask/checkpoint.pt", "--out", base + "/imitating")
            with open(base + "/imitating/log.jsonl") as f:
                self.assertIn("trusted", f.read())
            run("train.py", config_file("rain_distilled"), *common, *teacher, "--large", base + "/whole/checkpoint.pt", "--large-teacher",
                base + "/mask/checkpoint.pt", "--init", base + "/imitating/checkpoint.pt", "--out", base + "/distilled", "--steps", "2",
                "--log-every", "2", "--pool", "8", "--batch", "4", "--crop", "64", "--height", "96", "--width", "128", "--bf16", "false",
                "--gate", "mask", "--decoder", "2,1,2,0", "--validate-pictures", "0", "--residues", "0.3", "--residues-of-finer", "0.3")
            with open(base + "/distilled/log.jsonl") as f:
                self.assertGreaterEqual(json.loads(f.readline())["unlabelled"], 0)
            crossed = run("reports/cross_report.py", *teacher_as_mask, "--restore", f"rain={base}/narrow/checkpoint.pt", "--data", data,
                          "--sets", "rain100h,blur-kodak,clean-kodak", "--limit", "2")
            self.assertRegex(crossed, r"\| rain100h \| 2 \| its own \|\n\| blur-kodak \| 2 \| [+-]\d+\.\d\d.* \|\n"
                                      r"\| clean-kodak \| 2 \| \d+ dB \(worst \d+\) \|")
            run("reports/plot.py", base + "/mask", base + "/whole", "--out", base + "/chart.svg")
            for chart in ("reliability", "chart"):
                with open(f"{base}/{chart}.svg") as f:
                    self.assertIn("<svg", f.read())
            said = run("reports/attention.py", base + "/whole/checkpoint.pt", "--data", data, "--out", base + "/attention.jpg",
                       "--pictures", "1")
            self.assertRegex(said, r"1/4 of the size: entropy [01]\.\d+")
            self.assertEqual(Image.open(base + "/attention.jpg").size, (960, 192))
            small = ["--", "--steps", "2", "--pool", "8", "--batch", "2", "--crop", "32", "--height", "48", "--width", "64",
                     "--widths", "8,8,8,8", "--encoder", "1,1,1,1", "--decoder", "1,1,1", "--clean", "0", "--bf16", "false", *common[2:]]
            ablate = ["reports/ablation.py", "rain", *common[:2], "--teacher", base + "/mask/checkpoint.pt", "--out", base + "/ablation"]
            run(*ablate, "--variants", "0", "--seeds", "1", *small)
            compared = run(*ablate, "--variants", "0,6", "--seeds", "1,2", *small)
            self.assertEqual(compared.count("stopped at step 2 of 2"), 3)  # finished work is not repeated
            for variant in "plain", r"... with the true mask":
                self.assertRegex(compared, rf"\n\| {variant} \| 0\.\d\d( \| [+-]\d+\.\d\d \([+-]\S+ to [+-]\S+\)){{4}} \|")
            self.assertNotIn("mask-guided gates", compared)
            models = REFERENCE or base + "/models"
            for kind, run_name in (("mask", "mask"), ("restore", "whole")):
                run("export.py", kind, f"{base}/{run_name}/checkpoint.pt", "--models", models, "--id", kind + "-test",
                    "--reference", models)
            run("export.py", "mask", "--config", config_file("haze_mask"), "--models", models, "--id", "haze-mask-test", "--reference", models)
            for task in ("raindrop", "haze", "blur"):  # each with another reference
                run("export.py", "restore", "--config", config_file(task), "--models", models, "--id", task + "-test",
                    "--reference", models)
            # A mask network trained together with its restorer; an extent network, and a restorer guided by one.
            tiny = ["--pool", "10", "--batch", "4", "--crop", "64", "--height", "96", "--width", "128", "--bf16", "false",
                    "--steps", "2", "--validate-pictures", "1", *common]
            run("train.py", config_file("haze"), *tiny, *teacher, "--out", base + "/together", "--clean", "0",
                "--together", "0.2", "--reside", "0.5")
            together = torch.load(base + "/together/checkpoint.pt")
            self.assertFalse(torch.equal(together["mask_ema"]["mask.bias"], weights.load_weights(teacher[1])["mask.bias"]))
            run("train.py", config_file("blur_mask"), *tiny, "--workers", "0", "--out", base + "/extent")
            run("reports/plot.py", base + "/extent", "--out", base + "/extent.svg")
            with open(base + "/extent.svg") as f:
                self.assertIn("extent, wrong", f.read())
            run("train.py", config_file("blur"), *tiny, "--teacher", base + "/extent/checkpoint.pt", "--out", base + "/blur")
            out = run("evaluate.py", *teacher_as_mask, "--mask", f"haze={base}/together/checkpoint.pt", "--mask",
                      f"blur={base}/extent/checkpoint.pt", "--restore", f"haze={base}/together/checkpoint.pt", "--restore",
                      f"blur={base}/blur/checkpoint.pt", "--data", data, "--sets", "haze-nyu,blur-kodak", "--limit", "1")
            self.assertEqual(len(out.splitlines()), 2)
            run("export.py", "mask", base + "/extent/checkpoint.pt", "--models", models, "--id", "blur-mask-test", "--reference", models)
            run("export.py", "mask", base + "/together/checkpoint.pt", "--models", base + "/models", "--id", "haze-mask-test")
            masks = weights.mask_network(base + "/models/haze-mask-test.onnx").state_dict()
            for name, value in together["mask_ema"].items():
                self.assertTrue(torch.allclose(value, masks[name], atol=2e-3), name)
            # Shipped models suffice to continue training.
            shipped = weights.load_weights(models + "/restore-test.onnx")
            for name, value in whole["ema"].items():
                self.assertTrue(torch.allclose(value, shipped[name], atol=2e-3), name)
            again = run("train.py", config_file("laptop_rain"), *common, "--teacher", models + "/mask-test.onnx",
                        "--init", models + "/restore-test.onnx", "--out", base + "/again", "--steps", "2")
            self.assertIn("stopped at step 2 of 2", again)
            manifest = json.load(open(models + "/manifest.json"))
            self.assertEqual([m["id"] for m in manifest["models"]], 
                             ["mask-test", "haze-mask-test", "blur-mask-test", "restore-test", "raindrop-test", "haze-test",
                              "blur-test"])


if __name__ == "__main__":
    if "--reference" in sys.argv:
        at = sys.argv.index("--reference")
        REFERENCE = sys.argv[at + 1]
        del sys.argv[at:at + 2]
    unittest.main(verbosity=2)
