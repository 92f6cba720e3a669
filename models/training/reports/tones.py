"""What restoring does to the tones of photographs without a truth: mean luminance, colour cast, and how much is black.

    deno task batch PHOTOGRAPHS RESULTS --task haze --format png
    python3 reports/tones.py PHOTOGRAPHS RESULTS

A row for each photograph and one for their mean, each figure before and after: the mean luminance (Rec. 709 weights on the
encoded values, 0 to 1), the mean of blue less that of red (0 is no cast), and the share of pixels whose luminance is under
4 of 255.
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


def row(name: str, before: np.ndarray, after: np.ndarray) -> str:
    form = lambda a, b, of: f"{of(a)} -> {of(b)}"
    light = form(before[0], after[0], "{:.2f}".format)
    cast = form(before[1], after[1], "{:+.2f}".format)
    black = form(before[2], after[2], "{:.2%}".format)
    return f"| {name} | {light} | {cast} | {black} |"


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photographs")
    parser.add_argument("results")
    given = parser.parse_args(argv)
    files = lambda folder: sorted(name for name in os.listdir(folder) if os.path.isfile(os.path.join(folder, name)))
    photographs, results = files(given.photographs), files(given.results)
    both = {name: result for name in photographs if (result := result_of(name, results))}
    if not both:
        parser.error(f"no picture of {given.results} has the name of one in {given.photographs}")
    print("| photograph | luminance | blue less red | black |\n|---|---|---|---|")
    measured = []
    for name, result in both.items():
        measured.append((tones(os.path.join(given.photographs, name)), tones(os.path.join(given.results, result))))
        print(row(name, *measured[-1]))
    print(row(f"mean of {len(both)}", *np.mean(measured, axis=0)))


if __name__ == "__main__":
    main()
