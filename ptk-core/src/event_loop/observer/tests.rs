//! What an observer counts, exactly where counts are exact; and what it reports.

use ::core::time::Duration;
use std::string::ToString;

use super::Observer;
use crate::event_loop::{Context, Ended, Event, EventLoop, Kind, Remote, Watch};
use crate::net::UnixStream;

#[test]
fn each_turn_wait_and_timer_is_counted() {
    let mut observer = Observer::new();
    let mut event_loop: EventLoop = EventLoop::new().expect("a kqueue");
    let (one, other) = UnixStream::pair().expect("a pair");
    let source = event_loop
        .context()
        .attach(one, Watch::all())
        .expect("room");
    let _ = other.send(b"x").expect("room");
    let mut timers = 0;
    let ended = observer.run(
        &mut event_loop,
        &mut |cx: &mut Context, event: Event| match event.kind {
            Kind::Readable(_) => {
                let _ = cx.receive(source, &mut [0; 8]).expect("attached");
                cx.start_timer(Duration::from_micros(100), 0, 1u16)
                    .expect("room");
            }
            Kind::Timer { .. } => {
                timers += 1;
                if timers == 10 {
                    cx.stop();
                } else {
                    let _ = other.send(b"x").expect("room");
                }
            }
            kind => panic!("{kind:?}"),
        },
    );
    assert_eq!(ended, Ok(Ended::Stopped));
    observer.record_depth(3);
    let snapshot = observer.snapshot(&event_loop);
    assert_eq!(snapshot.counters.events, 10, "ten bytes, one at a time");
    assert_eq!(snapshot.counters.timers, 10);
    assert_eq!(snapshot.lateness.count, 10, "each timer");
    assert_eq!(snapshot.events_per_wait.count, snapshot.counters.turns);
    assert_eq!(snapshot.events_per_wait.max, Duration::from_nanos(1));
    assert!((10..=20).contains(&snapshot.turn.count), "{snapshot:?}");
    assert_eq!(snapshot.depth.max, Duration::from_nanos(3));
    assert!(snapshot.turn.min <= snapshot.turn.p50 && snapshot.turn.p50 <= snapshot.turn.max);
    let lines = snapshot.to_string();
    assert_eq!(lines.lines().count(), 5, "{lines}");

    observer.clear();
    let snapshot = observer.snapshot(&event_loop);
    assert_eq!(snapshot.turn.count, 0);
    assert_eq!(snapshot.counters.timers, 10, "the loop's own counts go on");
}

#[test]
fn it_stops_as_the_loop_does() {
    static REMOTE: Remote = Remote::new();
    let mut observer = Observer::new();
    let mut event_loop: EventLoop = EventLoop::new().expect("a kqueue");
    let nothing = &mut |_: &mut Context, _: Event| {};
    assert_eq!(
        observer.run(&mut event_loop, nothing),
        Ok(Ended::NothingLeft)
    );
    event_loop.set_remote(&REMOTE).expect("free");
    event_loop
        .context()
        .start_timer(Duration::from_secs(600), 0, 1u16)
        .expect("room");
    REMOTE.stop();
    assert_eq!(observer.run(&mut event_loop, nothing), Ok(Ended::Stopped));
    let ended = observer.run_for(&mut event_loop, nothing, Duration::from_millis(1));
    assert_eq!(ended, Ok(Ended::TimeUp));
    assert_eq!(
        observer.snapshot(&event_loop).turn.count,
        0,
        "no turn told an event"
    );
}

/// What is reported of a connection that fails: the same for each facade.
#[cfg(all(feature = "testing", any(feature = "log", feature = "tracing")))]
mod lines {
    use std::format;
    use std::string::String;

    use super::*;
    use crate::testing::{Host, Network, Seat};

    /// A connection that nobody accepts.
    fn refused(observer: &mut Observer) {
        let network = Network::new(1);
        let _server = network.host("10.0.0.1".parse().expect("an address"));
        let client = network.host("10.0.0.2".parse().expect("an address"));
        let mut handler = |cx: &mut Context<'_, Host>, event: Event| {
            let Kind::Failed(source, _) = event.kind else {
                panic!("{event:?}");
            };
            cx.close(source).expect("attached");
        };
        let mut seat: Seat<_, 4, 4, 4> = Seat {
            event_loop: EventLoop::on(client),
            handler: observer.around(&mut handler),
        };
        let target = "10.0.0.1:9".parse().expect("an address");
        seat.event_loop
            .context()
            .connect(target, Watch::all())
            .expect("room");
        network
            .run(&mut [&mut seat], Duration::from_secs(1))
            .expect("no wait fails");
    }

    fn expected() -> String {
        format!(
            "source 0 failed: errno {}",
            nix::errno::Errno::ECONNREFUSED as i32
        )
    }

    #[cfg(feature = "log")]
    #[test]
    fn log_hears_of_a_failed_source() {
        use std::sync::Mutex;
        use std::vec::Vec;

        static LINES: Mutex<Vec<(log::Level, String)>> = Mutex::new(Vec::new());
        struct Keep;
        impl log::Log for Keep {
            fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
                metadata.target() == "ptk_core"
            }
            fn log(&self, record: &log::Record<'_>) {
                let line = (record.level(), record.args().to_string());
                LINES.lock().expect("not poisoned").push(line);
            }
            fn flush(&self) {}
        }
        log::set_logger(&Keep).expect("the only one");
        log::set_max_level(log::LevelFilter::Debug);
        refused(&mut Observer::new());
        let lines = LINES.lock().expect("not poisoned");
        assert!(lines.contains(&(log::Level::Warn, expected())), "{lines:?}");
    }

    #[cfg(feature = "tracing")]
    #[test]
    fn tracing_hears_of_a_failed_source() {
        use std::sync::{Arc, Mutex};
        use std::vec::Vec;

        use tracing::field::{Field, Visit};
        use tracing::{Level, Metadata, Subscriber, span};

        struct Keep(Arc<Mutex<Vec<(Level, String)>>>);
        struct Message(String);
        impl Visit for Message {
            fn record_debug(&mut self, field: &Field, value: &dyn ::core::fmt::Debug) {
                if field.name() == "message" {
                    self.0 = format!("{value:?}");
                }
            }
        }
        impl Subscriber for Keep {
            fn enabled(&self, metadata: &Metadata<'_>) -> bool {
                metadata.target() == "ptk_core"
            }
            fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
                span::Id::from_u64(1)
            }
            fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
            fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
            fn event(&self, event: &tracing::Event<'_>) {
                let mut message = Message(String::new());
                event.record(&mut message);
                let line = (*event.metadata().level(), message.0);
                self.0.lock().expect("not poisoned").push(line);
            }
            fn enter(&self, _: &span::Id) {}
            fn exit(&self, _: &span::Id) {}
        }
        let lines = Arc::new(Mutex::new(Vec::new()));
        let dispatch = tracing::Dispatch::new(Keep(lines.clone()));
        tracing::dispatcher::set_global_default(dispatch).expect("the only one");
        refused(&mut Observer::new());
        let lines = lines.lock().expect("not poisoned");
        assert!(lines.contains(&(Level::WARN, expected())), "{lines:?}");
    }
}
