//! Writes and reads a register by tokio-modbus: `modbus_read ADDRESS`. Prints what it read.

use std::net::SocketAddr;

use ptk_core::aio::net::TcpStream;
use ptk_core::aio::{IoDriver, IoSlots, block_on};
use tokio_modbus::client::tcp;
use tokio_modbus::prelude::{Reader, Slave, SlaveContext, Writer};

static SLOTS: IoSlots<4> = IoSlots::new();

async fn read(address: SocketAddr) -> Result<Vec<u16>, Box<dyn std::error::Error>> {
    let stream = TcpStream::connect(address).await?;
    let mut device = tcp::attach(stream);
    device.set_slave(Slave(1));
    device.write_single_register(7, 1234).await??;
    Ok(device.read_holding_registers(6, 2).await??)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address = std::env::args()
        .nth(1)
        .ok_or("usage: modbus_read ADDRESS")?
        .parse()?;
    println!("{:?}", block_on(IoDriver::new(&SLOTS)?, read(address))??);
    Ok(())
}
