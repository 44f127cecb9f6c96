//! When to ask a silent peer whether it is still there.

use core::time::Duration;

use crate::{Error, Result};

/// The times of TCP's keep-alive probes (`SO_KEEPALIVE`, `TCP_KEEPIDLE`, `TCP_KEEPINTVL`, `TCP_KEEPCNT`).
///
/// A dead peer is noticed after `idle + interval * count` of silence, as [`Timeout`](crate::ErrorKind::Timeout) on the next receive.
///
/// ```
/// use core::time::Duration;
/// use ptk_core::net::KeepAlive;
///
/// let times = KeepAlive::new(Duration::from_secs(10), Duration::from_secs(2), 5)?;
/// assert_eq!(times.silence(), Duration::from_secs(20));
/// # Ok::<(), ptk_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeepAlive {
    idle: u32,
    interval: u32,
    count: u32,
}

impl KeepAlive {
    /// `idle`: silence before the first probe. `interval`: between probes. `count`: unanswered probes before the connection is given
    /// up. The kernels count in whole seconds; parts of a second are rounded up, so that a probe never comes early.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) when a value is zero or no kernel would take it (times above 32,767 s, more
    /// than 127 probes).
    pub const fn new(idle: Duration, interval: Duration, count: u32) -> Result<KeepAlive> {
        let (Some(idle), Some(interval)) = (seconds(idle), seconds(interval)) else {
            return Err(Error::INVALID_INPUT);
        };
        if count == 0 || count > 127 {
            return Err(Error::INVALID_INPUT);
        }
        Ok(KeepAlive {
            idle,
            interval,
            count,
        })
    }

    /// How long a peer may be silent before the connection is given up.
    #[must_use]
    pub const fn silence(&self) -> Duration {
        Duration::from_secs(self.idle as u64 + self.interval as u64 * self.count as u64)
    }

    /// Seconds of silence before the first probe.
    #[must_use]
    pub const fn idle_seconds(&self) -> u32 {
        self.idle
    }

    /// Seconds between two probes.
    #[must_use]
    pub const fn interval_seconds(&self) -> u32 {
        self.interval
    }

    /// Unanswered probes before the connection is given up.
    #[must_use]
    pub const fn count(&self) -> u32 {
        self.count
    }
}

const fn seconds(time: Duration) -> Option<u32> {
    let seconds = time.as_secs() + if time.subsec_nanos() > 0 { 1 } else { 0 };
    if seconds == 0 || seconds > 32_767 {
        return None;
    }
    Some(seconds as u32)
}
