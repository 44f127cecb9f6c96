"""A Modbus TCP device by pymodbus, for the client under test.

    pymodbus_server.py PORT [FAULT [COUNT [AFTER]]]

Unit 1, 300 points of each kind: coil n is n % 3 == 0, discrete input n is n % 2 == 1, input register n is 3 * n, holding register n is
5 * n. Prints LISTENING once it can be connected to. FAULT is one of those below, done to every
answer, or to COUNT of them if that is not below 0, the first AFTER left as they are.
"""

import asyncio
import sys

from pymodbus.datastore import ModbusDeviceContext, ModbusSequentialDataBlock, ModbusServerContext
from pymodbus.server import ModbusTcpServer

POINTS = 300

FAULTS = {
    # The answer never comes.
    "silence": lambda answer: b"",
    # The answer to somebody else's question.
    "transaction": lambda answer: bytes([answer[0] ^ 0x55, answer[1]]) + answer[2:],
    # Not Modbus.
    "protocol": lambda answer: answer[:2] + b"\x12\x34" + answer[4:],
    # The header promises more than comes.
    "short": lambda answer: answer[:-1],
    # A length that no Modbus frame has.
    "length": lambda answer: answer[:4] + b"\xff\xff" + answer[6:],
    # Another unit answers.
    "unit": lambda answer: answer[:6] + bytes([answer[6] ^ 0x0F]) + answer[7:],
    # The answer to another function.
    "function": lambda answer: answer[:7] + bytes([answer[7] ^ 0x07]) + answer[8:],
    # One register fewer than asked for, in a frame that is right in itself.
    "fewer": lambda answer: answer[:5] + bytes([answer[5] - 2]) + answer[6:8] + bytes([answer[8] - 2]) + answer[9:-2],
    # A byte count that contradicts the length.
    "count": lambda answer: answer[:8] + bytes([answer[8] + 2]) + answer[9:],
    # Exception 6, server device busy, with the request's own transaction and unit.
    "busy": lambda answer: answer[:4] + b"\x00\x03" + bytes([answer[6], answer[7] | 0x80, 6]),
}


def device():
    # The block's first address is 1, because the device context counts from there.
    return ModbusDeviceContext(
        co=ModbusSequentialDataBlock(1, [n % 3 == 0 for n in range(POINTS)]),
        di=ModbusSequentialDataBlock(1, [n % 2 == 1 for n in range(POINTS)]),
        ir=ModbusSequentialDataBlock(1, [3 * n for n in range(POINTS)]),
        hr=ModbusSequentialDataBlock(1, [5 * n for n in range(POINTS)]),
    )


async def main():
    port = int(sys.argv[1])
    fault = FAULTS[sys.argv[2]] if len(sys.argv) > 2 else None

    left = int(sys.argv[3]) if len(sys.argv) > 3 else -1
    after = int(sys.argv[4]) if len(sys.argv) > 4 else 0

    def packet(sending, data):
        nonlocal left, after
        if not fault or not sending or left == 0:
            return data
        if after > 0:
            after -= 1
            return data
        left -= 1
        return fault(data)

    server = ModbusTcpServer(
        ModbusServerContext(devices={1: device()}, single=False),
        address=("127.0.0.1", port),
        trace_packet=packet,
    )
    await server.serve_forever(background=True)
    print("LISTENING", flush=True)
    await asyncio.sleep(300)


asyncio.run(main())
