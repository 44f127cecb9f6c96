"""User instructions of a server for each request: valgrind's count for 2N requests less that for N, divided by N. What the *_instructions.py share.

The server is stopped while several clients send, so that how many requests share a wait, and with it the count, does not depend on who runs when.
"""

import os
import re
import signal
import socket
import subprocess
import sys


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def receive(client, length):
    got = b""
    while len(got) < length:
        more = client.recv(length - len(got))
        assert more, "the server closed a connection"
        got += more
    return got


def collected(command, connections, rounds, message, answer):
    """Instructions of the whole program: each client sends `message` and waits for `answer`, so many rounds."""
    port = free_port()
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *command, str(port)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert server.stdout.readline() == "READY\n", "the server did not start"
    clients = [socket.create_connection(("127.0.0.1", port), timeout=60) for _ in range(connections)]
    for _ in range(rounds):
        if connections > 1:
            server.send_signal(signal.SIGSTOP)
            os.waitpid(server.pid, os.WUNTRACED)
        for client in clients:
            client.sendall(message)
        if connections > 1:
            server.send_signal(signal.SIGCONT)
        for client in clients:
            assert receive(client, len(answer)) == answer
    for client in clients:
        client.close()
    server.terminate()
    told = server.communicate()[1]
    return int(re.search(r"Collected : (\d+)", told).group(1))


def each(command, connections, rounds, message, answer, requests=1):
    """Instructions of one request, of which a message has `requests`."""
    few = collected(command, connections, rounds, message, answer)
    many = collected(command, connections, 2 * rounds, message, answer)
    return (many - few) / (connections * rounds * requests)


def build(program):
    subprocess.run(["cargo", "build", "--release", "--quiet", "-p", "examples", "--bin", program], check=True)


def judge(rows):
    """Prints each (what, instructions, limit), and ends with an error if one is above its limit."""
    for what, count, limit in rows:
        print(f"{what}: {count:.1f} instructions a request" + (f", at most {limit:g}" if limit is not None else ""))
    if any(limit is not None and count > limit for _, count, limit in rows):
        sys.exit("more instructions than allowed")
