//! Receiving: from bytes to events.

use super::machine::Notice;
use super::slots::Slot;
use super::{Client, DisconnectReason, Event, Failure};
use crate::codec::{Frame, Framing, FramingError, Response, Side};

impl<const IN_FLIGHT: usize, const INPUT: usize, const OUTPUT: usize>
    Client<IN_FLIGHT, INPUT, OUTPUT>
{
    /// Where received bytes go; empty while there is no room: do not wait for readability then.
    pub fn receive_buffer(&mut self) -> &mut [u8] {
        self.release();
        if self.is_connected() {
            self.input.spare()
        } else {
            &mut []
        }
    }

    /// The first `count` bytes of [`receive_buffer`](Self::receive_buffer) were received.
    pub fn received(&mut self, count: usize, now: u64) {
        if count > 0 && self.is_connected() {
            self.release();
            self.input.filled(count);
            self.frame_since.get_or_insert(now);
            self.last_traffic = now;
            self.heard();
        }
    }

    /// Copies as much of `bytes` as there is room for, and returns how much that was: for callers that have the bytes
    /// elsewhere. [`poll_event`](Self::poll_event) comes next.
    pub fn handle_input(&mut self, now: u64, bytes: &[u8]) -> usize {
        let room = self.receive_buffer();
        let count = room.len().min(bytes.len());
        room[..count].copy_from_slice(&bytes[..count]);
        self.received(count, now);
        count
    }

    /// What has happened, oldest first; `None` when all is told. What an event borrows is given back with the next call.
    pub fn poll_event(&mut self, now: u64) -> Option<Event<'_>> {
        self.release();
        if self.notices[0].is_some() || self.slots.have_failed() {
            return self.own_event();
        }
        let (token, slot, frame) = match self.next_answer(now) {
            Ok(answer) => answer?,
            Err(error) => {
                self.disconnect(DisconnectReason::Framing(error), now);
                return self.own_event();
            }
        };
        let pdu = &self.input.readable()[frame.pdu_start..frame.pdu_end];
        let verdict = judge(self.config.check_unit, &slot, frame.unit, pdu);
        match verdict {
            Ok(Response::Exception { .. }) => {
                self.statistics.exceptions += 1;
                self.statistics.replies += 1;
                self.attempts.reset();
            }
            Ok(_) => {
                self.statistics.replies += 1;
                self.attempts.reset();
            }
            Err(_) => self.statistics.bad_replies += 1,
        }
        Some(match verdict {
            Ok(response) => Event::Reply {
                token,
                unit: slot.unit,
                response,
                requested: slot.requested,
            },
            Err(failure) => Event::Failed { token, failure },
        })
    }

    /// What the client has to tell by itself, not because of bytes.
    #[inline(never)]
    fn own_event(&mut self) -> Option<Event<'static>> {
        if let Some(notice) = self.notices[0].take() {
            self.notices.swap(0, 1);
            return Some(match notice {
                Notice::Connected => Event::Connected,
                Notice::Disconnected(reason) => Event::Disconnected(reason),
            });
        }
        let (slot, failure) = self.slots.take_failed()?;
        Some(Event::Failed {
            token: slot.token.unwrap_or_default(),
            failure,
        })
    }

    /// The next frame that answers a request of the owner's, with its token: lent. Those before it that answer keepalives, or nobody, are
    /// counted and gone.
    fn next_answer(&mut self, now: u64) -> Result<Option<(u64, Slot, Frame)>, FramingError> {
        while self.is_connected() && !self.input.is_empty() {
            let bytes = self.input.readable();
            let Some(frame) = self.config.framing.split(Side::Response, bytes)? else {
                return Ok(None);
            };
            self.lent = frame.end;
            self.frame_since = (self.input.len() > frame.end).then_some(now);
            let slot = match self.config.framing {
                Framing::Mbap => self.slots.take(frame.transaction_id),
                Framing::Rtu => self.slots.take_any(),
            };
            match slot {
                None => self.statistics.late_replies += 1,
                Some(slot) => match slot.token {
                    Some(token) => return Ok(Some((token, slot, frame))),
                    None => self.keepalive_answered(&slot, frame),
                },
            }
            self.release();
        }
        Ok(None)
    }

    /// Counts the reply to a keepalive, which nobody is told of.
    #[cold]
    #[inline(never)]
    fn keepalive_answered(&mut self, slot: &Slot, frame: Frame) {
        let pdu = &self.input.readable()[frame.pdu_start..frame.pdu_end];
        let verdict = judge(self.config.check_unit, slot, frame.unit, pdu);
        if matches!(verdict, Ok(Response::Exception { .. })) {
            self.statistics.exceptions += 1;
        }
        if verdict.is_ok() {
            self.statistics.replies += 1;
            self.attempts.reset();
        } else {
            self.statistics.bad_replies += 1;
        }
    }

    /// Gives back what the last event borrowed.
    #[inline]
    fn release(&mut self) {
        self.input.consume(self.lent);
        self.lent = 0;
        if self.input.is_empty() {
            self.frame_since = None;
        }
    }
}

/// The response in `pdu`, which `unit` sent, to the request in `slot`.
fn judge<'a>(
    check_unit: bool,
    slot: &Slot,
    unit: u8,
    pdu: &'a [u8],
) -> Result<Response<'a>, Failure> {
    if check_unit && slot.unit != unit {
        return Err(Failure::WrongUnit { answered: unit });
    }
    slot.expected.judge(pdu)
}
