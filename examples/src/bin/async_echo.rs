//! Echoes TCP on 127.0.0.1 by the async face, with tasks in static storage: `async_echo PORT`.
//!
//! The same contract as `echo`, which is the callback face: prints READY once it listens, serves up to 1,024 clients, 4 KiB at a time.
//! Nothing is allocated.

use std::io::Write;
use std::net::Ipv4Addr;
use std::process::ExitCode;

use embassy_executor::Spawner;
use ptk_core::Result;
use ptk_core::aio::embassy::Executor;
use ptk_core::aio::net::{TcpListener, TcpStream};
use ptk_core::aio::{IoDriver, IoSlots};

const CONNECTIONS: usize = 1024;
const CHUNK: usize = 4096;

/// The connections, and the listener.
static SLOTS: IoSlots<{ CONNECTIONS + 1 }> = IoSlots::new();
static EXECUTOR: Executor = Executor::new();

#[embassy_executor::task(pool_size = 1024)]
async fn echo(stream: TcpStream) {
    let mut buffer = [0; CHUNK];
    while let Ok(length @ 1..) = stream.read(&mut buffer).await {
        if stream.write_all(&buffer[..length]).await.is_err() {
            break;
        }
    }
}

#[embassy_executor::task]
async fn listen(spawner: Spawner, port: u16) {
    if let Err(error) = accept(spawner, port).await {
        eprintln!("async_echo: {error}");
        std::process::exit(1);
    }
}

async fn accept(spawner: Spawner, port: u16) -> Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    println!("READY");
    let _ = std::io::stdout().flush();
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        // A client too many is turned away.
        if let Ok(task) = echo(stream) {
            spawner.spawn(task);
        }
    }
}

fn main() -> ExitCode {
    let Some(port) = std::env::args().nth(1).and_then(|port| port.parse().ok()) else {
        eprintln!("usage: async_echo PORT");
        return ExitCode::from(2);
    };
    match serve(port) {
        Ok(never) => match never {},
        Err(error) => {
            eprintln!("async_echo: {error}");
            ExitCode::FAILURE
        }
    }
}

fn serve(port: u16) -> Result<std::convert::Infallible> {
    EXECUTOR.run(IoDriver::new(&SLOTS)?, |spawner| {
        spawner.spawn(listen(spawner, port).expect("the first of one"));
    })
}
