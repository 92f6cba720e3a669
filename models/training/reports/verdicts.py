"""How often the program's verdict is right on photographs of one kind, and how often it would restore what is not there.

    deno task triage CAMERA/test --json | python3 reports/verdicts.py clean
    deno task triage real/rain --json | python3 reports/verdicts.py rain

`named`: the kind is among the damages named; of clean ones, none is named. `sure`: it is sure enough to be restored; of clean ones,
none is. `wrong`: another damage is sure enough; the pictures where one is are listed. What triage was not sure enough to name counts as not there.
"""
from __future__ import annotations

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import argparse
import json

from model import TASKS

SURE = 0.75  # lib/options.ts, MIN_CONFIDENCE


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=["clean", *TASKS], help="what the photographs suffer from")
    parser.add_argument("--min-confidence", type=float, default=SURE)
    given = parser.parse_args(argv)
    if not 0 <= given.min_confidence <= 1:
        parser.error(f"--min-confidence is {given.min_confidence}; it must be a number from 0 to 1")
    named, sure, wrong, count = 0, 0, [], 0
    for line in sys.stdin:
        result = json.loads(line)
        if "error" in result:
            print(f"left out: {result['input']}: {result['error']['message']}", file=sys.stderr)
            continue
        count += 1
        found = result["tasks"] or ["clean"]
        restored = [task for task in result["tasks"] if result["probabilities"][task] >= given.min_confidence]
        named += given.kind in found
        sure += given.kind in (restored or ["clean"])
        others = [f"{task} {result['probabilities'][task]:.2f}" for task in restored if task != given.kind]
        if others:
            wrong.append(f"{result['input']}: {', '.join(others)}")
    if count == 0:
        parser.error("there is no verdict on standard input")
    print(f"| kind | pictures | named | sure | wrong |\n|---|---|---|---|---|\n| {given.kind} | {count} | {named} | {sure} | {len(wrong)} |")
    for line in wrong:
        print(line)


if __name__ == "__main__":
    main()
