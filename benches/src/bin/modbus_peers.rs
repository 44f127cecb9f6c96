//! Modbus servers by other people's crates: `modbus_peers tokio-modbus|rmodbus PORT`. 100 holding registers, register n is n. Prints READY.
//!
//! tokio-modbus comes with its server, which runs on a runtime of one thread. rmodbus is frames and storage only; its example has a thread for
//! each connection. Here it has a loop of mio, which costs less, and frames are cut by `guess_request_frame_len`.

use std::future::{Ready, ready};
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};
use rmodbus::server::context::ModbusContext;
use rmodbus::server::{ModbusFrame, storage::ModbusStorageSmall};
use rmodbus::{ModbusProto, guess_request_frame_len};
use tokio_modbus::prelude::{ExceptionCode, Request, Response};
use tokio_modbus::server::tcp::{Server, accept_tcp_connection};

#[derive(Clone)]
struct Service(Arc<[u16; 100]>);

impl tokio_modbus::server::Service for Service {
    type Request = Request<'static>;
    type Response = Response;
    type Exception = ExceptionCode;
    type Future = Ready<Result<Response, ExceptionCode>>;

    fn call(&self, request: Request<'static>) -> Self::Future {
        ready(match request {
            Request::ReadHoldingRegisters(first, count) => {
                let range = usize::from(first)..usize::from(first) + usize::from(count);
                let read = self.0.get(range).map(<[u16]>::to_vec);
                read.map(Response::ReadHoldingRegisters)
                    .ok_or(ExceptionCode::IllegalDataAddress)
            }
            _ => Err(ExceptionCode::IllegalFunction),
        })
    }
}

fn tokio_modbus(address: SocketAddr) -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(address).await?;
        println!("READY");
        let service = Service(Arc::new(std::array::from_fn(|address| address as u16)));
        let connected = |stream: tokio::net::TcpStream, peer| {
            let nodelay = stream.set_nodelay(true);
            let service = service.clone();
            let made = accept_tcp_connection(stream, peer, move |_| Ok(Some(service.clone())));
            ready(nodelay.and(made))
        };
        Server::new(listener).serve(&connected, |_| {}).await
    })
}

struct Connection {
    stream: TcpStream,
    input: [u8; 1024],
    length: usize,
}

impl Connection {
    /// Receives once, answers what is there; false at the end.
    fn turn(
        &mut self,
        storage: &ModbusStorageSmall,
        reply: &mut Vec<u8>,
        out: &mut Vec<u8>,
    ) -> bool {
        let count = match self.stream.read(&mut self.input[self.length..]) {
            Ok(0) => return false,
            Ok(count) => count,
            Err(error) => return error.kind() == ErrorKind::WouldBlock,
        };
        self.length += count;
        out.clear();
        let mut done = 0;
        while self.length - done >= 8 {
            let rest = &self.input[done..self.length];
            let Ok(length) = guess_request_frame_len(rest, ModbusProto::TcpUdp) else {
                return false;
            };
            let Some(bytes) = rest.get(..length.into()) else {
                break;
            };
            reply.clear();
            let mut frame = ModbusFrame::new(1, bytes, ModbusProto::TcpUdp, reply);
            if frame.parse().is_err() {
                return false;
            }
            if frame.processing_required && frame.process_read(storage).is_err() {
                return false;
            }
            if frame.response_required {
                if frame.finalize_response().is_err() {
                    return false;
                }
                out.extend_from_slice(reply);
            }
            done += usize::from(length);
        }
        self.input.copy_within(done..self.length, 0);
        self.length -= done;
        out.is_empty() || self.stream.write(out).is_ok_and(|sent| sent == out.len())
    }
}

fn rmodbus(address: SocketAddr) -> std::io::Result<()> {
    let mut storage = ModbusStorageSmall::new();
    for address in 0..100 {
        let _ = storage.set_holding(address, address);
    }
    let mut poll = Poll::new()?;
    let mut listener = TcpListener::bind(address)?;
    let registry = poll.registry();
    registry.register(&mut listener, Token(usize::MAX - 1), Interest::READABLE)?;
    println!("READY");
    let mut connections: Vec<Option<Connection>> = Vec::new();
    let mut events = Events::with_capacity(64);
    let (mut reply, mut out) = (Vec::new(), Vec::new());
    loop {
        poll.poll(&mut events, None)?;
        for event in &events {
            let Token(index) = event.token();
            if index == usize::MAX - 1 {
                while let Ok((mut stream, _)) = listener.accept() {
                    stream.set_nodelay(true)?;
                    let token = Token(connections.len());
                    poll.registry()
                        .register(&mut stream, token, Interest::READABLE)?;
                    connections.push(Some(Connection {
                        stream,
                        input: [0; 1024],
                        length: 0,
                    }));
                }
            } else if let Some(place) = connections.get_mut(index)
                && let Some(connection) = place
                // Edge-triggered, but the load never sends more than one read takes while a reply is owed.
                && !connection.turn(&storage, &mut reply, &mut out)
            {
                *place = None;
            }
        }
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [library, port] = &words[..] else {
        return Err("usage: modbus_peers tokio-modbus|rmodbus PORT".into());
    };
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port.parse()?));
    match library.as_str() {
        "rmodbus" => rmodbus(address)?,
        _ => tokio_modbus(address)?,
    }
    Ok(())
}
