//! One connection's closed loop: a request for each reply.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use hdrhistogram::Histogram;
use ptk_modbus::client::{Client, Event};
use ptk_modbus::codec::{Bits, Registers, Request, Response};
use ptk_modbus::glue::Caller;

use crate::arguments::Function;
use crate::modbus::poll::failure_kind;

/// The most requests in flight on a connection.
pub const DEPTH: usize = 64;

/// What is asked, over and over.
pub struct Question {
    pub unit: u8,
    pub function: Function,
    pub start: u16,
    pub quantity: u16,
}

/// Zeros to write.
static NO_BITS: [bool; 2000] = [false; 2000];
static NO_REGISTERS: [u16; 125] = [0; 125];

impl Question {
    /// The request, where the quantity is within what its function can.
    pub fn request(&self) -> Request<'static> {
        let (address, quantity) = (self.start, self.quantity);
        match self.function {
            Function::ReadCoils => Request::ReadCoils { address, quantity },
            Function::ReadDiscrete => Request::ReadDiscreteInputs { address, quantity },
            Function::ReadHolding => Request::ReadHoldingRegisters { address, quantity },
            Function::ReadInput => Request::ReadInputRegisters { address, quantity },
            Function::WriteCoils => Request::WriteMultipleCoils {
                address,
                values: Bits::from_bools(&NO_BITS[..quantity.into()]),
            },
            Function::WriteHolding => Request::WriteMultipleRegisters {
                address,
                values: Registers::from_words(&NO_REGISTERS[..quantity.into()]),
            },
        }
    }

    /// The most points of one request (§6).
    pub fn most(&self) -> u16 {
        match self.function {
            Function::ReadCoils | Function::ReadDiscrete => 2000,
            Function::ReadHolding | Function::ReadInput => 125,
            Function::WriteCoils => 1968,
            Function::WriteHolding => 123,
        }
    }
}

/// What all connections did.
pub struct Outcome {
    /// From each request to its reply, in nanoseconds.
    pub latency: Histogram<u64>,
    pub errors: BTreeMap<String, u64>,
    pub connected: u64,
    /// Requests that may still be made.
    pub left: u64,
    /// Transactions that have not ended yet, of those that are wanted.
    pub unfinished: u64,
    /// Why the first attempt to connect failed, as long as none has worked.
    pub hopeless: Option<String>,
}

impl Outcome {
    fn ended(&mut self) {
        self.unfinished = self.unfinished.saturating_sub(1);
    }

    fn error(&mut self, kind: String) {
        *self.errors.entry(kind).or_default() += 1;
    }
}

/// One connection.
pub struct Load {
    pub question: Rc<Question>,
    pub outcome: Rc<RefCell<Outcome>>,
    pub depth: usize,
}

impl Caller<DEPTH> for Load {
    fn told(&mut self, now: u64, event: Event<'_>) {
        let outcome = &mut *self.outcome.borrow_mut();
        match event {
            Event::Connected => outcome.connected += 1,
            Event::Disconnected(reason) => {
                outcome.error(reason.to_string());
                if outcome.connected == 0 {
                    outcome.hopeless = Some(reason.to_string());
                }
            }
            Event::Reply {
                response: Response::Exception { code, .. },
                ..
            } => {
                outcome.error(code.to_string());
                outcome.ended();
            }
            Event::Reply { requested, .. } => {
                outcome
                    .latency
                    .saturating_record(now.saturating_sub(requested));
                outcome.ended();
            }
            Event::Failed { failure, .. } => {
                outcome.error(failure_kind(&failure));
                outcome.ended();
            }
        }
    }

    fn ask(&mut self, now: u64, client: &mut Client<DEPTH>) -> Option<u64> {
        let outcome = &mut *self.outcome.borrow_mut();
        while client.in_flight() < self.depth && outcome.left > 0 && client.ready(now).is_ok() {
            let request = self.question.request();
            if let Err(error) = client.request(now, self.question.unit, &request, 0) {
                outcome.error(error.to_string());
                return None;
            }
            outcome.left -= 1;
        }
        None
    }
}
