//! Proof that nothing on the path allocates: the global allocator of this program aborts as soon as `main` has begun. (Not a test harness:
//! that one allocates. It prints its own result line.)
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ptk_core::event_loop::{
    Context, Ended, Event, EventLoop, Handler, Kind, Remote, SourceId, Watch,
};
use ptk_core::machine::{Cx, Machine};
use ptk_core::net::{Received, Sent, TcpListener, UdpSocket, UnixStream};

struct Aborting;

static ARMED: AtomicBool = AtomicBool::new(false);

// SAFETY: hands everything to the system's allocator, whose contract is the same, or aborts.
unsafe impl GlobalAlloc for Aborting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if ARMED.load(Ordering::Relaxed) {
            std::process::abort();
        }
        // SAFETY: the caller keeps the contract of `GlobalAlloc::alloc`, which is passed on unchanged.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller got `pointer` from `alloc` above with this layout, and so from the system's allocator.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Aborting = Aborting;

static REMOTE: Remote = Remote::new();

ptk_core::symbols! {
    enum State { Idle, Waiting, Done }
    enum Step { Connected, Reply, Tick, User, Gone }
}
ptk_core::transitions! {
    chart Client {
        states: State, events: Step, data: Session, context<'a>: Context<'a>, start: Idle;
        table {
            Idle + Connected / ask => Waiting;
            Waiting + Reply / count;
            * + Tick / tick;
            * + Gone / done => Done;
            * + User;
        }
    }
}

struct Session {
    stream: Option<SourceId>,
    replies: u32,
    ticks: u64,
}

const ROUNDS: u32 = 200;

fn ask(session: &mut Session, cx: &mut Cx<'_, '_, Client>, _: Step) {
    if let Some(stream) = session.stream {
        assert!(matches!(cx.context.send(stream, b"ping"), Ok(Sent::All(4))));
    }
}

fn count(session: &mut Session, cx: &mut Cx<'_, '_, Client>, step: Step) {
    let mut buffer = [0; 16];
    let Some(stream) = session.stream else { return };
    if let Ok(Received::Data(4)) = cx.context.receive(stream, &mut buffer) {
        session.replies += 1;
        if session.replies < ROUNDS {
            ask(session, cx, step);
        }
    }
}

fn tick(session: &mut Session, cx: &mut Cx<'_, '_, Client>, _: Step) {
    if let Kind::Timer { missed, .. } = cx.context.event().kind {
        session.ticks += 1 + u64::from(missed);
    }
}

fn done(_: &mut Session, cx: &mut Cx<'_, '_, Client>, _: Step) {
    cx.context.stop();
}

/// The echo server and the client on one loop.
struct Both {
    listener: SourceId,
    datagrams: SourceId,
    client: Machine<Client>,
    raised: bool,
}

const SERVER: u32 = 1;

impl Handler for Both {
    fn on_event(&mut self, cx: &mut Context, event: Event) {
        if event.owner != SERVER {
            self.client.on_event(cx, event);
            if self.client.data.replies == ROUNDS && !self.raised {
                self.raised = true;
                REMOTE.stop();
            }
            return;
        }
        let mut buffer = [0; 512];
        match event.kind {
            Kind::Readable(source) if source == self.listener => {
                while let Ok(Some((socket, _))) = cx.accept(source) {
                    let _ = cx.attach(socket, Watch::all().owner(SERVER));
                }
            }
            Kind::Readable(source) if source == self.datagrams => {
                if let Ok((_, Some(from))) = cx.receive_from(source, &mut buffer) {
                    let _ = cx.send_to(source, b"back", from);
                }
            }
            Kind::Readable(source) => {
                if let Ok(Received::Data(length)) = cx.receive(source, &mut buffer) {
                    let _ = cx.send(source, &buffer[..length]);
                }
            }
            Kind::Closed(source) | Kind::Failed(source, _) => {
                let _ = cx.close(source);
            }
            _ => {}
        }
    }
}

fn main() {
    ARMED.store(true, Ordering::Relaxed);
    run().unwrap_or_else(|error| {
        ARMED.store(false, Ordering::Relaxed);
        panic!("{error}");
    });
    ARMED.store(false, Ordering::Relaxed);
    println!("loop, timers, sockets, machines and user events without the heap");
    println!("test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out");
}

fn run() -> Result<(), ptk_core::Error> {
    let local = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let mut event_loop: EventLoop = EventLoop::with_remote(&REMOTE)?;
    let listener = TcpListener::bind(local)?;
    let address = listener.local_addr()?;
    let datagrams = UdpSocket::bind(local)?;
    let datagram_address = datagrams.local_addr()?;
    let other = UdpSocket::bind(local)?;
    let (pair, _kept) = UnixStream::pair()?;

    let mut cx = event_loop.context();
    let all = Watch::all().owner(SERVER);
    let listener = cx.attach(listener, all).map_err(|(error, _)| error)?;
    let datagrams = cx.attach(datagrams, all).map_err(|(error, _)| error)?;
    let pair = cx.attach(pair, all).map_err(|(error, _)| error)?;
    let watch = Watch::new()
        .connected(Step::Connected)
        .readable(Step::Reply)
        .closed(Step::Gone);
    let stream = cx.connect(address, watch)?;
    cx.start_periodic(Duration::from_micros(500), 0, Step::Tick)?;
    let cancelled = cx.start_timer(Duration::from_secs(9), 0, Step::Gone)?;
    assert!(cx.cancel_timer(cancelled));
    let (_, raiser) = cx.attach_user(0, Step::User)?;
    let _ = other.send_to(b"hello", datagram_address)?;
    cx.detach(pair)?;
    raiser.raise(1)?;

    let session = Session {
        stream: Some(stream),
        replies: 0,
        ticks: 0,
    };
    let mut both = Both {
        listener,
        datagrams,
        client: Machine::new(session),
        raised: false,
    };
    let ended = event_loop.run_for(&mut both, Duration::from_secs(60))?;
    assert_eq!(ended, Ended::Stopped);
    assert_eq!(both.client.data.replies, ROUNDS);
    // A slow clock may have had no whole half millisecond for a tick: wait for one.
    while both.client.data.ticks == 0 {
        event_loop.turn(&mut both, None)?;
    }
    Ok(())
}
