#!/usr/bin/env python3
"""User instructions of a Modbus server for each transaction, reading 10 holding registers: valgrind's count for 2N less that for N, divided by N.

    python3 benches/modbus_instructions.py [--build] [--at-most ONE ONE_16 MANY MANY_16] [PROGRAM [WORD...]]

PROGRAM takes its port as the last argument, prints READY once it listens, and has register n of unit 1 hold n; the default is
target/release/modbus_table, which --build builds. With --at-most it fails when a transaction takes more instructions than that: with 1 connection,
with 1 and 16 requests in a segment, with 64 connections, with 64 and 16 requests. Needs valgrind.
"""

import argparse
import struct

import counting

CASES = ((1, 1, 2000), (1, 16, 200), (64, 1, 100), (64, 16, 20))


def exchange(depth):
    """So many requests, and the replies to them."""
    ids = range(depth)
    requests = b"".join(struct.pack(">HHHBBHH", number, 0, 6, 1, 3, 0, 10) for number in ids)
    replies = b"".join(struct.pack(">HHHBBB10H", number, 0, 23, 1, 3, 20, *range(10)) for number in ids)
    return requests, replies


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", nargs="*", default=["target/release/modbus_table"])
    parser.add_argument("--build", action="store_true")
    parser.add_argument("--at-most", nargs=4, type=float, metavar=("ONE", "ONE_16", "MANY", "MANY_16"), default=(None,) * 4)
    arguments = parser.parse_args()
    if arguments.build:
        counting.build("modbus_table")
    rows = []
    for (connections, depth, rounds), limit in zip(CASES, arguments.at_most):
        count = counting.each(arguments.program, connections, rounds, *exchange(depth), requests=depth)
        rows.append((f"{connections} connections, {depth} requests in a segment", count, limit))
    counting.judge(rows)


main()
