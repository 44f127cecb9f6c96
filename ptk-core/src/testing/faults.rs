//! What can go wrong in the simulated world.

use core::time::Duration;

/// How the network behaves. The default is a perfect one with a delay of 100 µs.
#[derive(Clone, Debug)]
pub struct Faults {
    /// How long everything takes from one host to another.
    pub delay: Duration,
    /// Up to so much is added to each delay. Streams keep their order, datagrams may overtake each other.
    pub jitter: Duration,
    /// Datagrams lost, and stream segments that have to be sent again (later by [`resend`](Faults::resend)), in a thousand.
    pub loss_per_mille: u32,
    /// How much later a lost stream segment arrives.
    pub resend: Duration,
    /// Datagrams that arrive twice, in a thousand.
    pub duplicate_per_mille: u32,
    /// Receives that give only a part of what is there, in a thousand.
    pub short_read_per_mille: u32,
    /// Sends that take only a part of what is offered, in a thousand.
    pub short_write_per_mille: u32,
    /// Sends on a stream that reset it instead, in a thousand.
    pub reset_per_mille: u32,
    /// Waits that a signal interrupts: they answer nothing although something is ready, in a thousand.
    pub interrupted_per_mille: u32,
    /// How many bytes of a direction of a stream may be under way or unread: what is beyond would block.
    pub window: usize,
    /// How many connections may wait at a listener; further ones are refused.
    pub backlog: usize,
}

impl Default for Faults {
    fn default() -> Self {
        Self {
            delay: Duration::from_micros(100),
            jitter: Duration::ZERO,
            loss_per_mille: 0,
            resend: Duration::from_millis(200),
            duplicate_per_mille: 0,
            short_read_per_mille: 0,
            short_write_per_mille: 0,
            reset_per_mille: 0,
            interrupted_per_mille: 0,
            window: 64 * 1024,
            backlog: 128,
        }
    }
}

/// The calls that a loop makes, to choose which one fails.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Call {
    /// The wait itself (`kevent`).
    Wait,
    /// A change to a registration, refused with an entry among the answers.
    Change,
    /// `accept`.
    Accept,
    /// `socket` and `connect`.
    Connect,
    /// `recv`.
    Receive,
    /// `send`.
    Send,
    /// `recvmsg` on a datagram socket.
    ReceiveFrom,
    /// `sendto` on a datagram socket.
    SendTo,
    /// `shutdown`.
    Shutdown,
    /// The look at the end of a stream (`recv` with `MSG_PEEK`).
    AtEnd,
    /// `getsockopt` with `SO_ERROR`, after a connection attempt.
    TakeError,
    /// `setsockopt` with `TCP_NODELAY`.
    SetNodelay,
    /// A signal's registration.
    WatchSignal,
    /// The registration of what wakes the loop from other threads.
    Waker,
}
