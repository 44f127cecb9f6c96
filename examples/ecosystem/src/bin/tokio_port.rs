//! The echo server of tokio's front page with other imports and another spawn line: `tokio_port PORT`. Prints READY once it listens.
//!
//! ```text
//! -use tokio::net::TcpListener;
//! -use tokio::io::{AsyncReadExt, AsyncWriteExt};
//! +use ptk_core::aio::net::TcpListener;
//! +use ptk_core::aio::io::{AsyncReadExt, AsyncWriteExt};
//!
//! -        tokio::spawn(async move {
//! +        spawner.spawn(async move {
//! ```
//!
//! and `#[tokio::main]` becomes the last function: where the storage and the tasks live is the program's to say.
// Our streams are read and written through `&self`, and by methods of their own: the `mut` and the traits of the original are not needed.
#![allow(unused_mut, unused_imports)]

use ptk_core::aio::io::{AsyncReadExt, AsyncWriteExt};
use ptk_core::aio::net::TcpListener;

async fn run(address: &str, spawner: &Spawner<'_>) -> Result<(), Box<dyn std::error::Error>> {
    let listener = TcpListener::bind(address).await?;
    println!("READY");

    loop {
        let (mut socket, _) = listener.accept().await?;

        spawner
            .spawn(async move {
                let mut buf = [0; 1024];

                // In a loop, read data from the socket and write the data back.
                loop {
                    let n = match socket.read(&mut buf).await {
                        // socket closed
                        Ok(0) => return,
                        Ok(n) => n,
                        Err(e) => {
                            eprintln!("failed to read from socket; err = {:?}", e);
                            return;
                        }
                    };

                    // Write the data back
                    if let Err(e) = socket.write_all(&buf[0..n]).await {
                        eprintln!("failed to write to socket; err = {:?}", e);
                        return;
                    }
                }
            })
            .detach();
    }
}

use async_executor::LocalExecutor as Spawner;
use ptk_core::aio::{IoDriver, IoSlots, block_on};

static SLOTS: IoSlots<1024> = IoSlots::new();

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port = std::env::args().nth(1).ok_or("usage: tokio_port PORT")?;
    let spawner = Spawner::new();
    block_on(
        IoDriver::new(&SLOTS)?,
        spawner.run(run(&format!("127.0.0.1:{port}"), &spawner)),
    )?
}
