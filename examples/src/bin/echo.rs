//! A TCP echo server on 127.0.0.1: `echo PORT`.
//!
//! Prints READY once it listens and sends back what each of up to 1,024 clients sends, 4 KiB at a time. A client that does not read is
//! not read from until it does. A state machine for each connection; SIGINT and SIGTERM end it.

use std::net::Ipv4Addr;
use std::process::ExitCode;

use kqueue_safe::Exclusive;
use ptk_core::Error;
use ptk_core::buffer::Chunk;
use ptk_core::event_loop::{Context, EventLoop, Handler, SourceId, Watch};
use ptk_core::machine::{Cx, Machine};
use ptk_core::net::{ReceivedBytes, Sent, TcpListener};

const CONNECTIONS: usize = 1024;
/// The connections, the listener, and two signals.
const SOURCES: usize = CONNECTIONS + 3;
const CHUNK: usize = 4096;

/// What a connection could not send back at once. Memory that no client needs is never touched.
static BEHIND: Exclusive<[[u8; CHUNK]; SOURCES]> = Exclusive::new([[0; CHUNK]; SOURCES]);

ptk_core::symbols! {
    /// What a source is waiting for: a connection for data or for room, the listener for connections.
    enum State { Data, Room, Connection }
    /// What can happen to it.
    enum Event { Readable, Writable, Behind, Flushed, Gone, Listen }
}

/// Where the unsent bytes of a connection begin and end.
struct Unsent {
    from: usize,
    to: usize,
}

ptk_core::transitions! {
    /// A connection sends back what it receives, and reads no more while something is unsent; the listener takes connections.
    chart Echo {
        states: State, events: Event,
        data: Unsent,
        context<'a>: Context<'a>,
        start: Data;

        table {
            Data + Readable / echo;
            Data + Behind / pause => Room;
            Room + Writable / flush;
            Room + Flushed / resume => Data;
            Data + Listen => Connection;
            Connection + Readable / accept;
            * + Gone / close => Data;
        }
    }
}

type Turn<'t, 'c> = Cx<'t, 'c, Echo>;

fn source(cx: &Turn) -> SourceId {
    cx.context.source().expect("sockets are the only sources")
}

/// The hot path: part of the loop.
#[inline(always)]
fn echo(unsent: &mut Unsent, cx: &mut Turn, _: Event) {
    let source = source(cx);
    let mut chunk = Chunk::<CHUNK>::new();
    let bytes = match cx.context.receive_chunk(source, &mut chunk) {
        Ok(ReceivedBytes::Data(bytes)) => bytes,
        Ok(ReceivedBytes::WouldBlock) => return,
        Ok(ReceivedBytes::EndOfStream) | Err(_) => return raise(cx, Event::Gone),
    };
    match cx.context.send_what_fits(source, bytes) {
        Ok([]) => {}
        Ok(rest) => {
            let mut behind = BEHIND.try_borrow().expect("one action at a time");
            behind[source.slot()][..rest.len()].copy_from_slice(rest);
            *unsent = Unsent {
                from: 0,
                to: rest.len(),
            };
            raise(cx, Event::Behind);
        }
        Err(_) => raise(cx, Event::Gone),
    }
}

fn flush(unsent: &mut Unsent, cx: &mut Turn, _: Event) {
    let source = source(cx);
    let behind = BEHIND.try_borrow().expect("one action at a time");
    match cx
        .context
        .send(source, &behind[source.slot()][unsent.from..unsent.to])
    {
        Ok(Sent::All(_)) => raise(cx, Event::Flushed),
        Ok(sent) => unsent.from += sent.bytes(),
        Err(_) => raise(cx, Event::Gone),
    }
}

fn pause(_: &mut Unsent, cx: &mut Turn, _: Event) {
    let _ = cx.context.pause(source(cx));
}

fn resume(_: &mut Unsent, cx: &mut Turn, _: Event) {
    let _ = cx.context.resume(source(cx));
}

fn close(_: &mut Unsent, cx: &mut Turn, _: Event) {
    let _ = cx.context.close(source(cx));
}

fn accept(_: &mut Unsent, cx: &mut Turn, _: Event) {
    let listener = source(cx);
    while let Ok(Some((socket, _))) = cx.context.accept(listener) {
        if let Some(stream) = socket.stream() {
            let _ = stream.set_nodelay(true);
        }
        let watch = Watch::new()
            .readable(Event::Readable)
            .writable(Event::Writable)
            .closed(Event::Gone);
        // A connection for which there is no room is dropped here, and so refused.
        let _ = cx.context.attach(socket, watch);
    }
}

#[inline]
fn raise(cx: &mut Turn, event: Event) {
    cx.raise(event).expect("an action raises one event");
}

/// Hands sources to machines: the one with the slot's number.
struct Server {
    machines: [Machine<Echo>; SOURCES],
}

impl Handler for Server {
    #[inline(always)]
    fn on_event(&mut self, cx: &mut Context, event: ptk_core::event_loop::Event) {
        let source = event.source().expect("sockets are the only sources");
        self.machines[source.slot()].on_event(cx, event);
    }
}

fn main() -> ExitCode {
    let port = std::env::args()
        .next_back()
        .and_then(|port| port.parse().ok());
    let Some(port) = port else {
        eprintln!("usage: echo PORT");
        return ExitCode::from(2);
    };
    match serve(port) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("echo: 127.0.0.1:{port}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn serve(port: u16) -> Result<(), Error> {
    let mut event_loop: EventLoop<SOURCES> = EventLoop::new()?;
    event_loop.stop_on_signals()?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port).into())?;
    let watch = Watch::new().readable(Event::Readable);
    let listener = event_loop
        .context()
        .attach(listener, watch)
        .map_err(|(error, _)| error)?;
    let mut server = Server {
        machines: [const { Machine::new(Unsent { from: 0, to: 0 }) }; SOURCES],
    };
    let _ = server.machines[listener.slot()].handle(&mut event_loop.context(), Event::Listen);
    println!("READY");
    event_loop.run(&mut server)?;
    Ok(())
}
