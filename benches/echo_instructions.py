#!/usr/bin/env python3
"""User instructions for each request of an echo server: valgrind's count for 2N requests less that for N, divided by N.

    cargo build --release -p examples --bin echo
    python3 benches/echo_instructions.py [PROGRAM]

PROGRAM takes its port as the last argument and prints READY once it listens; the default is target/release/echo. Needs valgrind.
"""

import re
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
        for client in clients:
            client.sendall(MESSAGE)
        for client in clients:
            assert client.recv(4096) == MESSAGE
    for client in clients:
        client.close()
    server.terminate()
    told = server.communicate()[1]
    return int(re.search(r"Collected : (\d+)", told).group(1))


def main():
    program = sys.argv[1] if len(sys.argv) > 1 else "target/release/echo"
    for connections, rounds in ((1, 2000), (64, 100)):
        few = instructions(program, connections, rounds)
        many = instructions(program, connections, 2 * rounds)
        print(f"{connections} connections: {(many - few) / (connections * rounds):.1f} instructions a request")


main()
