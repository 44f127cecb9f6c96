//! Requests that are made when nothing else is asked.

use super::Client;
use crate::codec::Request;

impl<const IN_FLIGHT: usize, const INPUT: usize, const OUTPUT: usize>
    Client<IN_FLIGHT, INPUT, OUTPUT>
{
    /// When the next keepalive is due: only while nothing is in flight.
    pub(super) fn keepalive_at(&self) -> Option<u64> {
        let keepalive = self.config.keepalive?;
        let idle = self.slots.in_flight() == 0;
        idle.then(|| {
            self.last_traffic
                .saturating_add(keepalive.after)
                .max(self.next_request)
        })
    }

    pub(super) fn send_keepalive(&mut self, now: u64) {
        let Some(keepalive) = self.config.keepalive else {
            return;
        };
        let request = Request::ReadHoldingRegisters {
            address: keepalive.address,
            quantity: 1,
        };
        let timeout = self.config.request_timeout;
        match self.send(now, keepalive.unit, &request, None, timeout) {
            Ok(()) => self.statistics.keepalives += 1,
            // No room or no place: then something else is under way. Ask again a while later.
            Err(_) => self.last_traffic = now,
        }
    }
}
