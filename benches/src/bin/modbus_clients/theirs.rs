//! tokio-modbus: a task for each device, on a runtime of one thread.

use std::net::SocketAddr;

use tokio_modbus::client::{Reader, tcp};
use tokio_modbus::prelude::Slave;

use crate::DEVICES;

pub fn tasks(target: SocketAddr, requests: u64) -> std::io::Result<u64> {
    let each = requests / DEVICES as u64;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let ask = |_| {
            tokio::spawn(async move {
                let mut client = tcp::connect_slave(target, Slave(1)).await?;
                for _ in 0..each {
                    let read = client.read_holding_registers(0, 10).await;
                    let values = read.map_err(std::io::Error::other)?;
                    assert_eq!(values.expect("no exception")[9], 9);
                }
                Ok::<(), std::io::Error>(())
            })
        };
        let tasks: Vec<_> = (0..DEVICES).map(ask).collect();
        for task in tasks {
            task.await.map_err(std::io::Error::other)??;
        }
        Ok(each * DEVICES as u64)
    })
}
