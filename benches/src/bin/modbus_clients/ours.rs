//! Ours: a link for each device on one loop, or a task for each in one room.

use std::net::SocketAddr;
use std::time::Duration;

use ptk_core::Result;
use ptk_core::aio::tasks::{TaskRoom, bytes_of};
use ptk_core::aio::{IoDriver, IoSlots, Notify};
use ptk_core::event_loop::{Context, Event, EventLoop, Handler};
use ptk_core::histogram::Histogram;
use ptk_modbus::aio;
use ptk_modbus::client::{self, Client, Config};
use ptk_modbus::codec::{Request, Response};
use ptk_modbus::glue::{Caller, Link, Measured, Polled};
use ptk_modbus::poller::{Area, Group, Limits, Poller, Tag, stagger};
use ptk_modbus::value::Kind;
use ptk_modbus::{MILLISECOND, SECOND};
use static_cell::StaticCell;

use crate::DEVICES;

const CONFIG: Config = Config {
    request_timeout: 10 * SECOND,
    ..Config::DEFAULT
};

type Loop = EventLoop<160, 160>;

/// Reads ten registers, again and again.
struct Reader {
    left: u64,
}

impl Caller<1> for Reader {
    fn told(&mut self, _now: u64, event: client::Event<'_>) {
        if let client::Event::Reply { response, .. } = event {
            let Response::ReadHoldingRegisters(values) = response else {
                panic!("{response:?}");
            };
            assert_eq!(values.get(9), Some(9));
            self.left -= 1;
        }
    }

    fn ask(&mut self, now: u64, client: &mut Client<1>) -> Option<u64> {
        if self.left > 0 && client.ready(now).is_ok() {
            let (address, quantity) = (0, 10);
            let request = Request::ReadHoldingRegisters { address, quantity };
            client.request(now, 1, &request, 0).expect("ready");
        }
        None
    }
}

struct Links<A, const N: usize> {
    links: Vec<Link<A, N>>,
    done: fn(&A) -> bool,
}

impl<A: Caller<N>, const N: usize> Handler for Links<A, N> {
    fn on_event(&mut self, cx: &mut Context<'_>, event: Event) {
        let link = &mut self.links[event.owner as usize];
        link.on_event(cx, event);
        if (self.done)(&link.caller) && self.links.iter().all(|link| (self.done)(&link.caller)) {
            cx.stop();
        }
    }
}

pub fn callbacks(target: SocketAddr, requests: u64) -> Result<u64> {
    let each = requests / DEVICES as u64;
    let mut event_loop: Loop = EventLoop::new()?;
    let mut plant: Links<Reader, 1> = Links {
        links: (0..DEVICES as u32)
            .map(|owner| Link::new(target, CONFIG, owner.into(), owner, Reader { left: each }))
            .collect(),
        done: |reader| reader.left == 0,
    };
    for link in &mut plant.links {
        link.start(&mut event_loop.context());
    }
    event_loop.run(&mut plant)?;
    Ok(each * DEVICES as u64)
}

static SLOTS: IoSlots<80, 160> = IoSlots::new();
static DONE: Notify = Notify::new();

async fn ask((client, count): (&'static aio::Client<1>, u64)) {
    let mut values = [0; 10];
    let reads = async {
        for _ in 0..count {
            let read = client.read_holding_registers(1, 0, &mut values).await;
            read.expect("a reply");
            assert_eq!(values[9], 9);
        }
    };
    client.during(reads).await;
    DONE.notify_one();
}

pub fn tasks(target: SocketAddr, requests: u64) -> Result<u64> {
    static TASKS: TaskRoom<DEVICES, { bytes_of(ask) }> = TaskRoom::new();
    static CLIENTS: StaticCell<[aio::Client<1>; DEVICES]> = StaticCell::new();
    let each = requests / DEVICES as u64;
    let clients = std::array::from_fn(|seed| aio::Client::new(target, CONFIG, seed as u64));
    let clients = &*CLIENTS.init(clients);
    let driver = IoDriver::new(&SLOTS)?;
    TASKS.run_until(driver, |tasks| async move {
        for client in clients {
            let spawned = tasks.spawn(ask((client, each)));
            assert!(spawned.is_ok(), "the room has a place for each");
        }
        while clients
            .iter()
            .map(|client| client.statistics().replies)
            .sum::<u64>()
            < each * DEVICES as u64
        {
            DONE.notified().await;
        }
        each * DEVICES as u64
    })
}

pub fn poll(target: SocketAddr, time: Duration) -> Result<String> {
    let period = 10 * MILLISECOND;
    let mut tags: Vec<Tag> = (0..DEVICES)
        .map(|_| Tag::register(1, Area::HoldingRegisters, 0, Kind::U16, period))
        .collect();
    let mut groups = [Group::EMPTY; DEVICES];
    let mut event_loop: Loop = EventLoop::new()?;
    let parts = tags.chunks_mut(1).zip(groups.chunks_mut(1)).enumerate();
    let links = parts.map(|(index, (tags, groups))| {
        let poller = Poller::new(tags, groups, Limits::default(), 0).expect("one tag, one group");
        // The connections come up first.
        let offset = 200 * MILLISECOND + stagger(index as u64, DEVICES as u64, period);
        let polled = Polled::new(poller, Measured::new(()), offset);
        Link::new(target, CONFIG, index as u64, index as u32, polled)
    });
    let mut plant: Links<_, 1> = Links {
        links: links.collect(),
        done: |_| false,
    };
    for link in &mut plant.links {
        link.start(&mut event_loop.context());
    }
    event_loop.run_for(&mut plant, time)?;
    let (mut late, mut latency): (Histogram, Histogram) = (Histogram::new(), Histogram::new());
    let (mut reads, mut missed) = (0, 0);
    for link in &plant.links {
        late.merge(&link.caller.observer.lateness);
        latency.merge(&link.caller.observer.latency);
        reads += link.caller.poller.statistics().reads;
        missed += link.caller.poller.statistics().missed;
    }
    let micros = |histogram: &Histogram, percent| {
        histogram.percentile_nanos(percent).unwrap_or(0) as f64 / 1_000.0
    };
    Ok(format!(
        "reads={reads} missed={missed} late_p50_us={:.1} late_p99_us={:.1} late_max_us={:.1} p99_us={:.1}",
        micros(&late, 50.0),
        micros(&late, 99.0),
        micros(&late, 100.0),
        micros(&latency, 99.0),
    ))
}
