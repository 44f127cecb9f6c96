//! A TCP echo server with a loop on each of several threads: `several_loops PORT [THREADS]`.
//!
//! Each loop listens on 127.0.0.1:PORT itself (`SO_REUSEPORT`). How a system spreads connections over such listeners is its own
//! affair; so each loop also deals what it accepts out to all of them in turn, through their mailboxes. A mailbox wakes its loop once for
//! a crowd. Prints READY; SIGINT and SIGTERM end all loops, and it prints how many connections each one served.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;

use ptk_core::Error;
use ptk_core::event_loop::{
    Context, Event, EventLoop, Handler, Kind, Raiser, Remote, SourceId, Watch,
};
use ptk_core::mailbox::{Mailbox, Receiver};
use ptk_core::net::{ListenOptions, Received, Sent, TcpListener};
use ptk_core::system::Socket;

const MOST_LOOPS: usize = 16;
/// Room for the sources of one loop.
const SOURCES: usize = 1024;
const CHUNK: usize = 4096;

type Loop = EventLoop<SOURCES>;

/// What other threads see of each loop, and the connections on their way to it.
static REMOTES: [Remote; MOST_LOOPS] = [const { Remote::new() }; MOST_LOOPS];
static INBOXES: [Mailbox<Socket, 64>; MOST_LOOPS] = [const { Mailbox::new() }; MOST_LOOPS];

/// One thread's part.
struct Worker {
    index: usize,
    listener: SourceId,
    inbox: Receiver<'static, Socket>,
    /// What wakes each loop.
    raisers: Vec<Raiser>,
    next: usize,
    served: u64,
    /// What a connection could not send at once, by slot. Its connection is not read from meanwhile.
    unsent: Vec<Vec<u8>>,
}

impl Handler for Worker {
    fn on_event(&mut self, cx: &mut Context, event: Event) {
        match event.kind {
            Kind::Readable(source) if source == self.listener => {
                while let Ok(Some((socket, _))) = cx.accept(source) {
                    self.deal(cx, socket);
                }
            }
            Kind::User { .. } => {
                while let Some(socket) = self.inbox.recv() {
                    self.serve(cx, socket);
                }
            }
            Kind::Readable(source) => {
                let mut chunk = [0; CHUNK];
                if let Ok(Received::Data(count)) = cx.receive(source, &mut chunk) {
                    self.unsent[source.slot()].extend_from_slice(&chunk[..count]);
                    self.flush(cx, source);
                }
            }
            Kind::Writable(source) => self.flush(cx, source),
            Kind::Closed(source) | Kind::Failed(source, _) => {
                self.unsent[source.slot()].clear();
                let _ = cx.close(source);
            }
            Kind::Connected(_) | Kind::Timer { .. } | Kind::Signal { .. } => {}
        }
    }
}

impl Worker {
    /// Gives a connection to the loop whose turn it is, or keeps it where that one's mailbox is full.
    fn deal(&mut self, cx: &mut Context, socket: Socket) {
        let to = self.next;
        self.next = (to + 1) % self.raisers.len();
        if to == self.index {
            return self.serve(cx, socket);
        }
        let raiser = self.raisers[to];
        let sender = INBOXES[to].sender(|| {
            // Fails where the other loop has ended; it needs no waking then.
            let _ = raiser.raise(1);
        });
        if let Err(full) = sender.send(socket) {
            self.serve(cx, full.0);
        }
    }

    fn serve(&mut self, cx: &mut Context, socket: Socket) {
        // A connection for which there is no room comes back, and is refused by dropping it.
        if let Ok(source) = cx.attach(socket, Watch::all()) {
            self.unsent[source.slot()].clear();
            self.served += 1;
            let _ = cx.set_nodelay(source, true);
        }
    }

    fn flush(&mut self, cx: &mut Context, source: SourceId) {
        let unsent = &mut self.unsent[source.slot()];
        while !unsent.is_empty() {
            match cx.send(source, unsent) {
                Ok(Sent::WouldBlock) => break,
                Ok(sent) => drop(unsent.drain(..sent.bytes())),
                Err(_) => {
                    unsent.clear();
                    let _ = cx.close(source);
                    return;
                }
            }
        }
        let _ = if unsent.is_empty() {
            cx.resume(source)
        } else {
            cx.pause(source)
        };
    }
}

fn main() -> ExitCode {
    let numbers: Vec<Option<usize>> = std::env::args()
        .skip(1)
        .map(|word| word.parse().ok())
        .collect();
    let (port, threads) = match numbers[..] {
        [Some(port)] => (port, 2),
        [Some(port), Some(threads @ 1..=MOST_LOOPS)] => (port, threads),
        _ => (usize::MAX, 0),
    };
    let Ok(port) = u16::try_from(port) else {
        eprintln!("usage: several_loops PORT [THREADS], at most {MOST_LOOPS}");
        return ExitCode::from(2);
    };
    match run((Ipv4Addr::LOCALHOST, port).into(), threads) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("several_loops: 127.0.0.1:{port}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(address: SocketAddr, threads: usize) -> Result<(), Error> {
    let mut loops = Vec::new();
    let mut raisers = Vec::new();
    for (index, remote) in REMOTES.iter().enumerate().take(threads) {
        let mut event_loop = Box::new(Loop::with_remote(remote)?);
        if index == 0 {
            // Before other threads are started, so that they inherit what is blocked.
            event_loop.stop_on_signals()?;
        }
        let (_, raiser) = event_loop.context().attach_user(0, 0_u16)?;
        raisers.push(raiser);
        let options = ListenOptions::new().share_port(threads > 1);
        let listener = TcpListener::bind_with(address, &options)?;
        let attached = event_loop.context().attach(listener, Watch::all());
        loops.push((event_loop, attached.map_err(|(error, _)| error)?));
    }
    println!("READY");
    let work = |index: usize, mut event_loop: Box<Loop>, listener: SourceId| {
        let mut worker = Worker {
            index,
            listener,
            inbox: INBOXES[index].receiver().expect("one for each loop"),
            raisers: raisers.clone(),
            next: index,
            served: 0,
            unsent: vec![Vec::new(); SOURCES],
        };
        event_loop.run(&mut worker).map(|_| worker.served)
    };
    std::thread::scope(|scope| {
        let mut threads = Vec::new();
        let mut loops = loops.into_iter().enumerate();
        let first = loops.next();
        for (index, (event_loop, listener)) in loops {
            let work = &work;
            threads.push(scope.spawn(move || work(index, event_loop, listener)));
        }
        let mut served = Vec::new();
        if let Some((index, (event_loop, listener))) = first {
            served.push(work(index, event_loop, listener));
        }
        for remote in &REMOTES {
            remote.stop();
        }
        served.extend(
            threads
                .into_iter()
                .map(|thread| thread.join().expect("a loop")),
        );
        for (index, served) in served.into_iter().enumerate() {
            println!("loop {index}: {} connections", served?);
        }
        Ok(())
    })
}
