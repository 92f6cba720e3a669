"""What restoring does to the colour charts that stand in two hazy photographs of O-HAZE (DATA/real/haze): a truth that real haze has.

    deno task batch DATA/real/haze RESULTS --task haze --format png
    python3 reports/chart.py DATA/real/haze RESULTS

A row for each photograph, each figure before and after, in values of 255: how far the 24 patches are from those of the chart (RMS over
patches and channels); how far its middle greys are from theirs, which is negative where they are too dark; and how much bluer than
grey its six greys are (the mean of blue less red, 0 in neutral light). How brightly the scene was lit and exposed is not known: the
chart is compared as if it had been exposed for white.
"""
from __future__ import annotations

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import argparse

import numpy as np
from PIL import Image

from tones import result_of

# Classic chart of 24 patches in sRGB, from bluish green to black, as it lies in the photographs.
PATCHES = np.array([
    [[103, 189, 170], [133, 128, 177], [87, 108, 67], [98, 122, 157], [194, 150, 130], [115, 82, 68]],
    [[214, 126, 44], [80, 91, 166], [193, 90, 99], [94, 60, 108], [157, 188, 64], [224, 163, 46]],
    [[8, 133, 161], [187, 86, 149], [231, 199, 31], [175, 54, 60], [70, 148, 73], [56, 61, 150]],
    [[243, 243, 242], [200, 200, 200], [160, 160, 160], [122, 122, 121], [85, 85, 85], [52, 52, 52]],
], np.float32)
MIDDLE_GREYS = slice(1, 4)

# Of each photograph the middles of the first and of the last patch, x and y in pixels, and half of a square within a patch.
CHARTS = {"ohaze10.jpg": ((572.6, 319.6), (637.5, 356.5), 3), "ohaze29.jpg": ((503.6, 693.3), (459.9, 667.4), 2)}


def patches(path: str, first: tuple[float, float], last: tuple[float, float], reach: int) -> np.ndarray:
    """Mean colours [4,6,3] of the patches of an upright chart."""
    rgb = np.asarray(Image.open(path).convert("RGB"), np.float32)
    across, down = (np.linspace(first[i], last[i], n).round().astype(int) for i, n in ((0, 6), (1, 4)))
    square = lambda y, x: rgb[y - reach:y + reach + 1, x - reach:x + reach + 1].mean((0, 1))
    return np.array([[square(y, x) for x in across] for y in down])


def figures(seen: np.ndarray) -> np.ndarray:
    """(RMS error of all patches, mean error of the middle greys, blue less red of the greys)."""
    error, greys = seen - PATCHES, seen[3]
    return np.array([np.sqrt((error ** 2).mean()), error[3, MIDDLE_GREYS].mean(), (greys[:, 2] - greys[:, 0]).mean()])


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photographs")
    parser.add_argument("results")
    given = parser.parse_args(argv)
    print("| photograph | patches, RMS error | middle greys | greys, blue less red |\n|---|---|---|---|")
    found = sorted(os.listdir(given.results))
    for name, place in CHARTS.items():
        result = result_of(name, found)
        if result is None:
            raise SystemExit(f"chart: {given.results} has no result of {name}; restore {given.photographs} first.")
        before, after = (figures(patches(path, *place)) for path in (os.path.join(given.photographs, name), os.path.join(given.results, result)))
        print(f"| {name} | " + " | ".join(f"{b:{form}} -> {a:{form}}" for b, a, form in zip(before, after, (".0f", "+.0f", "+.0f"))) + " |")


if __name__ == "__main__":
    main()
