//! Making requests.

use super::expected::Expected;
use super::machine::State;
use super::slots::{Slot, SlotState};
use super::{Client, RequestError};
use crate::codec::{Error, Framing, Request};

impl<const IN_FLIGHT: usize, const INPUT: usize, const OUTPUT: usize>
    Client<IN_FLIGHT, INPUT, OUTPUT>
{
    /// Whether a request would be taken now, and if not, why.
    ///
    /// # Errors
    /// Those of [`request`](Self::request), but for [`RequestError::Invalid`].
    pub fn ready(&self, now: u64) -> Result<(), RequestError> {
        let most = match self.config.framing {
            Framing::Mbap => self.config.max_in_flight.min(IN_FLIGHT),
            Framing::Rtu => 1,
        };
        if self.state != State::Connected {
            Err(RequestError::NotConnected)
        } else if self.slots.in_flight() >= most || self.slots.taken() >= IN_FLIGHT {
            Err(RequestError::TooManyInFlight)
        } else if self.next_request > now {
            Err(RequestError::TooSoon {
                until: self.next_request,
            })
        } else if !self.output.has_room() {
            Err(RequestError::NoRoom)
        } else {
            Ok(())
        }
    }

    /// Asks `unit` for something. The reply, or its absence, comes as an event with this `token`.
    ///
    /// # Errors
    /// Nothing is sent then, and the error says when to try again.
    pub fn request(
        &mut self,
        now: u64,
        unit: u8,
        request: &Request<'_>,
        token: u64,
    ) -> Result<(), RequestError> {
        self.request_within(now, unit, request, token, self.config.request_timeout)
    }

    /// As [`request`](Self::request), with a time of its own for the reply, in nanoseconds.
    ///
    /// # Errors
    /// As [`request`](Self::request).
    pub fn request_within(
        &mut self,
        now: u64,
        unit: u8,
        request: &Request<'_>,
        token: u64,
        timeout: u64,
    ) -> Result<(), RequestError> {
        self.send(now, unit, request, Some(token), timeout)
    }

    pub(super) fn send(
        &mut self,
        now: u64,
        unit: u8,
        request: &Request<'_>,
        token: Option<u64>,
        timeout: u64,
    ) -> Result<(), RequestError> {
        self.ready(now)?;
        let transaction_id = self.free_id();
        self.write(transaction_id, unit, request)
            .map_err(RequestError::Invalid)?;
        self.slots.insert(Slot {
            state: SlotState::InFlight,
            transaction_id,
            unit,
            token,
            expected: Expected::new(request),
            requested: now,
            deadline: now.saturating_add(timeout),
        });
        self.sent(now);
        self.next_id = transaction_id.wrapping_add(1);
        Ok(())
    }

    /// Sends a write to every unit behind a gateway: to unit 0, without waiting for a reply (Serial §2.1).
    ///
    /// # Errors
    /// As [`request`](Self::request); a request that writes nothing is [`Error::UnknownFunction`].
    pub fn broadcast(&mut self, now: u64, request: &Request<'_>) -> Result<(), RequestError> {
        self.ready(now)?;
        if !request.is_write() {
            return Err(RequestError::Invalid(Error::UnknownFunction(
                request.function(),
            )));
        }
        let transaction_id = self.free_id();
        self.write(transaction_id, 0, request)
            .map_err(RequestError::Invalid)?;
        self.sent(now);
        self.next_id = transaction_id.wrapping_add(1);
        Ok(())
    }

    fn write(&mut self, id: u16, unit: u8, request: &Request<'_>) -> Result<(), Error> {
        let room = self.output.spare();
        let length = self
            .config
            .framing
            .encode(room, id, unit, |pdu| request.encode(pdu))?;
        self.output.filled(length);
        Ok(())
    }

    const fn sent(&mut self, now: u64) {
        self.statistics.requests += 1;
        self.last_traffic = now;
        self.next_request = now.saturating_add(self.config.request_delay);
    }

    /// The next id that no request in flight has; there are more ids than places.
    fn free_id(&self) -> u16 {
        let mut id = self.next_id;
        while self.slots.has(id) {
            id = id.wrapping_add(1);
        }
        id
    }
}
