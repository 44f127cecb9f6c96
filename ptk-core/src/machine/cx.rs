//! What an action is given: [`Cx`].

use super::queue::{QueueFull, Standing};
use super::table::Chart;

/// An action's way to its own machine's queue and to the outside.
///
/// The first lifetime is the call's, the second that of the [context](Chart::Context); in an action's
/// signature both are left out: `cx: &mut Cx<'_, '_, Client>`.
pub struct Cx<'t, 'c, C: Chart> {
    /// What [`Machine::handle`](super::Machine::handle) was called with.
    pub context: &'t mut C::Context<'c>,
    pub(super) queue: &'t mut Standing<C::Event>,
    pub(super) state: C::State,
}

impl<C: Chart> Cx<'_, '_, C> {
    /// Queues an event for this machine. It is handled when this action and everything that was
    /// queued before it is done, before [`Machine::handle`](super::Machine::handle) returns.
    ///
    /// # Errors
    ///
    /// The event, when the queue is full.
    #[inline]
    pub fn raise(&mut self, event: C::Event) -> Result<(), QueueFull<C::Event>> {
        self.queue.push(event)
    }

    /// The machine's state: in an exit action the one that is being left, in every other action the
    /// new one.
    #[inline]
    pub fn state(&self) -> C::State {
        self.state
    }
}
