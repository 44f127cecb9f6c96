//! One direction of a simulated stream.

use alloc::collections::VecDeque;

use crate::time::Instant;

/// Bytes under way and bytes arrived, with the end behind them.
#[derive(Default)]
pub(super) struct Pipe {
    under_way: VecDeque<(Instant, Segment)>,
    arrived: VecDeque<u8>,
    flying: usize,
    /// Nothing comes after what was pushed.
    closed: bool,
    /// The end has arrived.
    ended: bool,
    /// The receiver takes no more: what arrives is dropped.
    deaf: bool,
}

enum Segment {
    Bytes(VecDeque<u8>),
    End,
}

impl Pipe {
    /// Bytes that the sender may still push.
    pub(super) fn room(&self, window: usize) -> usize {
        window.saturating_sub(self.flying + self.arrived.len())
    }

    /// The moment before which nothing new may arrive, so that order is kept.
    pub(super) fn last_arrival(&self) -> Option<Instant> {
        self.under_way.back().map(|(at, _)| *at)
    }

    pub(super) fn push(&mut self, at: Instant, bytes: &[u8]) {
        if self.deaf {
            return;
        }
        self.flying += bytes.len();
        let segment = Segment::Bytes(bytes.iter().copied().collect());
        self.under_way.push_back((at, segment));
    }

    pub(super) fn close(&mut self, at: Instant) {
        if !self.closed {
            self.closed = true;
            self.under_way.push_back((at, Segment::End));
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed
    }

    pub(super) fn deafen(&mut self) {
        self.deaf = true;
        self.arrived.clear();
    }

    /// Lets arrive what is due.
    pub(super) fn advance(&mut self, now: Instant) {
        while self.under_way.front().is_some_and(|(at, _)| at.is_due(now)) {
            match self.under_way.pop_front() {
                Some((_, Segment::Bytes(bytes))) => {
                    self.flying -= bytes.len();
                    if !self.deaf {
                        self.arrived.extend(bytes);
                    }
                }
                Some((_, Segment::End)) => self.ended = true,
                None => {}
            }
        }
    }

    /// Holds back what is under way until `at` at the earliest.
    pub(super) fn hold(&mut self, at: Instant) {
        for (arrival, _) in &mut self.under_way {
            *arrival = (*arrival).max(at);
        }
    }

    /// Lets what was held back arrive at `at`.
    pub(super) fn release(&mut self, at: Instant) {
        for (arrival, _) in &mut self.under_way {
            *arrival = (*arrival).min(at);
        }
    }

    pub(super) fn next_arrival(&self) -> Option<Instant> {
        self.under_way.front().map(|(at, _)| *at)
    }

    pub(super) fn available(&self) -> usize {
        self.arrived.len()
    }

    pub(super) fn at_end(&self) -> bool {
        self.ended && self.arrived.is_empty()
    }

    pub(super) fn has_ended(&self) -> bool {
        self.ended
    }

    pub(super) fn take(&mut self, buffer: &mut [u8]) -> usize {
        let count = buffer.len().min(self.arrived.len());
        for (place, byte) in buffer.iter_mut().zip(self.arrived.drain(..count)) {
            *place = byte;
        }
        count
    }
}
