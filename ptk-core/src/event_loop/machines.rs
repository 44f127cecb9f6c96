//! State machines as handlers of the loop.

use super::{Context, Event, Handler};
use crate::machine::{Chart, Machine, Trace};
use crate::system::System;

/// A machine whose actions reach the outside through the loop's [`Context`]: the event's code is the machine's event, and
/// [`Context::event`] tells its actions the rest.
///
/// An event that finds no transition counts as [unhandled](super::Counters::unhandled).
impl<S, C, const QUEUE: usize, TRACE> Handler<S> for Machine<C, QUEUE, TRACE>
where
    S: System,
    C: for<'a> Chart<Context<'a> = Context<'a, S>>,
    TRACE: Trace<C>,
{
    #[inline]
    fn on_event(&mut self, cx: &mut Context<'_, S>, event: Event) {
        if !self.handle_code(cx, event.code).is_handled() {
            cx.note_unhandled();
        }
    }
}

/// Several handlers of one kind: [`Event::owner`] is the index of the one that is told. An owner that there is not counts as
/// [unhandled](super::Counters::unhandled).
impl<S: System, H: Handler<S>, const N: usize> Handler<S> for [H; N] {
    #[inline]
    fn on_event(&mut self, cx: &mut Context<'_, S>, event: Event) {
        match self.get_mut(event.owner as usize) {
            Some(handler) => handler.on_event(cx, event),
            None => cx.note_unhandled(),
        }
    }

    fn on_drain(&mut self, cx: &mut Context<'_, S>) {
        for handler in self {
            handler.on_drain(cx);
        }
    }
}
