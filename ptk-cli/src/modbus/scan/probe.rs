//! One host that is looked at: connected to, and asked for one unit after the other.

use std::net::SocketAddr;
use std::rc::Rc;

use ptk_modbus::client::{Client, Event};
use ptk_modbus::codec::{DeviceIdAccess, ExceptionCode, Request, Response};
use ptk_modbus::glue::Caller;

/// How often a host may end the connection before a unit has answered, until it is left alone.
const MOST_ENDS: u32 = 3;

/// A unit that answered.
#[derive(Clone, Debug)]
pub struct Found {
    pub host: SocketAddr,
    pub unit: u8,
    /// A value, or an exception.
    pub answer: String,
    /// From the request to the reply, in nanoseconds.
    pub latency: u64,
    /// Vendor, product and version, if they were asked for and told.
    pub identity: Option<String>,
}

/// The state of looking at one host after the other.
pub struct Probe {
    pub host: SocketAddr,
    units: Rc<[u8]>,
    identify: bool,
    /// Which of the units is asked.
    next: usize,
    identifying: bool,
    ends: u32,
    /// Whether the host ever accepted a connection.
    pub listens: bool,
    /// Whether there is nothing more to ask.
    pub done: bool,
    pub found: Vec<Found>,
}

impl Probe {
    pub fn new(host: SocketAddr, units: Rc<[u8]>, identify: bool) -> Self {
        Self {
            host,
            units,
            identify,
            next: 0,
            identifying: false,
            ends: 0,
            listens: false,
            done: false,
            found: Vec::new(),
        }
    }

    /// Begins with another host.
    pub fn restart(&mut self, host: SocketAddr) {
        *self = Self::new(host, Rc::clone(&self.units), self.identify);
    }

    fn advance(&mut self) {
        self.identifying = false;
        self.next += 1;
        self.done |= self.next >= self.units.len();
    }

    fn replied(&mut self, unit: u8, latency: u64, response: &Response<'_>) {
        self.ends = 0;
        if self.identifying {
            if let (Response::ReadDeviceIdentification(told), Some(found)) =
                (response, self.found.last_mut())
            {
                let texts = told
                    .objects
                    .iter()
                    .map(|(_, text)| crate::modbus::typed::printable(text.iter().copied()));
                found.identity = Some(texts.collect::<Vec<_>>().join(" "));
            }
            return self.advance();
        }
        let answer = match response {
            Response::Exception {
                code:
                    ExceptionCode::GatewayPathUnavailable | ExceptionCode::GatewayTargetFailedToRespond,
                ..
            } => return self.advance(),
            Response::Exception { code, .. } => code.to_string(),
            Response::ReadHoldingRegisters(registers) => {
                format!("register 0 is {}", registers.get(0).unwrap_or_default())
            }
            _ => "another reply".to_owned(),
        };
        self.found.push(Found {
            host: self.host,
            unit,
            answer,
            latency,
            identity: None,
        });
        if self.identify {
            self.identifying = true;
        } else {
            self.advance();
        }
    }
}

impl Caller<1> for Probe {
    fn told(&mut self, now: u64, event: Event<'_>) {
        if self.done {
            return;
        }
        match event {
            Event::Connected => self.listens = true,
            Event::Disconnected(_) if !self.listens => self.done = true,
            Event::Disconnected(_) => {
                self.ends += 1;
                self.done |= self.ends >= MOST_ENDS;
            }
            Event::Failed { .. } => self.advance(),
            Event::Reply {
                unit,
                response,
                requested,
                ..
            } => self.replied(unit, now.saturating_sub(requested), &response),
        }
    }

    fn ask(&mut self, now: u64, client: &mut Client<1>) -> Option<u64> {
        if self.done || client.ready(now).is_err() {
            return None;
        }
        let request = if self.identifying {
            Request::ReadDeviceIdentification {
                access: DeviceIdAccess::Basic,
                object: 0,
            }
        } else {
            Request::ReadHoldingRegisters {
                address: 0,
                quantity: 1,
            }
        };
        let unit = self.units[self.next];
        if client.request(now, unit, &request, 0).is_err() {
            self.advance();
        }
        None
    }
}
