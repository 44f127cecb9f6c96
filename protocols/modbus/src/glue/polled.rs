//! A poller as what a link does.

use super::Caller;
use crate::client::{Client, Event};
use crate::poller::{Observer, Poller};

/// Polls a device: give it to a [`Link`](super::Link) as its caller.
///
/// The poller's groups are due for the first time `offset` after the link asks for the first time;
/// [`stagger`](crate::poller::stagger) spreads many links over a period.
///
/// ```
/// use ptk_modbus::client::Config;
/// use ptk_modbus::glue::{Link, Polled};
/// use ptk_modbus::poller::{Area, Group, Limits, Poller, Tag};
/// use ptk_modbus::value::Kind;
/// use ptk_modbus::SECOND;
///
/// let mut tags = [Tag::register(1, Area::HoldingRegisters, 0, Kind::U16, SECOND)];
/// let mut groups = [Group::EMPTY];
/// let poller = Poller::new(&mut tags, &mut groups, Limits::default(), 0).unwrap();
/// let target = "127.0.0.1:502".parse().unwrap();
/// let link: Link<_> = Link::new(target, Config::DEFAULT, 1, 0, Polled::new(poller, (), 0));
/// assert_eq!(link.caller.poller.tags().len(), 1);
/// ```
#[derive(Debug)]
pub struct Polled<'a, O> {
    /// What is read.
    pub poller: Poller<'a>,
    /// Who is told.
    pub observer: O,
    /// When to begin, counted from the first look; `None` once begun.
    offset: Option<u64>,
}

impl<'a, O> Polled<'a, O> {
    /// Polls with `poller` and tells `observer`, beginning after `offset` nanoseconds.
    pub const fn new(poller: Poller<'a>, observer: O, offset: u64) -> Self {
        Self {
            poller,
            observer,
            offset: Some(offset),
        }
    }
}

impl<O: Observer, const IN_FLIGHT: usize> Caller<IN_FLIGHT> for Polled<'_, O> {
    fn told(&mut self, now: u64, event: Event<'_>) {
        if !self.poller.handle_event(now, &event, &mut self.observer) {
            self.observer.event(&event, now);
        }
    }

    fn ask(&mut self, now: u64, client: &mut Client<IN_FLIGHT>) -> Option<u64> {
        if let Some(offset) = self.offset.take() {
            self.poller.begin(now.saturating_add(offset));
        }
        self.poller.request_due(now, client, &mut self.observer)
    }
}
