//! Echoes TCP on 127.0.0.1 by the async face, with tasks in static storage: `async_echo PORT`.
//!
//! The same contract as `echo`, which is the callback face: prints READY once it listens, serves up to 1,024 clients, 4 KiB at a time.
//! Nothing is allocated.

use std::io::Write;
use std::net::Ipv4Addr;
use std::process::ExitCode;

use ptk_core::aio::net::{TcpListener, TcpStream};
use ptk_core::aio::tasks::{TaskRoom, bytes_of};
use ptk_core::aio::{IoDriver, IoSlots};
use ptk_core::{ErrorKind, Result};

const CONNECTIONS: usize = 1024;
const CHUNK: usize = 4096;

/// The connections, the listener, and a client too many.
static SLOTS: IoSlots<{ CONNECTIONS + 2 }> = IoSlots::new();
static ECHOES: TaskRoom<CONNECTIONS, { bytes_of(echo) }> = TaskRoom::new();

async fn echo(stream: TcpStream) {
    let mut buffer = [0; CHUNK];
    while let Ok(length @ 1..) = stream.read(&mut buffer).await {
        if stream.write_all(&buffer[..length]).await.is_err() {
            break;
        }
    }
}

async fn accept(port: u16, serve: impl Fn(TcpStream)) -> Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    println!("READY");
    let _ = std::io::stdout().flush();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                stream.set_nodelay(true)?;
                serve(stream);
            }
            // The slots of clients that are leaving become free with the next events.
            Err(error) if matches!(error.kind(), ErrorKind::TableFull(_)) => {}
            Err(error) => return Err(error),
        }
    }
}

fn main() -> ExitCode {
    let Some(port) = std::env::args().nth(1).and_then(|port| port.parse().ok()) else {
        eprintln!("usage: async_echo PORT");
        return ExitCode::from(2);
    };
    match serve(port) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("async_echo: {error}");
            ExitCode::FAILURE
        }
    }
}

fn serve(port: u16) -> Result<()> {
    ECHOES.run_until(IoDriver::new(&SLOTS)?, |tasks| {
        accept(port, move |stream| {
            // A client too many is turned away.
            let _ = tasks.spawn(echo(stream));
        })
    })?
}
