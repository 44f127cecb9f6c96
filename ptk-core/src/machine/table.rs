//! What [`transitions!`](crate::transitions) makes of a chart.

use super::cx::Cx;
use super::run::{Report, Step};
use super::symbol::Symbol;
use super::trace::Trace;

/// What happens on a transition, on entering or on leaving a state: it gets the machine's data, the
/// [`Cx`] to raise events and reach the outside with, and the event that is being handled.
pub type Action<C> = fn(&mut <C as Chart>::Data, &mut Cx<'_, '_, C>, <C as Chart>::Event);

/// Whether a row is to be taken. It looks at the machine's data and changes nothing.
pub type Guard<C> = fn(&<C as Chart>::Data, <C as Chart>::Event) -> bool;

/// A state chart: its vocabulary and its table. Declared with [`transitions!`](crate::transitions).
pub trait Chart: Sized + 'static {
    /// The states.
    type State: Symbol;
    /// The events.
    type Event: Symbol;
    /// What a machine of this chart remembers beside its state.
    type Data;
    /// What the actions reach the outside with: the event loop's context in life, something that
    /// writes down what was asked of it in a test, `()` where there is no outside.
    type Context<'a>: ?Sized;

    /// The chart's name.
    const NAME: &'static str;
    /// The state that a machine begins in.
    const START: Self::State;
    /// The code of [`START`](Self::START).
    #[doc(hidden)]
    const START_CODE: u16;
    /// The rows' shapes: when each applies and where it leads.
    const TABLE: &'static Table;
    /// The names in the rows, for pictures and traces; a program that asks for none has none of
    /// them in it.
    const LABELS: Labels;

    /// An event came for which the current state has no row, or none whose guard agreed. It is reported here
    /// and in the [`Outcome`](super::Outcome); the state is what it was.
    fn unhandled(data: &mut Self::Data, cx: &mut Cx<'_, '_, Self>, event: Self::Event) {
        let _ = (data, cx, event);
    }

    /// Takes the first row that applies to the machine's state and to the event of that code: the table, compiled into one `match`. `word` is
    /// the state's code; with more in it than that, no row applies. Returns
    /// whether a row was taken.
    #[doc(hidden)]
    fn step<R: Report<Self>, T: Trace<Self>>(
        step: &mut Step<'_, '_, Self, R, T>,
        word: u32,
        code: u16,
    ) -> bool;

    /// A state's entry action.
    #[doc(hidden)]
    fn entry(state: Self::State) -> Option<Action<Self>>;

    /// A state's exit action.
    #[doc(hidden)]
    fn exit(state: Self::State) -> Option<Action<Self>>;
}

/// A chart's rows in the order in which they are tried. Taking one is compiled code, see [`Chart`].
#[derive(Clone, Copy, Debug)]
pub struct Table {
    #[doc(hidden)]
    pub shapes: &'static [Shape],
}

/// When a row applies and where it leads, in codes: what the compiler checks.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// The states' codes; none at all for "any state".
    pub from: &'static [u16],
    pub event: u16,
    pub to: Option<u16>,
    pub guarded: bool,
}

impl Shape {
    /// Whether the row is about that state and event.
    pub const fn applies(&self, state: u16, event: u16) -> bool {
        if self.event != event {
            return false;
        }
        if self.from.is_empty() {
            return true;
        }
        let mut index = 0;
        while index < self.from.len() {
            if self.from[index] == state {
                return true;
            }
            index += 1;
        }
        false
    }
}

/// The names in a chart's rows and of its entry and exit actions.
#[derive(Clone, Copy, Debug)]
pub struct Labels {
    /// For each row, in order.
    pub rows: &'static [Label],
    /// The code of a state and its entry action as it is written in the program.
    pub entry: &'static [(u16, &'static str)],
    /// The code of a state and its exit action as it is written in the program.
    pub exit: &'static [(u16, &'static str)],
}

/// The names in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label {
    /// The table that the row stands in; empty when the chart has only one.
    pub table: &'static str,
    /// The guard, as it is written in the program; empty when there is none.
    pub guard: &'static str,
    /// The action, as it is written in the program; empty when there is none.
    pub action: &'static str,
    /// The machine that takes over, as it is written in the program; empty when none does.
    pub hand_over: &'static str,
}
