//! The counters and the event log of functions 8, 11 and 12 (§6.8 to §6.10).

use crate::codec::{ExceptionCode, Registers, SubFunction, limits::MAX_LOG_EVENTS};

/// Bits of a receive event and of a send event in the log (§6.10).
mod event {
    pub const RECEIVED: u8 = 0x80;
    /// Of both kinds.
    pub const LISTENING: u8 = 0x20;
    pub const RECEIVED_BROADCAST: u8 = 0x40;
    pub const SENT: u8 = 0x40;
    pub const SENT_READ_EXCEPTION: u8 = 0x01;
    pub const SENT_ABORT_EXCEPTION: u8 = 0x02;
    pub const SENT_BUSY_EXCEPTION: u8 = 0x04;
    pub const SENT_NAK_EXCEPTION: u8 = 0x08;
    pub const ENTERED_LISTEN_ONLY: u8 = 0x04;
    pub const RESTARTED: u8 = 0x00;
}

/// What a device knows of its own traffic. Counters are 16 bits wide and wrap, as the specification's do.
#[derive(Clone, Debug)]
pub struct Diagnostics {
    /// What Return Diagnostic Register answers; its bits are the device's own (§6.8.1, 02).
    pub register: u16,
    /// Messages seen (11).
    pub bus_messages: u16,
    /// Messages with a bad checksum (12).
    pub communication_errors: u16,
    /// Exception replies (13).
    pub exceptions: u16,
    /// Messages for a unit of this device (14).
    pub server_messages: u16,
    /// Messages that were not answered (15).
    pub no_responses: u16,
    /// Exception 07 replies (16).
    pub naks: u16,
    /// Exception 06 replies (17).
    pub busy: u16,
    /// Messages lost to an overrun (18).
    pub overruns: u16,
    /// Requests completed without exception, but for functions 8, 11 and 12 (§6.9).
    pub events: u16,
    listen_only: bool,
    /// A ring.
    log: [u8; MAX_LOG_EVENTS],
    /// How many events went into the log since it was last cleared.
    logged: u64,
}

impl Diagnostics {
    /// All zero, the log empty.
    pub const fn new() -> Self {
        Self {
            register: 0,
            bus_messages: 0,
            communication_errors: 0,
            exceptions: 0,
            server_messages: 0,
            no_responses: 0,
            naks: 0,
            busy: 0,
            overruns: 0,
            events: 0,
            listen_only: false,
            log: [0; MAX_LOG_EVENTS],
            logged: 0,
        }
    }

    /// Whether a peer has put the device into listen-only mode (§6.8.1, 04).
    pub const fn is_listen_only(&self) -> bool {
        self.listen_only
    }

    /// Copies the event log into `out`, latest first, and returns how many events there are (§6.10).
    pub fn copy_log(&self, out: &mut [u8; MAX_LOG_EVENTS]) -> usize {
        let count = self.logged.min(MAX_LOG_EVENTS as u64);
        for (age, event) in (0..count).zip(out) {
            *event = self.log[(self.logged - 1 - age) as usize % MAX_LOG_EVENTS];
        }
        count as usize
    }

    #[inline]
    const fn push(&mut self, event: u8) {
        self.log[self.logged as usize % MAX_LOG_EVENTS] = event;
        self.logged += 1;
    }

    #[inline]
    const fn listening(&self) -> u8 {
        if self.listen_only {
            event::LISTENING
        } else {
            0
        }
    }

    #[inline]
    pub(super) const fn message(&mut self, broadcast: bool) {
        self.bus_messages = self.bus_messages.wrapping_add(1);
        let broadcast = if broadcast {
            event::RECEIVED_BROADCAST
        } else {
            0
        };
        self.push(event::RECEIVED | self.listening() | broadcast);
    }

    #[inline]
    pub(super) const fn addressed(&mut self) {
        self.server_messages = self.server_messages.wrapping_add(1);
    }

    /// A request was completed and is answered.
    #[inline]
    pub(super) const fn completed(&mut self) {
        self.events = self.events.wrapping_add(1);
        self.answered();
    }

    /// As [`completed`](Self::completed), for functions 8, 11 and 12, which do not count.
    #[inline]
    pub(super) const fn answered(&mut self) {
        self.push(event::SENT | self.listening());
    }

    /// A request is answered with an exception.
    pub(super) fn refused(&mut self, why: ExceptionCode) {
        let kind = self.exception(why);
        self.push(event::SENT | self.listening() | kind);
    }

    fn exception(&mut self, code: ExceptionCode) -> u8 {
        self.exceptions = self.exceptions.wrapping_add(1);
        match code {
            ExceptionCode::IllegalFunction
            | ExceptionCode::IllegalDataAddress
            | ExceptionCode::IllegalDataValue => event::SENT_READ_EXCEPTION,
            ExceptionCode::ServerDeviceFailure => event::SENT_ABORT_EXCEPTION,
            ExceptionCode::Acknowledge => event::SENT_BUSY_EXCEPTION,
            ExceptionCode::ServerDeviceBusy => {
                self.busy = self.busy.wrapping_add(1);
                event::SENT_BUSY_EXCEPTION
            }
            ExceptionCode::NegativeAcknowledge => {
                self.naks = self.naks.wrapping_add(1);
                event::SENT_NAK_EXCEPTION
            }
            _ => 0,
        }
    }

    pub(super) const fn not_answered(&mut self) {
        self.no_responses = self.no_responses.wrapping_add(1);
    }

    /// Does what sub-function `sub` asks for. `Ok(None)` means no reply; `Ok(Some(None))` an echo of the request;
    /// `Ok(Some(Some(word)))` this word.
    pub(super) fn handle(
        &mut self,
        sub: SubFunction,
        data: Registers<'_>,
        allow_listen_only: bool,
    ) -> Result<Option<Option<u16>>, ExceptionCode> {
        let word = data.get(0).unwrap_or_default();
        if sub == SubFunction::ReturnQueryData {
            return Ok(Some(None));
        }
        let clears_log = sub == SubFunction::RestartCommunications && word == 0xFF00;
        let delimiter = sub == SubFunction::ChangeAsciiDelimiter && word & 0xFF == 0;
        if word != 0 && !clears_log && !delimiter {
            return Err(ExceptionCode::IllegalDataValue);
        }
        Ok(Some(Some(match sub {
            SubFunction::RestartCommunications => {
                let silent = self.listen_only;
                self.restart(clears_log);
                // Out of listen-only mode no reply is sent (§6.8.1, 01).
                return Ok(if silent { None } else { Some(None) });
            }
            SubFunction::ReturnDiagnosticRegister => self.register,
            SubFunction::ForceListenOnly if allow_listen_only => {
                self.listen_only = true;
                self.push(event::ENTERED_LISTEN_ONLY);
                return Ok(None);
            }
            SubFunction::ClearCounters => {
                self.clear();
                return Ok(Some(None));
            }
            SubFunction::BusMessageCount => self.bus_messages,
            SubFunction::BusCommunicationErrorCount => self.communication_errors,
            SubFunction::BusExceptionErrorCount => self.exceptions,
            SubFunction::ServerMessageCount => self.server_messages,
            SubFunction::ServerNoResponseCount => self.no_responses,
            SubFunction::ServerNakCount => self.naks,
            SubFunction::ServerBusyCount => self.busy,
            SubFunction::BusCharacterOverrunCount => self.overruns,
            SubFunction::ClearOverrunCounter => {
                self.overruns = 0;
                return Ok(Some(None));
            }
            // ASCII framing there is none; the rest is reserved.
            _ => return Err(ExceptionCode::IllegalFunction),
        })))
    }

    fn restart(&mut self, clear_log: bool) {
        self.clear();
        self.listen_only = false;
        if clear_log {
            self.logged = 0;
        }
        self.push(event::RESTARTED);
    }

    /// Sets the counters and the diagnostic register to zero; the log stays.
    pub const fn clear(&mut self) {
        self.register = 0;
        self.bus_messages = 0;
        self.communication_errors = 0;
        self.exceptions = 0;
        self.server_messages = 0;
        self.no_responses = 0;
        self.naks = 0;
        self.busy = 0;
        self.overruns = 0;
        self.events = 0;
    }
}

impl Default for Diagnostics {
    fn default() -> Self {
        Self::new()
    }
}
