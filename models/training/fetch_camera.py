"""Fetches the packages of wallpapers that camera_photographs.tsv names, from mirrors of Ubuntu and Debian, and unpacks them.

    python3 fetch_camera.py UNPACKED --ubuntu http://MIRROR/ubuntu --debian http://MIRROR/debian

A package is unpacked in as many versions as hold photographs of the table (1.4 GB is fetched in all). Needs dpkg-deb.
"""
from __future__ import annotations

import argparse
import csv
import lzma
import os
import re
import subprocess
import tempfile
import urllib.request

from collect_camera import TABLE

# Releases whose lists are read; a package of wallpapers stays in those that follow it.
RELEASES = {"ubuntu": ("noble", "jammy", "focal", "bionic", "xenial", "plucky", "questing", "resolute"), "debian": ("bookworm", "bullseye", "sid")}
COMPONENTS = {"ubuntu": ("main", "universe"), "debian": ("main",)}


def fetched(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=120) as answer:
        return answer.read()


def versions(mirrors: dict[str, str]) -> dict[str, list[str]]:
    """The addresses of all versions of a package, also as NAME_VERSION with the first two numbers of the version."""
    found: dict[str, list[str]] = {}
    for system, mirror in mirrors.items():
        for release in RELEASES[system]:
            for component in COMPONENTS[system]:
                try:
                    listed = lzma.decompress(fetched(f"{mirror}/dists/{release}/{component}/binary-amd64/Packages.xz")).decode()
                except OSError as error:
                    print(f"{mirror}: {release}/{component} cannot be read: {error}")
                    continue
                for entry in listed.split("\n\n"):
                    field = dict(re.findall(r"^(Package|Version|Filename): (.*)$", entry, re.MULTILINE))
                    if field:
                        short = ".".join(re.split(r"[.-]", field["Version"])[:2])
                        for name in (field["Package"], f"{field['Package']}_{short}"):
                            if f"{mirror}/{field['Filename']}" not in found.setdefault(name, []):
                                found[name].append(f"{mirror}/{field['Filename']}")
    return found


def missing(package: str, files: set[str], unpacked: str) -> set[str]:
    return files - {name for _, _, names in os.walk(os.path.join(unpacked, package)) for name in names}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("unpacked", help="where to unpack; photographs that are there are not fetched again")
    for system in RELEASES:
        parser.add_argument(f"--{system}", required=True, help=f"a mirror of {system.title()}")
    args = parser.parse_args()
    with open(TABLE) as table:
        rows = list(csv.DictReader(table, delimiter="\t"))
    wanted: dict[str, set[str]] = {}
    for row in rows:
        wanted.setdefault(row["package"], set()).add(row["file"])
    os.makedirs(args.unpacked, exist_ok=True)
    known = versions({system: getattr(args, system).rstrip("/") for system in RELEASES})
    for package, files in wanted.items():
        for url in known.get(package, []):
            if not missing(package, files, args.unpacked):
                break
            with tempfile.NamedTemporaryFile(suffix=".deb") as file:
                file.write(fetched(url))
                file.flush()
                subprocess.run(["dpkg-deb", "-x", file.name, os.path.join(args.unpacked, package)], check=True)
        left = missing(package, files, args.unpacked)
        print(f"{package}: {len(files) - len(left)} of {len(files)} photographs", flush=True)


if __name__ == "__main__":
    main()
