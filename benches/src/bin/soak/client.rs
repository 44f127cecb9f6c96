//! The clients: each does what chance gave it to do, and another follows it.

use std::net::SocketAddr;
use std::time::{Duration, Instant as WallClock};

use benches::random::Random;
use ptk_core::Error;
use ptk_core::event_loop::{Context, Event, EventLoop, Handler, Kind, SourceId, Watch};
use ptk_core::net::{Half, Received, Sent};

use crate::CROWD;

type Loop = EventLoop<CROWD, CROWD, 64>;

/// How long the clients that are in order may take to end, once no new ones come.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a client does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Manner {
    /// Messages of any length; the next one when all of the last has come back.
    InOrder,
    /// The same, a byte at a time.
    ByteByByte,
    /// Sends all it has and does not read for a while.
    Stalls,
    /// Sends as long as there is room, never reads, resets after a while.
    NeverReads,
    /// Sends something and resets at once.
    Resets,
}

/// One client, by its slot.
#[derive(Clone)]
struct Client {
    manner: Manner,
    source: Option<SourceId>,
    /// What its bytes are made of.
    seed: u8,
    /// How many bytes it sends in all, how many it offers at a time.
    total: usize,
    step: usize,
    sent: usize,
    returned: usize,
    reading: bool,
    finished: bool,
}

pub struct Report {
    pub connections: u64,
    pub in_order: u64,
    pub resets: u64,
    pub bytes: u64,
    pub lost: u64,
    pub leaked: u64,
}

struct Clients {
    address: SocketAddr,
    random: Random,
    clients: Vec<Client>,
    closing: bool,
    report: Report,
}

/// The byte at a place of a client's stream.
fn byte(seed: u8, place: usize) -> u8 {
    (place as u8)
        .wrapping_mul(7)
        .wrapping_add((place >> 8) as u8)
        ^ seed
}

pub fn run(address: SocketAddr, duration: Duration) -> Result<Report, Error> {
    let mut event_loop = Box::new(Loop::new()?);
    let nobody = Client {
        manner: Manner::InOrder,
        source: None,
        seed: 0,
        total: 0,
        step: 0,
        sent: 0,
        returned: 0,
        reading: true,
        finished: false,
    };
    let mut clients = Clients {
        address,
        random: Random(3),
        clients: vec![nobody; CROWD],
        closing: false,
        report: Report {
            connections: 0,
            in_order: 0,
            resets: 0,
            bytes: 0,
            lost: 0,
            leaked: 0,
        },
    };
    for _ in 0..CROWD {
        clients.connect(&mut event_loop.context())?;
    }
    event_loop.run_for(&mut clients, duration)?;
    clients.closing = true;
    let begin = WallClock::now();
    while event_loop.counters().sources > 0 && begin.elapsed() < PATIENCE {
        event_loop.turn(&mut clients, Some(Duration::from_millis(100)))?;
    }
    // Who has not ended by now has lost what it waits for.
    let mut report = clients.report;
    for client in clients
        .clients
        .iter()
        .filter(|client| client.source.is_some())
    {
        report.lost += (client.total - client.returned).max(1) as u64;
    }
    report.leaked += u64::from(event_loop.counters().sources);
    Ok(report)
}

impl Handler for Clients {
    fn on_event(&mut self, cx: &mut Context, event: Event) {
        match event.kind {
            Kind::Connected(source) | Kind::Writable(source) => self.push(cx, source),
            Kind::Readable(source) => self.take(cx, source),
            Kind::Closed(source) => self.ended(cx, source, None),
            Kind::Failed(source, error) => self.ended(cx, source, Some(error)),
            Kind::Timer { .. } => self.awake(cx, event.owner as usize),
            Kind::User { .. } | Kind::Signal { .. } => {}
        }
    }
}

impl Clients {
    fn connect(&mut self, cx: &mut Context) -> Result<(), Error> {
        let source = cx.connect(self.address, Watch::all())?;
        let manner = match self.random.below(10) {
            0 => Manner::ByteByByte,
            1 => Manner::Stalls,
            2 => Manner::NeverReads,
            3 => Manner::Resets,
            _ => Manner::InOrder,
        };
        let length = self.random.below(20_000) as usize + 1;
        let (total, step) = match manner {
            Manner::InOrder => (length, length.div_ceil(10)),
            Manner::ByteByByte => (length / 100 + 1, 1),
            Manner::Stalls => (length, length),
            Manner::NeverReads => (usize::MAX, 4096),
            Manner::Resets => (length, length),
        };
        self.report.connections += 1;
        self.clients[source.slot()] = Client {
            manner,
            source: Some(source),
            seed: self.random.below(256) as u8,
            total,
            step,
            sent: 0,
            returned: 0,
            reading: true,
            finished: false,
        };
        if matches!(manner, Manner::Stalls | Manner::NeverReads) {
            let client = &mut self.clients[source.slot()];
            client.reading = false;
            cx.pause(source)?;
            let after = Duration::from_micros(10_000 + self.random.below(400_000));
            cx.start_timer(after, source.slot() as u32, 0_u16)?;
        }
        Ok(())
    }

    /// Sends what is to be sent now.
    fn push(&mut self, cx: &mut Context, source: SourceId) {
        let client = &mut self.clients[source.slot()];
        let until = match client.manner {
            Manner::InOrder | Manner::ByteByByte => {
                // The message under way, or the next one.
                (client.returned + client.step)
                    .min(client.total)
                    .max(client.sent)
            }
            _ => client.total,
        };
        let mut chunk = [0; 4096];
        while client.sent < until {
            let length = (until - client.sent).min(chunk.len());
            for (place, to) in chunk[..length].iter_mut().enumerate() {
                *to = byte(client.seed, client.sent + place);
            }
            match cx.send(source, &chunk[..length]) {
                Ok(Sent::WouldBlock) => break,
                Ok(sent) => client.sent += sent.bytes(),
                Err(error) => return self.ended(cx, source, Some(error)),
            }
        }
        if client.manner == Manner::Resets {
            self.reset(cx, source);
        }
    }

    fn take(&mut self, cx: &mut Context, source: SourceId) {
        let client = &mut self.clients[source.slot()];
        let mut chunk = [0; 4096];
        let count = match cx.receive(source, &mut chunk) {
            Ok(Received::Data(count)) => count,
            Ok(Received::WouldBlock) => return,
            Ok(Received::EndOfStream) => return self.ended(cx, source, None),
            Err(error) => return self.ended(cx, source, Some(error)),
        };
        let wrong = chunk[..count]
            .iter()
            .enumerate()
            .filter(|&(place, got)| *got != byte(client.seed, client.returned + place));
        self.report.lost += wrong.count() as u64;
        client.returned += count;
        self.report.bytes += count as u64;
        if client.returned == client.total && !client.finished {
            client.finished = true;
            // The server sees the end, sends what it still has, and closes: that is told as the end of ours.
            if cx.shutdown(source, Half::Send).is_err() {
                self.ended(cx, source, Some(Error::NOT_CONNECTED));
            }
        } else if client.returned == client.sent {
            self.push(cx, source);
        }
    }

    /// A stall is over, or a client that never reads has had enough.
    fn awake(&mut self, cx: &mut Context, slot: usize) {
        let client = &mut self.clients[slot];
        let Some(source) = client.source else {
            return;
        };
        match client.manner {
            Manner::Stalls if !client.reading => {
                client.reading = true;
                let _ = cx.resume(source);
            }
            Manner::NeverReads => self.reset(cx, source),
            _ => {}
        }
    }

    fn reset(&mut self, cx: &mut Context, source: SourceId) {
        self.report.resets += 1;
        if let Ok(socket) = cx.socket(source)
            && let Some(stream) = socket.stream()
        {
            let _ = stream.set_linger(Some(Duration::ZERO));
        }
        self.replace(cx, source);
    }

    /// A connection has ended: in order, if all came back.
    fn ended(&mut self, cx: &mut Context, source: SourceId, error: Option<Error>) {
        let client = &self.clients[source.slot()];
        if client.finished && error.is_none() {
            self.report.in_order += 1;
        } else {
            // We reset connections, the server never does.
            eprintln!(
                "{:?}: ended after {} of {}: {error:?}",
                client.manner, client.returned, client.total
            );
            self.report.lost += (client.total - client.returned).max(1) as u64;
        }
        self.replace(cx, source);
    }

    fn replace(&mut self, cx: &mut Context, source: SourceId) {
        self.clients[source.slot()].source = None;
        let _ = cx.close(source);
        if !self.closing
            && let Err(error) = self.connect(cx)
        {
            eprintln!("a client cannot connect: {error}");
            self.report.lost += 1;
        }
    }
}
