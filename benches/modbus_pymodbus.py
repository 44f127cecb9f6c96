"""A Modbus server by pymodbus: modbus_pymodbus.py PORT. Unit 1, 100 holding registers, register n is n. Prints READY."""

import asyncio
import sys

from pymodbus.datastore import ModbusDeviceContext, ModbusSequentialDataBlock, ModbusServerContext
from pymodbus.server import ModbusTcpServer


async def main():
    # The block's first address is 1, because the device context counts from there.
    device = ModbusDeviceContext(hr=ModbusSequentialDataBlock(1, list(range(100))))
    context = ModbusServerContext(devices={1: device}, single=False)
    server = ModbusTcpServer(context, address=("127.0.0.1", int(sys.argv[1])))
    await server.serve_forever(background=True)
    print("READY", flush=True)
    await asyncio.sleep(3600)


asyncio.run(main())
