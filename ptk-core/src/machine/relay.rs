//! Machines that hand over to each other.

use super::run::{Machine, Outcome};
use super::table::Chart;
use super::trace::Trace;

/// A machine as the others see it: something that handles event codes in a context.
///
/// `K` is any chart with that [context](Chart::Context); the charts of one [`Relay`] may differ in all else.
pub trait Receiver<K: Chart> {
    /// See [`Machine::handle_code`].
    fn receive(&mut self, context: &mut K::Context<'_>, code: u16) -> Outcome;
}

impl<K, C, const QUEUE: usize, TRACE> Receiver<K> for Machine<C, QUEUE, TRACE>
where
    K: Chart,
    C: for<'c> Chart<Context<'c> = K::Context<'c>>,
    TRACE: Trace<C>,
{
    fn receive(&mut self, context: &mut K::Context<'_>, code: u16) -> Outcome {
        self.handle_code(context, code)
    }
}

/// Machines that hand over to each other: the one that is on gets the events.
///
/// A row's `>> MACHINE` is the place of the machine in this list. The machine that hands over first runs to
/// completion; the other one gets the next event from outside.
///
/// ```
/// use ptk_core::machine::{Machine, Receiver, Relay};
///
/// ptk_core::symbols! {
///     enum Phase { Waiting, Done }
///     enum Event { Up, Data }
/// }
/// ptk_core::transitions! {
///     chart Handshake {
///         states: Phase, events: Event, start: Waiting;
///         table { Waiting + Up => Done >> 1; }
///     }
/// }
/// ptk_core::transitions! {
///     chart Transfer {
///         states: Phase, events: Event, data: u32, start: Waiting;
///         table {
///             Waiting + Data / |count, _, _| *count += 1;
///             Waiting + Up => Done >> 0;
///         }
///     }
/// }
///
/// let mut handshake = Machine::<Handshake>::new(());
/// let mut transfer = Machine::<Transfer>::new(0);
/// let mut relay = Relay::<Handshake, 2>::new([&mut handshake, &mut transfer]);
/// assert!(!relay.handle(&mut (), Event::Data).is_handled()); // the handshake does not know what to do
/// assert!(relay.handle(&mut (), Event::Up).is_handled());
/// assert!(relay.handle(&mut (), Event::Data).is_handled());
/// assert_eq!(relay.current(), 1);
/// # drop(relay);
/// # assert_eq!(transfer.data, 1);
/// ```
pub struct Relay<'m, K: Chart, const N: usize> {
    machines: [&'m mut dyn Receiver<K>; N],
    current: u16,
}

impl<'m, K: Chart, const N: usize> Relay<'m, K, N> {
    /// The machines in the order of their numbers; the first is on.
    pub fn new(machines: [&'m mut dyn Receiver<K>; N]) -> Self {
        const { assert!(N > 0, "a relay needs a machine") };
        Self {
            machines,
            current: 0,
        }
    }

    /// The number of the machine that gets the next event.
    pub const fn current(&self) -> u16 {
        self.current
    }

    /// Handles an event with the machine that is on. A hand-over to a number that no machine has changes
    /// nothing, and is still to be seen in the outcome.
    pub fn handle(&mut self, context: &mut K::Context<'_>, event: impl Into<u16>) -> Outcome {
        let outcome = self.machines[self.current as usize].receive(context, event.into());
        if let Some(next) = outcome.hand_over()
            && (next as usize) < N
        {
            self.current = next;
        }
        outcome
    }
}
