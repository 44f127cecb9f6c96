//! A descriptor kept in reserve, for the moment when there is none left.

use super::answer::Accepted;
use super::tcp::TcpListener;
use super::unix::UnixListener;
use crate::Result;
use crate::os::{AsFd, OwnedFd};

/// One descriptor that does nothing but wait to be given up.
///
/// When `accept` answers [`Accepted::Exhausted`], the connection stays in the backlog and the listener stays readable: asking again
/// spins, not asking leaves the peer hanging. With a spare one the peer can be told: give the spare up, accept with the descriptor
/// that became free, close it at once (the peer sees an end, not silence), and take the spare back.
///
/// ```
/// use ptk_core::net::{Accepted, SpareDescriptor, TcpListener};
/// # fn main() -> ptk_core::Result<()> {
/// let listener = TcpListener::bind("127.0.0.1:0".parse().unwrap())?;
/// let mut spare = SpareDescriptor::for_listener(&listener)?;
/// let mut refused = 0;
/// match listener.accept()? {
///     Accepted::Exhausted(_) => refused += u32::from(spare.turn_away(&listener)?),
///     _ => {}
/// }
/// assert_eq!(refused, 0);
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct SpareDescriptor {
    /// `None` while another thread has taken the number that was given up.
    held: Option<OwnedFd>,
}

impl SpareDescriptor {
    /// Duplicates the listener's descriptor (`F_DUPFD_CLOEXEC`); the duplicate is never used but for its number.
    ///
    /// # Errors
    /// [`DescriptorsExhausted`](crate::ErrorKind::DescriptorsExhausted): too late.
    pub fn for_listener(listener: &impl AsFd) -> Result<SpareDescriptor> {
        Ok(SpareDescriptor {
            held: Some(duplicate(listener)?),
        })
    }

    /// Accepts one waiting connection and closes it. `true` when there was one; it is worth counting.
    ///
    /// # Errors
    /// Those of `accept`. When another thread was faster and took the free number, the answer is `false`, and the next call tries to
    /// take a spare again.
    pub fn turn_away(&mut self, listener: &TcpListener) -> Result<bool> {
        self.held = None;
        let turned_away = matches!(listener.accept()?, Accepted::Connection(..));
        self.held = duplicate(listener).ok();
        Ok(turned_away)
    }

    /// The same for a Unix listener.
    ///
    /// # Errors
    /// See [`turn_away`](SpareDescriptor::turn_away).
    pub fn turn_away_unix(&mut self, listener: &UnixListener) -> Result<bool> {
        self.held = None;
        let turned_away = matches!(listener.accept()?, Accepted::Connection(..));
        self.held = duplicate(listener).ok();
        Ok(turned_away)
    }

    /// Whether a descriptor is held now.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.held.is_some()
    }
}

fn duplicate(listener: &impl AsFd) -> Result<OwnedFd> {
    listener
        .as_fd()
        .try_clone_to_owned()
        .map_err(super::tcp::from_std)
}
