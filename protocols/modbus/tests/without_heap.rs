//! Server, client and poller on the event loop, over loopback, in a program whose allocator aborts once it has begun; then the async
//! client and server in the same manner.

use std::alloc::{GlobalAlloc, Layout, System};
use std::future::{Future, poll_fn};
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use ptk_core::aio::{self, IoDriver, IoSlots};
use ptk_core::event_loop::{Context, Event, EventLoop, Handler};
use ptk_core::net::TcpListener;
use ptk_modbus::aio::{CallError, Client as AsyncClient, Server as AsyncServer};
use ptk_modbus::client::{self, Failure};
use ptk_modbus::glue::{Link, Polled, Seat, Server};
use ptk_modbus::poller::{Area, Group, Limits, Observer, Poller, Quality, Tag, Value};
use ptk_modbus::server::{self, Access, Device, OneUnit, RegisterBlock, TableMap};
use ptk_modbus::value::{Kind, Scalar};
use ptk_modbus::{MILLISECOND, SECOND};

static ARMED: AtomicBool = AtomicBool::new(false);

/// The system's allocator, until armed.
struct Aborts;

// SAFETY: it is the system's allocator, which keeps the contract, or the process ends.
unsafe impl GlobalAlloc for Aborts {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if ARMED.load(Ordering::SeqCst) {
            std::process::abort();
        }
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise is passed on; the pointer is the system's.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Aborts = Aborts;

const DEVICES: usize = 4;
/// The owners of links begin above the server's.
const FIRST_LINK: u32 = 1000;
const SAMPLES: u64 = 200;

/// Counts samples and holds the first wrong one.
#[derive(Clone, Copy, Default)]
struct Count {
    samples: u64,
    wrong: Option<u64>,
}

impl Observer for Count {
    fn sampled(&mut self, tag: &Tag, value: Value<'_>, _changed: bool, _now: u64) {
        self.samples += 1;
        let expected = Value::Number(Scalar::Unsigned(u64::from(tag.address) * 7));
        if value != expected || tag.quality != Quality::Good {
            self.wrong = Some(u64::from(tag.address));
        }
    }
}

struct Plant<'a, 's, 't> {
    server: Server<'s, OneUnit<TableMap<'t>>>,
    links: [Link<Polled<'a, Count>>; DEVICES],
}

impl Handler for Plant<'_, '_, '_> {
    fn on_event(&mut self, cx: &mut Context<'_>, event: Event) {
        match event.owner.checked_sub(FIRST_LINK) {
            Some(link) => self.links[link as usize].on_event(cx, event),
            None => self.server.on_event(cx, event),
        }
        if self
            .links
            .iter()
            .all(|link| link.caller.observer.samples >= SAMPLES)
        {
            cx.stop();
        }
    }
}

fn main() {
    callbacks();
    tasks();
}

static SLOTS: IoSlots<16> = IoSlots::new();

/// Two tasks of a server, two clients with several callers each, and a timeout.
fn tasks() {
    let mut values: [u16; 64] = std::array::from_fn(|address| address as u16 * 7);
    let mut blocks = [RegisterBlock::new(0, &mut values, Access::ReadWrite)];
    let map = TableMap::new().holding_registers(&mut blocks);
    let device = Device::new(OneUnit::new(1, map));
    let server = AsyncServer::new(device, server::Config::DEFAULT, 2);
    let driver = IoDriver::new(&SLOTS).expect("a driver");
    // What the standard library sets up for the thread's handle is not ours.
    let _ = std::thread::current();
    ARMED.store(true, Ordering::SeqCst);
    let ended = aio::block_on(driver, async {
        let listener = aio::net::TcpListener::bind("127.0.0.1:0").await?;
        let target = listener.local_addr()?;
        let config = client::Config {
            request_timeout: 60 * SECOND,
            ..client::Config::DEFAULT
        };
        let one: AsyncClient<2> = AsyncClient::new(target, config, 1);
        let other: AsyncClient<2> = AsyncClient::new(target, config, 2);
        let clients = both(
            one.during(both(reads(&one), both(reads(&one), reads(&one)))),
            other.during(both(reads(&other), late(&other))),
        );
        server
            .during(&listener, both(clients, pin_run(&server, &listener)))
            .await;
        Ok::<(), ptk_core::Error>(())
    });
    ARMED.store(false, Ordering::SeqCst);
    ended.expect("the driver runs").expect("sockets");
    println!(
        "{} requests of tasks served without the heap",
        server.device().statistics.requests
    );
}

/// A second worker, until the story has been told.
async fn pin_run<U: server::Units>(server: &AsyncServer<U>, listener: &aio::net::TcpListener) {
    let mut run = pin!(server.run(listener));
    poll_fn(|cx| {
        let enough = server.device().statistics.requests > 4 * SAMPLES;
        if run.as_mut().poll(cx).is_ready() || enough {
            return Poll::Ready(());
        }
        Poll::Pending
    })
    .await;
}

async fn both<A: Future, B: Future>(one: A, other: B) {
    let (mut one, mut other) = (pin!(one), pin!(other));
    let (mut first, mut second) = (false, false);
    poll_fn(|cx| {
        first = first || one.as_mut().poll(cx).is_ready();
        second = second || other.as_mut().poll(cx).is_ready();
        if first && second {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}

async fn reads(client: &AsyncClient<2>) {
    let mut values = [0; 10];
    for _ in 0..SAMPLES {
        let read = client.read_holding_registers(1, 10, &mut values).await;
        assert_eq!(read, Ok(()));
        assert_eq!(values[9], 19 * 7);
    }
}

/// A call that has no time at all: it is forgotten, and its reply thrown away.
async fn late(client: &AsyncClient<2>) {
    let mut reply = [0; 253];
    let read = Area::HoldingRegisters.read(0, 1);
    loop {
        let call = client.request_within(1, &read, &mut reply, Duration::from_nanos(1));
        match call.await {
            Err(CallError::NotConnected(_) | CallError::Busy) => {
                aio::time::sleep(Duration::from_millis(1)).await;
            }
            Err(CallError::Failed(Failure::TimedOut)) => return,
            other => panic!("{other:?}"),
        }
    }
}

fn callbacks() {
    let mut values: [u16; 64] = std::array::from_fn(|address| address as u16 * 7);
    let mut blocks = [RegisterBlock::new(0, &mut values, Access::ReadWrite)];
    let map = TableMap::new().holding_registers(&mut blocks);
    let mut seats = [Seat::EMPTY; DEVICES];
    let device = Device::new(OneUnit::new(1, map));
    let mut server = Server::new(device, server::Config::DEFAULT, &mut seats);

    let mut event_loop: EventLoop = EventLoop::new().expect("a loop");
    let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
    let listener = listener.expect("a listener");
    let target = listener.local_addr().expect("its address");
    server
        .listen(&mut event_loop.context(), listener, 0)
        .expect("room for the listener");

    let mut tags: [[Tag; 4]; DEVICES] = std::array::from_fn(|_| {
        [0, 1, 10, 11].map(|address| {
            Tag::register(
                1,
                Area::HoldingRegisters,
                address,
                Kind::U16,
                2 * MILLISECOND,
            )
        })
    });
    let mut groups = [[Group::EMPTY; 4]; DEVICES];
    let mut parts = tags.iter_mut().zip(groups.iter_mut());
    let links = std::array::from_fn(|index| {
        let (tags, groups) = parts.next().expect("a part for each device");
        let poller = Poller::new(tags, groups, Limits::default(), 0).expect("tags in order");
        let polled = Polled::new(poller, Count::default(), 0);
        let owner = FIRST_LINK + index as u32;
        Link::new(target, client::Config::DEFAULT, index as u64, owner, polled)
    });
    let mut plant = Plant { server, links };

    ARMED.store(true, Ordering::SeqCst);
    for link in &mut plant.links {
        link.start(&mut event_loop.context());
    }
    let ended = event_loop.run_for(&mut plant, Duration::from_secs(60));
    ARMED.store(false, Ordering::SeqCst);

    ended.expect("the loop runs");
    for link in &plant.links {
        let count = link.caller.observer;
        assert_eq!(count.wrong, None);
        assert!(count.samples >= SAMPLES, "{} samples", count.samples);
        assert_eq!(link.client().statistics().timeouts, 0);
    }
    assert_eq!(plant.server.occupancy().open, DEVICES);
    println!(
        "{} requests served without the heap",
        plant.server.device.statistics.requests
    );
}
