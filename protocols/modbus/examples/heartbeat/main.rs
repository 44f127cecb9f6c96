//! A protocol of one's own on the toolkit: length-prefixed calls and answers with a heartbeat, over loopback.
//!
//! `wire.rs` has the bytes, `peer.rs` the machine, this file the glue that runs them on the event loop. The guide
//! `WRITE_YOUR_OWN.md` walks through all three; `tests/heartbeat.rs` tests the first two on a simulated network.

mod peer;
mod wire;

use core::net::{Ipv4Addr, SocketAddr};
use core::time::Duration;

use ptk_core::Error;
use ptk_core::event_loop::{Context, Event, EventLoop, Handler, Kind, SourceId, Watch};
use ptk_core::net::{Received, TcpListener};
use ptk_core::time::Instant;
use ptk_core::timer::TimerId;

use peer::{Config, Peer};
use wire::Message;

const CONFIG: Config = Config {
    ping_after: 20_000_000,
    dead_after: 200_000_000,
};

/// A machine with its socket and its timer.
struct Line {
    source: SourceId,
    timer: TimerId,
    peer: Peer,
}

/// Both ends in one process: the one that calls and the one that answers.
struct Program {
    listener: SourceId,
    caller: Option<Line>,
    answerer: Option<Line>,
    calls: u8,
}

impl Program {
    /// Runs a machine after something happened to it: bytes out, deadline to the timer, end.
    fn settle(cx: &mut Context<'_>, slot: &mut Option<Line>) -> Result<(), Error> {
        let Some(line) = slot else { return Ok(()) };
        while !line.peer.poll_transmit().is_empty() {
            let count = cx.send(line.source, line.peer.poll_transmit())?.bytes();
            line.peer.transmitted(count);
            if count == 0 {
                break;
            }
        }
        if let Some(reason) = line.peer.poll_close() {
            println!("closed: {reason}");
            cx.cancel_timer(line.timer);
            cx.close(line.source)?;
            *slot = None;
        } else if let Some(due) = line.peer.poll_timeout() {
            cx.rearm_timer(line.timer, Instant::from_nanos(due))?;
        }
        Ok(())
    }

    fn open(cx: &mut Context<'_>, source: SourceId) -> Result<Line, Error> {
        let now = cx.now();
        let timer = cx.start_timer(Duration::from_nanos(CONFIG.ping_after), 0, 0_u16)?;
        Ok(Line {
            source,
            timer,
            peer: Peer::new(CONFIG, now.as_nanos()),
        })
    }

    fn step(&mut self, cx: &mut Context<'_>, event: Event) -> Result<(), Error> {
        let now = cx.now().as_nanos();
        match event.kind {
            Kind::Readable(source) if source == self.listener => {
                while let Some((socket, _)) = cx.accept(source)? {
                    let source = cx
                        .attach(socket, Watch::all())
                        .map_err(|(error, _)| error)?;
                    self.answerer = Some(Self::open(cx, source)?);
                }
            }
            Kind::Connected(source) => {
                let mut line = Self::open(cx, source)?;
                let _ = line.peer.send(&Message::Call {
                    id: 0,
                    text: b"how are you?",
                });
                self.caller = Some(line);
            }
            _ => {}
        }
        for slot in [&mut self.caller, &mut self.answerer] {
            let Some(line) = slot else { continue };
            match event.kind {
                Kind::Readable(source) if source == line.source => {
                    match cx.receive(source, line.peer.receive_buffer())? {
                        Received::Data(count) => line.peer.received(count, now),
                        Received::EndOfStream => line.peer.handle_end(),
                        Received::WouldBlock => {}
                    }
                }
                Kind::Closed(source) | Kind::Failed(source, _) if source == line.source => {
                    line.peer.handle_end();
                }
                Kind::Timer { timer, .. } if timer == line.timer => {
                    println!("silence: a ping");
                    line.peer.handle_timeout(now);
                }
                _ => {}
            }
        }
        self.answer();
        self.ask(cx);
        Self::settle(cx, &mut self.caller)?;
        Self::settle(cx, &mut self.answerer)
    }

    /// What the answering program does with a call: says it backwards.
    fn answer(&mut self) {
        let Some(line) = &mut self.answerer else {
            return;
        };
        while let Some(message) = line.peer.poll_message() {
            let Message::Call { id, text } = message else {
                continue;
            };
            let mut reversed = [0; wire::MAX_TEXT];
            let length = text.len();
            reversed[..length].copy_from_slice(text);
            reversed[..length].reverse();
            let _ = line.peer.send(&Message::Answer {
                id,
                text: &reversed[..length],
            });
        }
    }

    /// What the calling program does with an answer: three calls at once, then it waits for two heartbeats and stops.
    fn ask(&mut self, cx: &mut Context<'_>) {
        let Some(line) = &mut self.caller else { return };
        while let Some(message) = line.peer.poll_message() {
            let Message::Answer { id, text } = message else {
                continue;
            };
            println!("answer {id}: {}", String::from_utf8_lossy(text));
            self.calls += 1;
            if self.calls < 3 {
                let _ = line.peer.send(&Message::Call {
                    id: self.calls,
                    text: b"and now?",
                });
            } else {
                let _ = cx.start_timer(Duration::from_millis(50), 0, STOP);
            }
        }
    }
}

const STOP: u16 = 1;

impl Handler for Program {
    fn on_event(&mut self, cx: &mut Context<'_>, event: Event) {
        if matches!(event.kind, Kind::Timer { .. }) && event.code == STOP {
            return cx.stop();
        }
        if let Err(error) = self.step(cx, event) {
            eprintln!("heartbeat: {error}");
            cx.stop();
        }
    }
}

fn main() -> Result<(), Error> {
    let mut event_loop: EventLoop = EventLoop::new()?;
    let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
    let address = listener.local_addr()?;
    let mut cx = event_loop.context();
    let listener = cx
        .attach(listener, Watch::all())
        .map_err(|(error, _)| error)?;
    cx.connect(address, Watch::all())?;
    let mut program = Program {
        listener,
        caller: None,
        answerer: None,
        calls: 0,
    };
    event_loop.run_for(&mut program, Duration::from_secs(5))?;
    println!("{} answers", program.calls);
    Ok(())
}
