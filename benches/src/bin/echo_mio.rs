//! A TCP echo server on 127.0.0.1 with mio: `echo_mio PORT`. Prints READY once it listens.
//!
//! One buffer for all connections; a read that did not fill it was the last one of its event, as epoll's edge-triggered mode allows.

use std::error::Error;
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr};

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};

const CHUNK: usize = 4096;
const LISTENER: Token = Token(usize::MAX);

struct Connection {
    stream: TcpStream,
    unsent: Vec<u8>,
}

/// What became of a connection.
enum Fate {
    Open,
    Ended,
}

impl Connection {
    /// Sends what waits; whether nothing does any more.
    fn flush(&mut self) -> std::io::Result<bool> {
        while !self.unsent.is_empty() {
            match self.stream.write(&self.unsent) {
                Ok(count) => drop(self.unsent.drain(..count)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    fn echo(&mut self, chunk: &mut [u8; CHUNK]) -> std::io::Result<Fate> {
        while self.unsent.is_empty() {
            let count = match self.stream.read(chunk) {
                Ok(0) => return Ok(Fate::Ended),
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(Fate::Open),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            let sent = match self.stream.write(&chunk[..count]) {
                Ok(sent) => sent,
                Err(error) if error.kind() == ErrorKind::WouldBlock => 0,
                Err(error) => return Err(error),
            };
            self.unsent.extend_from_slice(&chunk[sent..count]);
            if sent < count {
                self.flush()?;
            }
            if count < CHUNK {
                return Ok(Fate::Open);
            }
        }
        Ok(Fate::Open)
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let port = std::env::args().nth(1).ok_or("usage: echo_mio PORT")?;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port.parse()?));
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(64);
    let mut listener = TcpListener::bind(address)?;
    poll.registry()
        .register(&mut listener, LISTENER, Interest::READABLE)?;
    println!("READY");

    let mut connections: Vec<Option<Connection>> = Vec::new();
    let mut free: Vec<usize> = Vec::new();
    let mut chunk = [0; CHUNK];
    loop {
        if let Err(error) = poll.poll(&mut events, None) {
            if error.kind() == ErrorKind::Interrupted {
                continue;
            }
            return Err(error.into());
        }
        for event in &events {
            if event.token() == LISTENER {
                while let Ok((mut stream, _)) = listener.accept() {
                    stream.set_nodelay(true)?;
                    let place = free.pop().unwrap_or_else(|| {
                        connections.push(None);
                        connections.len() - 1
                    });
                    let both = Interest::READABLE | Interest::WRITABLE;
                    poll.registry().register(&mut stream, Token(place), both)?;
                    let unsent = Vec::new();
                    connections[place] = Some(Connection { stream, unsent });
                }
                continue;
            }
            let place = event.token().0;
            let Some(connection) = connections.get_mut(place).and_then(Option::as_mut) else {
                continue;
            };
            let waits = !connection.unsent.is_empty();
            let fate = match connection.flush() {
                // What arrived while bytes waited is read now: its edge is over.
                Ok(true) if event.is_readable() || waits => connection.echo(&mut chunk),
                Ok(_) => Ok(Fate::Open),
                Err(error) => Err(error),
            };
            if !matches!(fate, Ok(Fate::Open)) {
                connections[place] = None;
                free.push(place);
            }
        }
    }
}
