"""What restoring does to the tones of photographs: mean luminance, colour cast, and how much is black.

    deno task batch PHOTOGRAPHS RESULTS --task haze --format png
    python3 reports/tones.py PHOTOGRAPHS RESULTS [--truth SCENES]

A row for each photograph and one for their mean, each figure before and after: the mean luminance (Rec. 709 weights on the
encoded values, 0 to 1), the mean of blue less that of red (0 is no cast), and the share of pixels whose luminance is under
4 of 255. With the undamaged scenes of pairs (reports/pairs.py) those follow in brackets: without haze a scene is darker and has
more colour, so before and after alone do not tell whether a result is too dark.
"""
from __future__ import annotations

import argparse
import os

import numpy as np
from PIL import Image

LUMINANCE = (0.2126, 0.7152, 0.0722)
BLACK = 4 / 255


def tones(path: str) -> np.ndarray:
    """(mean luminance, blue less red, share that is black) of a picture."""
    rgb = np.asarray(Image.open(path).convert("RGB"), np.float32) / 255
    luminance = rgb @ np.float32(LUMINANCE)
    return np.array([luminance.mean(), rgb[..., 2].mean() - rgb[..., 0].mean(), (luminance < BLACK).mean()])


def result_of(name: str, results: list[str]) -> str | None:
    """The result of a photograph: a.jpg itself, a.jpg.png, which a batch makes of it, or a.png."""
    stem = lambda result: os.path.splitext(result)[0]
    likely = [result for result in results if stem(result) in (name, stem(name))]
    return max(likely, key=lambda result: (result == name, stem(result) == name), default=None)


def row(name: str, before: np.ndarray, after: np.ndarray, scene: np.ndarray | None = None) -> str:
    def cell(at: int, form: str) -> str:
        told = f"{before[at]:{form}} -> {after[at]:{form}}"
        return told if scene is None else f"{told} ({scene[at]:{form}})"
    return f"| {name} | {cell(0, '.2f')} | {cell(1, '+.2f')} | {cell(2, '.2%')} |"


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photographs")
    parser.add_argument("results")
    parser.add_argument("--truth", help="a folder of the undamaged scenes")
    given = parser.parse_args(argv)
    files = lambda folder: sorted(name for name in os.listdir(folder) if os.path.isfile(os.path.join(folder, name)))
    folders = [given.photographs, given.results, *([given.truth] if given.truth else [])]
    rows = [[name, *(result_of(name, files(folder)) for folder in folders[1:])] for name in files(folders[0])]
    rows = [found for found in rows if all(found)]
    if not rows:
        parser.error(f"no picture of {' and '.join(folders[1:])} has the name of one in {given.photographs}")
    print("| photograph | luminance | blue less red | black |\n|---|---|---|---|")
    measured = []
    for found in rows:
        measured.append([tones(os.path.join(folder, file)) for folder, file in zip(folders, found)])
        print(row(found[0], *measured[-1]))
    print(row(f"mean of {len(rows)}", *np.mean(measured, axis=0)))


if __name__ == "__main__":
    main()
