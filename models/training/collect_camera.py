"""Collects photographs at camera resolution from packages of wallpapers: camera_photographs.tsv names 866 of Debian's and Ubuntu's.

    python3 fetch_camera.py UNPACKED --ubuntu http://MIRROR/ubuntu --debian http://MIRROR/debian
    python3 collect_camera.py UNPACKED CAMERA

The table leaves out graphics, pictures that show one of the four damages, and what is in Debian's mate-backgrounds, which is held back.
88 are for validation. 74 are for tests alone, undamaged and of packages whose photographs no network has seen: they are copied as
they are.
"""
from __future__ import annotations

import argparse
import csv
import os
import shutil

from PIL import Image

TABLE = os.path.join(os.path.dirname(__file__), "camera_photographs.tsv")


def reduced(path: str, longest: int) -> Image.Image:
    with Image.open(path) as image:
        image.draft("RGB", (longest, longest))
        image = image.convert("RGB")
    scale = longest / max(image.size)
    return image if scale >= 1 else image.resize((round(image.width * scale), round(image.height * scale)), Image.LANCZOS)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("unpacked", help="a folder of unpacked packages")
    parser.add_argument("out", help="where to write train/, validate/ and test/")
    parser.add_argument("--longest", type=int, default=1280, help="longest side in pixels of those that train or validate")
    args = parser.parse_args()
    paths = {(package, name): os.path.join(folder, name)
             for package in os.listdir(args.unpacked)
             for folder, _, names in os.walk(os.path.join(args.unpacked, package)) for name in names}
    missing = 0
    with open(TABLE) as table:
        for row in csv.DictReader(table, delimiter="\t"):
            path = paths.get((row["package"], row["file"]))
            if path is None:
                missing += 1
                continue
            folder = os.path.join(args.out, row["part"])
            os.makedirs(folder, exist_ok=True)
            stem, extension = os.path.splitext(f"{row['package']}-{row['file']}")
            if row["part"] == "test":
                shutil.copyfile(path, os.path.join(folder, stem + extension))
            else:
                reduced(path, args.longest).save(os.path.join(folder, f"{stem}.jpg"), quality=93)
    if missing:
        print(f"{missing} photographs are missing: unpack their packages into {args.unpacked}")


if __name__ == "__main__":
    main()
