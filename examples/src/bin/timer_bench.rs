//! Measures the timers.
//!
//! `timer_bench ops T` fills a table with T timers at random deadlines within ten seconds, cancels all
//! of them in random order, fills it again and lets all of them fire, over and over for about a second,
//! and prints the median round: `insert_ns= cancel_ns= fire_ns=`, nanoseconds for each operation.
//! `timer_bench ops T ROUNDS` does exactly so many rounds, for counting: under `valgrind --tool=callgrind
//! --toggle-collect='*fire_all*'` the total divided by T and ROUNDS is what one expiry costs in instructions; `cancel_all` and
//! `insert_all` (two a round) are counted in the same way.
//!
//! `timer_bench tick` runs a periodic timer of one millisecond on an event loop for two seconds and prints how many ticks
//! came and how late they were, in microseconds: `ticks= p50= p99= max=`. `timer_bench tick PORT` does so while the same loop returns what
//! clients of 127.0.0.1:PORT send: it prints READY once it listens, and the two seconds begin with the first message.

use std::hint::black_box;
use std::net::Ipv4Addr;
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::{Duration, Instant as WallClock};

use ptk_core::event_loop::{Context, Event, EventLoop, Kind, Watch};
use ptk_core::net::{Received, Sent, TcpListener};
use ptk_core::time::Instant;
use ptk_core::timer::{TimerId, TimerSlots, Timers};

/// The largest T.
const MAX_TIMERS: usize = 1 << 20;

static SLOTS: Mutex<TimerSlots<MAX_TIMERS>> = Mutex::new(TimerSlots::new());

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["ops", count] => match count.parse() {
            Ok(count @ 1..=MAX_TIMERS) => ops(count, None),
            _ => usage("T is a number from 1 to 1048576"),
        },
        ["ops", count, rounds] => match (count.parse(), rounds.parse()) {
            (Ok(count @ 1..=MAX_TIMERS), Ok(rounds @ 1..)) => ops(count, Some(rounds)),
            _ => usage("T is a number from 1 to 1048576, ROUNDS one from 1 on"),
        },
        ["tick"] => told(tick(None)),
        ["tick", port] => match port.parse() {
            Ok(port) => told(tick(Some(port))),
            Err(_) => usage("PORT is a number from 0 to 65535"),
        },
        _ => usage("which measurement?"),
    }
}

fn usage(problem: &str) -> ExitCode {
    eprintln!(
        "timer_bench: {problem}\nusage: timer_bench ops T [ROUNDS] | timer_bench tick [PORT]"
    );
    ExitCode::from(2)
}

fn told(outcome: Result<(), ptk_core::Error>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("timer_bench: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The loop of `tick`: room for the listener and the clients of an echo beside the timer.
type Loop = EventLoop<128>;

const PERIOD: Duration = Duration::from_millis(1);

/// Starts the timer; returns when the measurement ends.
fn start(cx: &mut Context) -> Result<Instant, ptk_core::Error> {
    cx.start_periodic(PERIOD, 0, 0_u16)?;
    Ok(cx.now() + Duration::from_secs(2))
}

fn tick(port: Option<u16>) -> Result<(), ptk_core::Error> {
    let mut event_loop = Loop::new()?;
    let (mut end, mut listener) = (None, None);
    if let Some(port) = port {
        let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, port).into())?;
        let attached = event_loop.context().attach(socket, Watch::all());
        listener = Some(attached.map_err(|(error, _)| error)?);
        println!("READY");
    } else {
        end = Some(start(&mut event_loop.context())?);
    }

    let mut lateness: Vec<Duration> = Vec::with_capacity(2_001);
    event_loop.run(&mut |cx: &mut Context, event: Event| match event.kind {
        Kind::Timer { deadline, .. } => {
            lateness.push(cx.now() - deadline);
            if end.is_some_and(|end| cx.now() >= end) {
                cx.stop();
            }
        }
        Kind::Readable(source) if Some(source) == listener => {
            while let Ok(Some((socket, _))) = cx.accept(source) {
                if let Ok(client) = cx.attach(socket, Watch::all()) {
                    let _ = cx.set_nodelay(client, true);
                }
            }
        }
        Kind::Readable(source) => {
            let mut chunk = [0; 4096];
            let Ok(Received::Data(count)) = cx.receive(source, &mut chunk) else {
                return;
            };
            let sent = cx.send(source, &chunk[..count]);
            if !matches!(sent, Ok(Sent::All(_))) {
                // The measurement's own client reads all: this one is another's.
                let _ = cx.close(source);
            } else if end.is_none() {
                end = start(cx).ok();
            }
        }
        Kind::Closed(source) | Kind::Failed(source, _) => {
            let _ = cx.close(source);
        }
        _ => {}
    })?;

    lateness.sort();
    let at = |percent: usize| {
        let rank = (lateness.len() * percent).div_ceil(100).max(1);
        lateness[rank - 1].as_nanos() as f64 / 1_000.0
    };
    println!(
        "ticks={} p50={:.1} p99={:.1} max={:.1}",
        lateness.len(),
        at(50),
        at(99),
        at(100)
    );
    Ok(())
}

/// Nanoseconds for one insertion, cancellation and expiry.
#[derive(Clone, Copy, Default)]
struct Round {
    insert: f64,
    cancel: f64,
    fire: f64,
}

fn ops(count: usize, exactly: Option<usize>) -> ExitCode {
    let mut slots = SLOTS.lock().expect("one thread");
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let mut rounds = Vec::new();
    let begin = WallClock::now();
    let go_on = |done: usize| match exactly {
        Some(rounds) => done < rounds,
        None => done < 5 || begin.elapsed() < Duration::from_secs(1),
    };
    while go_on(rounds.len()) {
        rounds.push(round(&mut slots.view(), count, &mut random));
    }
    let median = |of: fn(&Round) -> f64| {
        let mut all: Vec<f64> = rounds.iter().map(of).collect();
        all.sort_by(f64::total_cmp);
        all[all.len() / 2]
    };
    println!(
        "insert_ns={:.1} cancel_ns={:.1} fire_ns={:.1}",
        median(|round| round.insert),
        median(|round| round.cancel),
        median(|round| round.fire),
    );
    ExitCode::SUCCESS
}

fn round(timers: &mut Timers<'_>, count: usize, random: &mut Random) -> Round {
    let deadlines: Vec<Instant> = (0..count)
        .map(|_| Instant::from_nanos(random.below(10_000_000_000)))
        .collect();
    let mut ids: Vec<TimerId> = Vec::with_capacity(count);

    let insert = per_operation(count, || insert_all(timers, &deadlines, &mut ids));
    random.shuffle(&mut ids);
    let cancel = per_operation(count, || cancel_all(timers, &ids));

    ids.clear();
    insert_all(timers, &deadlines, &mut ids);
    let fire = per_operation(count, || fire_all(timers));
    assert_eq!(timers.next_deadline(), None);
    Round {
        insert,
        cancel,
        fire,
    }
}

// Not inlined, so that callgrind can tell them apart.
#[inline(never)]
fn insert_all(timers: &mut Timers<'_>, deadlines: &[Instant], ids: &mut Vec<TimerId>) {
    for (payload, &deadline) in deadlines.iter().enumerate() {
        let id = timers
            .insert(deadline, None, payload as u64)
            .expect("room for each timer");
        ids.push(id);
    }
}

#[inline(never)]
fn cancel_all(timers: &mut Timers<'_>, ids: &[TimerId]) {
    for &id in ids {
        assert!(timers.cancel(id));
    }
}

#[inline(never)]
fn fire_all(timers: &mut Timers<'_>) {
    let mut now = Instant::ZERO;
    while let Some(deadline) = timers.next_deadline() {
        assert!(deadline >= now);
        now = deadline;
        while let Some(expired) = timers.pop_expired(now) {
            black_box(expired.payload);
        }
    }
}

fn per_operation(count: usize, work: impl FnOnce()) -> f64 {
    let begin = WallClock::now();
    work();
    begin.elapsed().as_nanos() as f64 / count as f64
}

/// Numbers that look random and are the same in each run (splitmix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = self.below(last as u64 + 1) as usize;
            items.swap(last, other);
        }
    }
}
