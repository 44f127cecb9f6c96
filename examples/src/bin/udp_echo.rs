//! A UDP echo server on 127.0.0.1: `udp_echo PORT`. Prints READY once it listens; SIGINT and SIGTERM end it.

use std::net::Ipv4Addr;
use std::process::ExitCode;

use ptk_core::event_loop::{Context, Event, EventLoop, Kind, Watch};
use ptk_core::net::{Datagram, UdpSocket};

/// How many datagrams are answered before others have their turn.
const BUDGET: usize = 32;

fn main() -> ExitCode {
    let Some(port) = std::env::args()
        .next_back()
        .and_then(|port| port.parse().ok())
    else {
        eprintln!("usage: udp_echo PORT");
        return ExitCode::from(2);
    };
    match serve(port) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("udp_echo: 127.0.0.1:{port}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn serve(port: u16) -> Result<(), ptk_core::Error> {
    let mut event_loop: EventLoop = EventLoop::new()?;
    event_loop.stop_on_signals()?;
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, port).into())?;
    event_loop
        .context()
        .attach(socket, Watch::all())
        .map_err(|(error, _)| error)?;
    println!("READY");
    let mut buffer = [0; 65_535];
    event_loop.run(&mut |cx: &mut Context, event: Event| {
        let Kind::Readable(source) = event.kind else {
            return;
        };
        for _ in 0..BUDGET {
            match cx.receive_from(source, &mut buffer) {
                Ok((Datagram::Data { length, .. }, Some(from))) => {
                    // A datagram that cannot be sent now is lost, as datagrams may be.
                    let _ = cx.send_to(source, &buffer[..length], from);
                }
                Ok((Datagram::WouldBlock, _)) => return,
                // What the network reported of an earlier datagram ends nothing.
                Ok(_) | Err(_) => {}
            }
        }
    })?;
    Ok(())
}
