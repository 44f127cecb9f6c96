#!/usr/bin/env python3
"""User instructions for each request of an echo server: valgrind's count for 2N requests less that for N, divided by N.

    cargo build --release -p examples --bin echo
    python3 benches/echo_instructions.py [--build] [--at-most ONE MANY] [PROGRAM]

PROGRAM takes its port as the last argument and prints READY once it listens; the default is target/release/echo. --build builds it, if it is one of
the examples.
With --at-most it fails when a request with one connection takes more than ONE instructions, or one with 64 more than MANY. Needs valgrind.
"""

import argparse
import os

import counting

MESSAGE = b"x" * 64
CASES = ((1, 2000), (64, 100))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", nargs="?", default="target/release/echo")
    parser.add_argument("--build", action="store_true")
    parser.add_argument("--at-most", nargs=2, type=float, metavar=("ONE", "MANY"), default=(None, None))
    arguments = parser.parse_args()
    if arguments.build:
        counting.build(os.path.basename(arguments.program))
    rows = []
    for (connections, rounds), limit in zip(CASES, arguments.at_most):
        count = counting.each([arguments.program], connections, rounds, MESSAGE, MESSAGE)
        rows.append((f"{connections} connections", count, limit))
    counting.judge(rows)


main()
