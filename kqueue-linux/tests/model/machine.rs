//! Runs a program on the reference and on a kqueue side by side, and compares what they say.

use std::collections::BTreeMap;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::time::{Duration, Instant};

use crate::common::*;
use crate::operation::*;
use crate::reference::*;
use crate::second::Second;

/// The watched descriptor of slot 0; the kqueue's own descriptors stay far below.
const FIRST_NUMBER: RawFd = 300;
/// A pipe of a page's writes and a socket's messages stay far from full.
const MOST_BYTES: usize = 2000;
const MOST_MESSAGES: usize = 8;

pub struct Machine<'second> {
    queue: Queue,
    reference: Reference,
    watched: BTreeMap<u8, OwnedFd>,
    peers: BTreeMap<u8, OwnedFd>,
    second: &'second Second,
}

impl<'second> Machine<'second> {
    pub fn new(second: &'second Second) -> Machine<'second> {
        Machine {
            queue: Queue::new(),
            reference: Reference::default(),
            watched: BTreeMap::new(),
            peers: BTreeMap::new(),
            second,
        }
    }

    /// Runs a whole program; the error says what differed, and at which step.
    pub fn run(mut self, program: &[Operation]) -> Result<(), String> {
        for (step, operation) in program.iter().enumerate() {
            self.step(operation)
                .map_err(|error| format!("step {step}, {operation:?}: {error}"))?;
        }
        self.finish()
            .map_err(|error| format!("at the end: {error}"))
    }

    /// Whatever must still come comes when there is room for all; timers with a period of zero when they are waited for.
    fn finish(&mut self) -> Result<(), String> {
        self.collect(64)?;
        for ident in 0..IDENTS {
            for attempt in 0.. {
                let timer = self.reference.registrations.get(&(TIMER, ident));
                if !timer.is_some_and(|timer| timer.raised && !timer.disabled) {
                    break;
                }
                // Level events of other kinds end the wait at once; a millisecond passes all the same.
                let events = self
                    .queue
                    .call(&[], 64, 1)
                    .map_err(|errno| format!("errno {errno}"))?;
                let came = events
                    .iter()
                    .any(|event| (event.filter, event.ident) == (TIMER, ident.into()));
                self.compare(&events, 64)?;
                if came {
                    break;
                }
                if attempt > 200 {
                    return Err(format!("timer {ident} does not fire"));
                }
                std::thread::sleep(std::time::Duration::from_micros(200));
            }
        }
        Ok(())
    }

    fn step(&mut self, operation: &Operation) -> Result<(), String> {
        match operation {
            Operation::Open { slot, kind, over } => self.open(*slot, *kind, *over),
            Operation::Close { slot } => {
                self.watched.remove(slot);
                self.peers.remove(slot);
                self.reference.forget(*slot);
            }
            Operation::ClosePeer { slot } => self.close_peer(*slot),
            Operation::ShutdownPeer { slot } => self.shutdown_peer(*slot),
            Operation::Write { slot, count } => self.write(*slot, (*count).into()),
            Operation::Read { slot, count } => self.read(*slot, (*count).into()),
            Operation::Send { slot } => self.send(*slot),
            Operation::Take { slot } => self.take(*slot),
            Operation::Call {
                changes,
                room,
                second,
                patience,
            } => return self.call(changes, (*room).into(), *second, *patience),
            Operation::Poll => return self.poll(),
        }
        Ok(())
    }

    fn open(&mut self, slot: u8, kind: Kind, over: bool) {
        if !over {
            self.watched.remove(&slot);
        }
        let (watched, peer) = match kind {
            Kind::PipeReader => pipe(),
            Kind::PipeWriter => {
                let (reader, writer) = pipe();
                (writer, reader)
            }
            Kind::Socket => socket_pair(),
        };
        let number = FIRST_NUMBER + RawFd::from(slot);
        // SAFETY: the number is this slot's own: free, or held by the descriptor that is forgotten here.
        let moved = unsafe {
            std::mem::forget(self.watched.remove(&slot));
            OwnedFd::from_raw_fd(libc::dup3(watched.as_raw_fd(), number, libc::O_CLOEXEC))
        };
        assert_eq!(moved.as_raw_fd(), number);
        self.watched.insert(slot, moved);
        self.peers.insert(slot, peer);
        self.reference.forget(slot);
        let thing = Thing {
            kind,
            bytes: 0,
            sent: 0,
            peer_closed: false,
            peer_shut: false,
        };
        self.reference.things.insert(slot, thing);
    }

    fn close_peer(&mut self, slot: u8) {
        if let Some(thing) = self.reference.things.get_mut(&slot) {
            thing.peer_closed = true;
            if self.peers.remove(&slot).is_some() {
                self.reference.news(READ, slot, News::Yes);
                self.reference.news(WRITE, slot, News::Yes);
            }
        }
    }

    fn shutdown_peer(&mut self, slot: u8) {
        let Some(thing) = self.reference.things.get_mut(&slot) else {
            return;
        };
        if thing.kind != Kind::Socket || thing.peer_closed || thing.peer_shut {
            return;
        }
        thing.peer_shut = true;
        // SAFETY: an open socket.
        unsafe { libc::shutdown(self.peers[&slot].as_raw_fd(), libc::SHUT_WR) };
        self.reference.news(READ, slot, News::Yes);
        self.reference.news(WRITE, slot, News::Perhaps);
    }

    fn write(&mut self, slot: u8, count: usize) {
        let Some(thing) = self.reference.things.get_mut(&slot) else {
            return;
        };
        if thing.peer_closed || thing.peer_shut || thing.bytes + count > MOST_BYTES {
            return;
        }
        thing.bytes += count;
        let (from, filter) = match thing.kind {
            Kind::PipeWriter => (&self.watched[&slot], WRITE),
            _ => (&self.peers[&slot], READ),
        };
        assert_eq!(write(from, count), count as isize);
        // Writing into a pipe is news for its writing end on FreeBSD.
        let news = if filter == READ {
            News::Yes
        } else {
            News::Perhaps
        };
        self.reference.news(filter, slot, news);
        self.reference.news(
            if filter == READ { WRITE } else { READ },
            slot,
            News::Perhaps,
        );
    }

    fn read(&mut self, slot: u8, count: usize) {
        let Some(thing) = self.reference.things.get_mut(&slot) else {
            return;
        };
        let from = match (thing.kind, self.peers.get(&slot)) {
            (Kind::PipeWriter, None) => return,
            (Kind::PipeWriter, Some(peer)) => peer,
            _ => &self.watched[&slot],
        };
        let got = read(from, count);
        if got >= 0 {
            assert_eq!(got as usize, count.min(thing.bytes));
            thing.bytes -= got as usize;
        } else {
            // A socket whose peer closed with something unread says so once, before it gives out what is left.
            assert!(thing.bytes == 0 || thing.kind == Kind::Socket);
        }
        // FreeBSD looks at both ends of a pipe again.
        self.reference.news(WRITE, slot, News::Perhaps);
        if self.reference.things[&slot].kind == Kind::PipeReader {
            self.reference.news(READ, slot, News::Perhaps);
        }
    }

    fn send(&mut self, slot: u8) {
        let Some(thing) = self.reference.things.get_mut(&slot) else {
            return;
        };
        if thing.kind == Kind::Socket && !thing.peer_closed && thing.sent < MOST_MESSAGES {
            thing.sent += 1;
            assert_eq!(write(&self.watched[&slot], 10), 10);
            self.reference.news(WRITE, slot, News::Perhaps);
        }
    }

    fn take(&mut self, slot: u8) {
        let Some(thing) = self.reference.things.get_mut(&slot) else {
            return;
        };
        if thing.kind == Kind::Socket && !thing.peer_closed && thing.sent > 0 {
            assert_eq!(read(&self.peers[&slot], 4096), 10 * thing.sent as isize);
            thing.sent = 0;
            // Room is news for WRITE; epoll has one edge for both directions.
            self.reference.news(WRITE, slot, News::Perhaps);
            self.reference.news(READ, slot, News::Perhaps);
        }
    }

    fn call(
        &mut self,
        changes: &[Change],
        room: usize,
        second: bool,
        patience: Patience,
    ) -> Result<(), String> {
        let mut sent = Vec::new();
        let mut entries = Vec::new();
        let mut failed = None;
        for change in changes {
            if !self.reference.meaningful(change.target) {
                continue;
            }
            if self.reference.undecided(change) {
                self.try_stale(change)?;
                continue;
            }
            let known = self.reference.registrations.get(&key(change.target));
            sent.push(as_kevent(change, number(change.target), known));
            if failed.is_some() {
                continue;
            }
            let result = self.reference.apply(change);
            if result.is_err() || change.receipt {
                let errno = result.err().unwrap_or(0);
                if entries.len() < room {
                    entries.push((*sent.last().expect("just pushed"), errno));
                } else {
                    // No room: the call ends here, with the error or, after a receipt, with nothing.
                    failed = Some(errno);
                }
            }
        }
        let certain = room > 0 && self.reference.is_something_certain();
        let wait = match patience {
            Patience::AMinute if certain => 60_000,
            Patience::Endless if certain => -1,
            _ => 0,
        };
        let start = Instant::now();
        let answer = if second {
            self.second.call(self.queue.number(), sent, room, wait)
        } else {
            self.queue.call(&sent, room, wait)
        };
        if start.elapsed() > Duration::from_secs(30) {
            return Err("a call waited although something was ready".into());
        }
        match (failed, answer) {
            (Some(0), Ok(events)) if events.is_empty() => Ok(()),
            (Some(errno), Err(got)) if errno == got => Ok(()),
            (Some(errno), got) => Err(format!("expected errno {errno}, got {got:?}")),
            (None, Err(got)) => Err(format!(
                "errno {got}, expected {} entries or events",
                entries.len()
            )),
            (None, Ok(events)) if entries.is_empty() => self.compare(&events, room),
            (None, Ok(events)) => check_entries(&events, &entries),
        }
    }

    /// A change for a number that was closed: refused, or without effect.
    fn try_stale(&mut self, change: &Change) -> Result<(), String> {
        let answer = self.queue.call(
            &[Kevent {
                flags: 0,
                ..as_kevent(change, number(change.target), None)
            }],
            0,
            0,
        );
        match answer {
            Ok(_) | Err(libc::ENOENT | libc::EBADF) => Ok(()),
            Err(errno) => Err(format!("errno {errno} for a number that was closed")),
        }
    }

    fn collect(&mut self, room: usize) -> Result<(), String> {
        let events = self
            .queue
            .call(&[], room, 0)
            .map_err(|errno| format!("errno {errno}"))?;
        self.compare(&events, room)
    }

    /// Are these events the ones that must and may come?
    fn compare(&mut self, events: &[Kevent], room: usize) -> Result<(), String> {
        if events.len() > room {
            return Err(format!("{} events in a room of {room}", events.len()));
        }
        for event in events {
            let ident = if event.ident >= FIRST_NUMBER as usize {
                event.ident - FIRST_NUMBER as usize
            } else {
                event.ident
            };
            let key = (event.filter, ident as u8);
            let Some(registration) = self.reference.registrations.get(&key) else {
                return Err(format!("an event of nobody, or a second one: {event:?}"));
            };
            let Some(expected) = self.reference.event(key) else {
                return Err(format!(
                    "an event that must not come: {event:?}; {registration:?}"
                ));
            };
            let seen = event.flags & (CLEAR | ONESHOT | DISPATCH | EOF | ERROR);
            let udata = registration.udata;
            if seen != expected.flags
                || event.udata != udata
                || expected.data.is_some_and(|data| event.data != data)
            {
                return Err(format!(
                    "{event:?}, expected flags {:#x}, data {:?}, udata {udata}",
                    expected.flags, expected.data
                ));
            }
            if expected.notes.is_some_and(|notes| event.fflags != notes) {
                return Err(format!("{event:?}, expected notes {:?}", expected.notes));
            }
            self.reference.delivered(key, expected.flags);
        }
        self.missing(events, room)
    }

    /// Did something that had to come not come?
    fn missing(&mut self, events: &[Kevent], room: usize) -> Result<(), String> {
        let number = |event: &Kevent| (event.filter, (event.ident % FIRST_NUMBER as usize) as u8);
        let seen: Vec<Key> = events.iter().map(number).collect();
        let keys: Vec<Key> = self
            .reference
            .registrations
            .keys()
            .copied()
            .filter(|key| !seen.contains(key))
            .collect();
        let patience = 3 * self.reference.registrations.len() + 4;
        for key in keys {
            if !self
                .reference
                .event(key)
                .is_some_and(|expected| expected.certain)
            {
                continue;
            }
            let registration = self.reference.registrations.get_mut(&key).expect("listed");
            if events.len() < room {
                return Err(format!(
                    "{key:?} did not come although there was room: {registration:?}; {events:?}"
                ));
            }
            if room > 0 {
                registration.passed_over += 1;
                if registration.passed_over > patience {
                    return Err(format!("{key:?} starves: {registration:?}"));
                }
            }
        }
        Ok(())
    }

    /// Something that must come makes the kqueue readable.
    fn poll(&self) -> Result<(), String> {
        let mut poll = libc::pollfd {
            fd: self.queue.number(),
            events: libc::POLLIN,
            revents: 0,
        };
        // SAFETY: one pollfd that lives across the call.
        let readable = unsafe { libc::poll(&mut poll, 1, 0) } == 1;
        let expected = self.reference.registrations.keys().find(|key| {
            self.reference
                .event(**key)
                .is_some_and(|expected| expected.certain)
        });
        match expected {
            Some(key) if !readable => Err(format!("{key:?} is ready, and poll does not see it")),
            _ => Ok(()),
        }
    }
}

fn number(target: Target) -> usize {
    match target {
        Target::Read(slot) | Target::Write(slot) => (FIRST_NUMBER + RawFd::from(slot)) as usize,
        Target::User(ident) | Target::Timer(ident) => ident.into(),
    }
}

fn check_entries(events: &[Kevent], entries: &[(Kevent, i32)]) -> Result<(), String> {
    let same = |(event, (change, errno)): (&Kevent, &(Kevent, i32))| {
        event.flags & ERROR != 0
            && event.data == *errno as isize
            && (event.ident, event.filter, event.udata)
                == (change.ident, change.filter, change.udata)
    };
    if events.len() == entries.len() && events.iter().zip(entries).all(same) {
        return Ok(());
    }
    Err(format!("entries {events:?}, expected {entries:?}"))
}
