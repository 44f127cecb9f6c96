//! How a client behaves.

use crate::{MILLISECOND, SECOND, codec::Framing};

/// How a [`Client`](crate::client::Client) behaves. Times are nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// How frames lie in the stream. In RTU framing one request is in flight at most, and a request that times out
    /// costs the connection: a late reply could not be told from the next one.
    pub framing: Framing,
    /// From now until the client connects for the first time: staggers the starts of many clients. At first 0.
    pub start_delay: u64,
    /// For a connection to come up. At first 3 s.
    pub connect_timeout: u64,
    /// For a reply, counted from the request, unless the request says otherwise. At first 1 s.
    pub request_timeout: u64,
    /// From a reply's first byte to its last. At first 2 s.
    pub frame_timeout: u64,
    /// Requests in flight at most, for the sake of a gateway or a device that does not like more; the `IN_FLIGHT` of the
    /// type caps it. At first no further cap.
    pub max_in_flight: usize,
    /// From sending one request to sending the next, at least. At first 0.
    pub request_delay: u64,
    /// Timeouts in a row, without anything received for as many times [`Config::request_timeout`], after which the peer is
    /// taken for dead; 0 for never. At first 3.
    pub max_timeouts: u32,
    /// What to ask when nothing else is asked, to find out that a peer is dead. At first nothing.
    pub keepalive: Option<Keepalive>,
    /// Whether a reply must come from the unit that was asked. Off for servers that answer with a unit id of their own.
    /// At first on.
    pub check_unit: bool,
    /// How long to wait between attempts to connect.
    pub backoff: Backoff,
}

impl Config {
    /// The defaults, usable in a `const`.
    pub const DEFAULT: Self = Self {
        framing: Framing::Mbap,
        start_delay: 0,
        connect_timeout: 3 * SECOND,
        request_timeout: SECOND,
        frame_timeout: 2 * SECOND,
        max_in_flight: usize::MAX,
        request_delay: 0,
        max_timeouts: 3,
        keepalive: None,
        check_unit: true,
        backoff: Backoff::DEFAULT,
    };
}

impl Default for Config {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// A request that is made after a time without any: reads one holding register.
///
/// Any reply will do, an exception too. It is not reported and takes a place in flight like every request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keepalive {
    /// Since the last request or reply.
    pub after: u64,
    /// The unit that is asked.
    pub unit: u8,
    /// The register that is read.
    pub address: u16,
}

/// How long to wait between attempts to connect: doubling from `first` to `most`, shortened at random by up to
/// `jitter_percent` so that many clients do not come back at the same time. The first reply resets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// After the first failure. At first 100 ms.
    pub first: u64,
    /// The longest wait. At first 10 s.
    pub most: u64,
    /// 0 to 100; at first 50.
    pub jitter_percent: u8,
}

impl Backoff {
    /// The defaults, usable in a `const`.
    pub const DEFAULT: Self = Self {
        first: 100 * MILLISECOND,
        most: 10 * SECOND,
        jitter_percent: 50,
    };
}

impl Default for Backoff {
    fn default() -> Self {
        Self::DEFAULT
    }
}
