//! Peers that come ten thousand times, send byte by byte, never read, or reset: bounded memory, and the others are served.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream as StdStream};
use std::time::Duration;

use ptk_core::event_loop::{Context, Event, EventLoop, Handler, Kind, Remote, SourceId, Watch};
use ptk_core::net::{Received, Sent, TcpListener, TcpStream};

/// Echoes; who does not read is not read from.
struct Echo {
    listener: SourceId,
    unsent: [Vec<u8>; 64],
    most_unsent: usize,
    ended: u64,
}

impl Handler for Echo {
    fn on_event(&mut self, cx: &mut Context, event: Event) {
        match event.kind {
            Kind::Readable(source) if source == self.listener => {
                while let Ok(Some((socket, _))) = cx.accept(source) {
                    if let Err((_, socket)) = cx.attach(socket, Watch::all()) {
                        cx.discard(socket);
                    }
                }
            }
            Kind::Readable(source) => {
                let mut buffer = [0; 4096];
                if let Ok(Received::Data(count)) = cx.receive(source, &mut buffer) {
                    self.unsent[source.slot()].extend_from_slice(&buffer[..count]);
                    self.flush(cx, source);
                }
            }
            Kind::Writable(source) => self.flush(cx, source),
            Kind::Closed(source) | Kind::Failed(source, _) => {
                self.ended += 1;
                self.unsent[source.slot()].clear();
                cx.close(source).expect("attached");
            }
            _ => {}
        }
    }
}

impl Echo {
    fn flush(&mut self, cx: &mut Context, source: SourceId) {
        let unsent = &mut self.unsent[source.slot()];
        while !unsent.is_empty() {
            match cx.send(source, unsent) {
                Ok(Sent::WouldBlock) => break,
                Ok(sent) => drop(unsent.drain(..sent.bytes())),
                // Its end is told in a moment.
                Err(_) => unsent.clear(),
            }
        }
        self.most_unsent = self.most_unsent.max(unsent.len());
        let paused = if unsent.is_empty() {
            cx.resume(source)
        } else {
            cx.pause(source)
        };
        paused.expect("attached");
    }
}

fn server() -> (EventLoop, Echo, SocketAddr) {
    let mut event_loop = EventLoop::new().expect("a kqueue");
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0).into()).expect("a port");
    let address = listener.local_addr().expect("bound");
    let listener = event_loop
        .context()
        .attach(listener, Watch::all())
        .expect("room");
    let echo = Echo {
        listener,
        unsent: [const { Vec::new() }; 64],
        most_unsent: 0,
        ended: 0,
    };
    (event_loop, echo, address)
}

/// Runs the loop on this thread while `client` runs on another.
fn serve<R: Send>(
    remote: &'static Remote,
    client: impl FnOnce(SocketAddr) -> R + Send,
) -> (EventLoop, Echo, R) {
    let (mut event_loop, mut echo, address) = server();
    event_loop.set_remote(remote).expect("free");
    let result = std::thread::scope(|scope| {
        let client = scope.spawn(move || {
            /// Ends the loop even if the client fails.
            struct Stop(&'static Remote);
            impl Drop for Stop {
                fn drop(&mut self) {
                    self.0.stop();
                }
            }
            let _stop = Stop(remote);
            client(address)
        });
        event_loop.run(&mut echo).expect("the wait works");
        client.join()
    });
    let result = result.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    (event_loop, echo, result)
}

fn exchange(stream: &mut StdStream, message: &[u8]) {
    stream.write_all(message).expect("sent");
    let mut answer = vec![0; message.len()];
    stream.read_exact(&mut answer).expect("answered");
    assert_eq!(answer, message);
}

#[test]
fn a_peer_that_connects_ten_thousand_times_takes_one_slot_at_a_time() {
    static REMOTE: Remote = Remote::new();
    let (mut event_loop, mut echo, ()) = serve(&REMOTE, |address| {
        let mut other = StdStream::connect(address).expect("listening");
        for round in 0..10_000_u32 {
            let stream = StdStream::connect(address).expect("listening");
            if round % 100 == 0 {
                exchange(&mut other, &round.to_le_bytes());
            }
            // Ends with a reset, so that no port waits for its old packets.
            let stream = TcpStream::try_from(stream).expect("a TCP stream");
            stream.set_linger(Some(Duration::ZERO)).expect("open");
        }
        // All that is over has been told when this is answered and nothing waits any more.
        exchange(&mut other, b"and still served");
    });
    event_loop
        .run_until_idle(&mut echo)
        .expect("the wait works");
    let counters = event_loop.counters();
    let came = counters.accepted + counters.accepts_aborted;
    // Some systems drop a connection that was reset before it was accepted, and tell nobody.
    assert!((2..=10_001).contains(&came), "{counters:?}");
    assert_eq!(
        counters.accepted,
        echo.ended + u64::from(counters.sources) - 1,
        "{counters:?}"
    );
    assert_eq!(
        counters.sources, 1,
        "the listener; the other peer is gone as well"
    );
    assert!(counters.most_sources <= 64);
}

#[test]
fn a_peer_that_never_reads_is_held_back_and_the_others_are_served() {
    static REMOTE: Remote = Remote::new();
    let (_, echo, sent) = serve(&REMOTE, |address| {
        let mut greedy = StdStream::connect(address).expect("listening");
        let mut other = StdStream::connect(address).expect("listening");
        greedy.set_nonblocking(true).expect("open");
        let (mut sent, mut refusals) = (0_usize, 0);
        while refusals < 50 {
            match greedy.write(&[7; 65_536]) {
                Ok(count) => sent += count,
                Err(error) => {
                    assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
                    refusals += 1;
                    // Meanwhile the server has had the time of a whole exchange.
                    exchange(&mut other, b"served");
                }
            }
        }
        sent
    });
    assert!(sent > 4096, "more than the server keeps: {sent}");
    assert!(
        echo.most_unsent <= 4096,
        "one chunk at the most: {}",
        echo.most_unsent
    );
}

#[test]
fn a_peer_that_sends_byte_by_byte_gets_each_byte_and_starves_nobody() {
    static REMOTE: Remote = Remote::new();
    let (event_loop, _, ()) = serve(&REMOTE, |address| {
        let mut slow = StdStream::connect(address).expect("listening");
        let mut other = StdStream::connect(address).expect("listening");
        slow.set_nodelay(true).expect("open");
        for byte in 0..=255_u8 {
            slow.write_all(&[byte]).expect("sent");
            exchange(&mut other, &[byte; 100]);
        }
        let mut answer = [0; 256];
        slow.read_exact(&mut answer).expect("answered");
        assert!(answer.iter().copied().eq(0..=255));
    });
    assert_eq!(event_loop.counters().accepted, 2);
}
