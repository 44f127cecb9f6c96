#!/usr/bin/env python3
"""User instructions for each request of an echo server: valgrind's count for 2N requests less that for N, divided by N.

    cargo build --release -p examples --bin echo
    python3 benches/echo_instructions.py [--build] [--at-most ONE MANY] [PROGRAM]

PROGRAM takes its port as the last argument and prints READY once it listens; the default is target/release/echo, which --build builds.
With --at-most it fails when a request with one connection takes more than ONE instructions, or one with 64 more than MANY. Needs valgrind.

The server is stopped while several clients send, so that how many requests share a wait, and with it the count, does not depend on who runs when.
"""

import argparse
import math
import os
import re
import signal
import socket
import subprocess
import sys

MESSAGE = b"x" * 64


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def instructions(program, connections, rounds):
    port = free_port()
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", program, str(port)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert server.stdout.readline() == "READY\n", "the server did not start"
    clients = [socket.create_connection(("127.0.0.1", port), timeout=60) for _ in range(connections)]
    for _ in range(rounds):
        if connections > 1:
            server.send_signal(signal.SIGSTOP)
            os.waitpid(server.pid, os.WUNTRACED)
        for client in clients:
            client.sendall(MESSAGE)
        if connections > 1:
            server.send_signal(signal.SIGCONT)
        for client in clients:
            assert client.recv(4096) == MESSAGE
    for client in clients:
        client.close()
    server.terminate()
    told = server.communicate()[1]
    return int(re.search(r"Collected : (\d+)", told).group(1))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", nargs="?", default="target/release/echo")
    parser.add_argument("--build", action="store_true")
    parser.add_argument("--at-most", nargs=2, type=float, metavar=("ONE", "MANY"), default=(math.inf, math.inf))
    arguments = parser.parse_args()
    if arguments.build:
        subprocess.run(["cargo", "build", "--release", "--quiet", "-p", "examples", "--bin", "echo"], check=True)
    good = True
    for (connections, rounds), limit in zip(((1, 2000), (64, 100)), arguments.at_most):
        few = instructions(arguments.program, connections, rounds)
        many = instructions(arguments.program, connections, 2 * rounds)
        each = (many - few) / (connections * rounds)
        good &= each <= limit
        print(f"{connections} connections: {each:.1f} instructions a request" + (f", at most {limit:g}" if limit < math.inf else ""))
    if not good:
        sys.exit("more instructions than allowed")


main()
