//! Accepting, for listeners of both families.

use core::future::Future;

use super::stream::{Stream, StreamSocket};
use crate::aio::BridgedFd;
use crate::aio::call::Attempt;
use crate::aio::readiness::IoEventInterest;
use crate::error::Result;
use crate::net::Accepted;
use crate::os::AsFd;

/// How many connections that were given up before they were taken are passed over in one go, before others have their turn.
const ABORTED_IN_A_ROW: usize = 16;

/// Waits for a connection and registers it with the listener's driver.
#[inline]
pub(super) fn accept<'l, L: AsFd, S: StreamSocket, A: 'l>(
    listener: &'l BridgedFd<L>,
    take: impl Fn(&L) -> Result<Accepted<S, A>> + 'l,
) -> impl Future<Output = Result<(Stream<S>, A)>> + 'l {
    listener.call(IoEventInterest::READABLE, move |socket| {
        let mut aborted = 0;
        loop {
            return match take(socket)? {
                Accepted::Connection(stream, address) => {
                    let stream = Stream::from_socket(listener.registration().handle(), stream)?;
                    Ok(Attempt::Done((stream, address)))
                }
                Accepted::WouldBlock => Ok(Attempt::WouldBlock),
                Accepted::Aborted(_) if aborted < ABORTED_IN_A_ROW => {
                    aborted += 1;
                    continue;
                }
                Accepted::Aborted(error) | Accepted::Exhausted(error) => Err(error),
            };
        }
    })
}
