//! State machines as handlers of the loop.

use super::{Context, Event, Handler};
use crate::machine::{Chart, Machine, Report, Trace};
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
    #[inline(always)]
    fn on_event(&mut self, cx: &mut Context<'_, S>, event: Event) {
        self.handle_reporting(cx, event.code, &mut ToCounters);
    }
}

/// Tells the loop's counters of the events that nobody took.
struct ToCounters;

impl<S: System, C> Report<C> for ToCounters
where
    C: for<'a> Chart<Context<'a> = Context<'a, S>>,
{
    #[inline(always)]
    fn taken(&mut self, _: Option<u16>) {}

    fn unhandled(&mut self, context: &mut C::Context<'_>) {
        context.note_unhandled();
    }

    fn cut(&mut self) {}
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
