//! Seeing a machine's steps.

use super::table::Chart;

/// Sees the steps of a machine. Each method is called on the machine's thread, in the middle of the
/// step: it should be short. What is not overridden costs nothing.
///
/// `row` is the row's place in [`Chart::LABELS`], which knows its names.
pub trait Trace<C: Chart> {
    /// Whether it sees anything at all.
    #[doc(hidden)]
    const SEES: bool = true;

    /// A row was taken; `to` is `None` for a row without a target. Called before the row's action.
    #[inline(always)]
    fn transition(&mut self, from: C::State, event: C::Event, to: Option<C::State>, row: usize) {
        let _ = (from, event, to, row);
    }

    /// A row's guard did not agree.
    #[inline(always)]
    fn refused(&mut self, state: C::State, event: C::Event, row: usize) {
        let _ = (state, event, row);
    }

    /// No row was taken.
    #[inline(always)]
    fn unhandled(&mut self, state: C::State, event: C::Event) {
        let _ = (state, event);
    }
}

/// Sees nothing, and is nothing: the default.
#[derive(Clone, Copy, Default, Debug)]
pub struct Untraced;

impl<C: Chart> Trace<C> for Untraced {
    const SEES: bool = false;
}

/// A closure that sees each row taken and each event left unhandled (`to` and `row` are `None` then, both).
#[derive(Clone, Copy, Debug)]
pub struct TraceWith<F>(pub F);

impl<C: Chart, F> Trace<C> for TraceWith<F>
where
    F: FnMut(C::State, C::Event, Option<C::State>, Option<usize>),
{
    fn transition(&mut self, from: C::State, event: C::Event, to: Option<C::State>, row: usize) {
        (self.0)(from, event, to, Some(row));
    }

    fn unhandled(&mut self, state: C::State, event: C::Event) {
        (self.0)(state, event, None, None);
    }
}
