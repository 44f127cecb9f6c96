//! [`Signals`]: deliveries of one signal, to `.await`.

use core::fmt;

use kqueue_safe::Signal as SignalFilter;
use nix::sys::signal::{SigSet, Signal};

use super::handle::IoDriverHandle;
use super::readiness::{IoEventInterest, Ready};
use super::registration::AsyncRegistration;
use crate::error::{Error, ErrorKind, Result};

/// Tells of a signal (`EVFILT_SIGNAL`), through the [`current`](super::current()) driver. One registration of each signal for a driver.
///
/// The signal is blocked in the calling thread, so that it does not end the process; threads that were started before must block it
/// themselves.
///
/// # Errors
///
/// [`InvalidInput`](ErrorKind::InvalidInput) for a number that is no signal; [`TableFull`](ErrorKind::TableFull); as
/// [`IoDriverHandle::current`].
pub fn signal(number: i32) -> Result<Signals> {
    signal_in(IoDriverHandle::current()?, number)
}

/// The same through this driver.
///
/// # Errors
///
/// As [`signal`].
pub fn signal_in(handle: IoDriverHandle, number: i32) -> Result<Signals> {
    let known = Signal::try_from(number).map_err(|_| Error::INVALID_INPUT)?;
    let mut set = SigSet::empty();
    set.add(known);
    set.thread_block()?;
    let registration = AsyncRegistration::without_descriptor(handle)?;
    let signals = Signals {
        registration,
        number,
    };
    let add = SignalFilter::new(number).add(signals.registration.token());
    handle.driver().queue().apply_one(add)?;
    Ok(signals)
}

/// The deliveries of one signal.
pub struct Signals {
    registration: AsyncRegistration,
    number: i32,
}

impl Signals {
    /// Waits for a delivery. Deliveries that come while nobody waits merge into one.
    ///
    /// # Errors
    ///
    /// [`Aborted`](ErrorKind::Aborted) when the driver was shut down.
    pub async fn recv(&self) -> Result<()> {
        let seen = self
            .registration
            .request_readiness(IoEventInterest::PRIORITY)
            .await;
        if seen.ready().contains(Ready::SHUTDOWN) {
            return Err(Error::new(ErrorKind::Aborted));
        }
        // A delivery between the look and this is told to the next call.
        self.registration.clear_readiness(seen);
        Ok(())
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        let queue = self.registration.handle().driver().queue();
        // Gone already when adding it had failed.
        let _ = queue.apply_one(SignalFilter::new(self.number).delete());
        self.registration.give_back();
    }
}

impl fmt::Debug for Signals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Signals").field(&self.number).finish()
    }
}
