"""A pymodbus client against the device under test.

    pymodbus_client.py PORT check          every function that the device has, and its exceptions
    pymodbus_client.py PORT repeat COUNT   COUNT reads of ten holding registers, for counting system calls

Prints how many answers were right; ends with a message and status 1 at the first one that is not.
"""

import sys

from pymodbus.client import ModbusTcpClient

checks = 0


def expect(what, got, wanted):
    global checks
    if got != wanted:
        sys.exit(f"{what}: got {got!r}, expected {wanted!r}")
    checks += 1


def right(what, answer):
    if answer.isError():
        sys.exit(f"{what}: {answer}")
    return answer


def refused(what, answer, code):
    expect(f"{what}: is an exception", answer.isError(), True)
    expect(f"{what}: exception code", answer.exception_code, code)


def check(client):
    # All points are zero at first, at both ends of the range.
    expect("coils", right("coils", client.read_coils(0, count=16)).bits[:16], [False] * 16)
    expect("inputs", right("inputs", client.read_discrete_inputs(65520, count=16)).bits[:16], [False] * 16)
    expect("registers", right("input", client.read_input_registers(65535, count=1)).registers, [0])
    expect("registers", right("holding", client.read_holding_registers(0, count=125)).registers, [0] * 125)

    # Function 5 and 15, then 1.
    right("write coil", client.write_coil(7, True))
    pattern = [n % 3 == 0 for n in range(37)]
    right("write coils", client.write_coils(100, pattern))
    expect("coil 7", right("coil", client.read_coils(7, count=1)).bits[0], True)
    expect("coils", right("coils", client.read_coils(100, count=37)).bits[:37], pattern)
    most = [n % 7 == 0 for n in range(1968)]
    right("most coils", client.write_coils(2000, most))
    expect("most coils", right("most coils", client.read_coils(2000, count=1968)).bits[:1968], most)
    expect("2000 coils", len(right("2000 coils", client.read_coils(0, count=2000)).bits), 2000)

    # Function 6 and 16, then 3.
    right("write register", client.write_register(3, 0xBEEF))
    values = [n * 521 & 0xFFFF for n in range(123)]
    right("write registers", client.write_registers(65535 - 122, values))
    expect("register", right("register", client.read_holding_registers(3, count=1)).registers, [0xBEEF])
    got = right("registers", client.read_holding_registers(65535 - 122, count=123)).registers
    expect("registers", got, values)

    # The other kinds of points did not change.
    expect("inputs", right("inputs", client.read_discrete_inputs(100, count=37)).bits[:37], [False] * 37)
    expect("input", right("input", client.read_input_registers(3, count=1)).registers, [0])

    # Exception 2: beyond the last point.
    refused("beyond", client.read_holding_registers(65535, count=2), 2)
    refused("beyond", client.write_coils(65530, [True] * 7), 2)
    # And the connection goes on.
    expect("register", right("register", client.read_holding_registers(3, count=1)).registers, [0xBEEF])


def repeat(client, count):
    for _ in range(count):
        right("registers", client.read_holding_registers(0, count=10))
        expect("connected", client.connected, True)


client = ModbusTcpClient("127.0.0.1", port=int(sys.argv[1]), timeout=5, retries=0)
if not client.connect():
    sys.exit("cannot connect")
if sys.argv[2] == "check":
    check(client)
else:
    repeat(client, int(sys.argv[3]))
client.close()
print(f"{checks} answers")
