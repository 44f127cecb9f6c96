//! The calls that tasks wait for.

use core::cell::RefCell;
use core::fmt;

use ptk_core::aio::Notify;

use crate::client::{DisconnectReason, Failure};
use crate::codec::limits::MAX_PDU;
use crate::codec::{Error, ExceptionCode, Response};

/// Why a call has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CallError {
    /// The request breaks the specification; nothing was sent.
    Invalid(Error),
    /// There was no connection before the time was over; nothing was sent. Why the last one, or the last attempt, ended.
    NotConnected(Option<DisconnectReason>),
    /// Other requests took all places in flight until the time was over; nothing was sent.
    Busy,
    /// It was sent, and there is no usable reply. The device may have done what was asked.
    Failed(Failure),
    /// The device refused.
    Exception(ExceptionCode),
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(error) => write!(f, "invalid request: {error}"),
            Self::NotConnected(None) => f.write_str("not connected"),
            Self::NotConnected(Some(reason)) => write!(f, "not connected: {reason}"),
            Self::Busy => f.write_str("too many requests in flight"),
            Self::Failed(failure) => failure.fmt(f),
            Self::Exception(code) => write!(f, "the device refused: {code}"),
        }
    }
}

impl core::error::Error for CallError {}

/// Marks the tokens of calls, in their upper half. The lower half is the place.
const TOKEN: u64 = 0x6361_6C6C_0000_0000;
const TOKEN_MASK: u64 = 0xFFFF_FFFF_0000_0000;

/// ```text
///           begin                 finish               take
///   Free ──────────► Waiting ──────────────► Done ──────────► Free
///                       │ abandon              │ abandon ───► Free
///                       ▼         finish
///                   Abandoned ─────────────► Free
/// ```
#[derive(Clone, Copy)]
enum State {
    Free,
    Waiting,
    /// The task that asked is gone; the machine has not told the end yet.
    Abandoned,
    Done(Result<usize, Failure>),
}

#[derive(Clone, Copy)]
struct Call {
    state: State,
    pdu: [u8; MAX_PDU],
}

/// Places for `N` calls.
pub(super) struct Calls<const N: usize> {
    calls: RefCell<[Call; N]>,
    done: [Notify; N],
}

impl<const N: usize> Calls<N> {
    pub(super) const fn new() -> Self {
        let free = Call {
            state: State::Free,
            pdu: [0; MAX_PDU],
        };
        Self {
            calls: RefCell::new([free; N]),
            done: [const { Notify::new() }; N],
        }
    }

    /// A free place and the token for it.
    pub(super) fn free(&self) -> Option<(usize, u64)> {
        let calls = self.calls.borrow();
        let free = |call: &Call| matches!(call.state, State::Free);
        let place = calls.iter().position(free)?;
        Some((place, TOKEN | place as u64))
    }

    /// The place is taken by a call that was sent; it is given back when the ticket is dropped.
    pub(super) fn begin(&self, place: usize) -> Ticket<'_, N> {
        self.calls.borrow_mut()[place].state = State::Waiting;
        Ticket { calls: self, place }
    }

    /// Takes the end of a call; false if the token is none of a call's.
    pub(super) fn finish(&self, token: u64, result: Result<Response<'_>, Failure>) -> bool {
        let place = (token & !TOKEN_MASK) as usize;
        if token & TOKEN_MASK != TOKEN || place >= N {
            return false;
        }
        let call = &mut self.calls.borrow_mut()[place];
        call.state = match call.state {
            // What was decoded can be encoded.
            State::Waiting => State::Done(
                result.and_then(|reply| reply.encode(&mut call.pdu).map_err(Failure::Malformed)),
            ),
            State::Abandoned | State::Free | State::Done(_) => State::Free,
        };
        self.done[place].notify_one();
        true
    }
}

/// A call that was sent.
pub(super) struct Ticket<'c, const N: usize> {
    calls: &'c Calls<N>,
    place: usize,
}

impl<const N: usize> Ticket<'_, N> {
    /// Waits for the end.
    pub(super) async fn end(&self, reply: &mut [u8; MAX_PDU]) -> Result<usize, Failure> {
        loop {
            {
                let call = &self.calls.calls.borrow()[self.place];
                if let State::Done(result) = call.state {
                    if let Ok(length) = result {
                        reply[..length].copy_from_slice(&call.pdu[..length]);
                    }
                    return result;
                }
            }
            self.calls.done[self.place].notified().await;
        }
    }
}

impl<const N: usize> Drop for Ticket<'_, N> {
    fn drop(&mut self) {
        let state = &mut self.calls.calls.borrow_mut()[self.place].state;
        *state = match *state {
            State::Waiting => State::Abandoned,
            _ => State::Free,
        };
    }
}
