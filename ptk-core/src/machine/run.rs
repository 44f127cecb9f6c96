//! The machine that runs a chart.

use super::cx::Cx;
use super::queue::{Queue, QueueFull};
use super::symbol::Symbol;
use super::table::Chart;
use super::trace::{Trace, Untraced};

/// How many events one [`Machine::handle`] handles at most: beyond it, actions raise events in a circle.
pub const CHAIN_LIMIT: u32 = 1024;

/// A machine: a chart's state and data, and a queue for `QUEUE` events that its actions raise.
///
/// ```text
///             event
///               │
///   [queue] ──►─┤ 1 find: the first row for (state, event) whose guard agrees ── none ──► unhandled
///      ▲        │ 2 exit action of the old state
///      │        │ 3 the state changes
///    raise      │ 4 the row's action
///      │        │ 5 entry action of the new state
///      └────────┤ 6 the next queued event, until there is none
///               ▼
///            Outcome
/// ```
///
/// Steps 2, 3 and 5 are left out in a row without a target. `TRACE` sees each step; the
/// default is not there at all.
///
/// A queue for no event does not compile:
///
/// ```compile_fail
/// # ptk_core::symbols! { pub enum State { On } pub enum Event { Tick } }
/// # ptk_core::transitions! { pub chart Lamp { states: State, events: Event, start: On; table { On + Tick; } } }
/// let lamp = ptk_core::machine::Machine::<Lamp, 0>::new(());
/// ```
pub struct Machine<C: Chart, const QUEUE: usize = 4, TRACE = Untraced> {
    state: C::State,
    /// What the machine remembers beside its state.
    pub data: C::Data,
    /// What sees each step.
    pub trace: TRACE,
    queue: Queue<[Option<C::Event>; QUEUE]>,
}

/// What became of an event and of those that it led to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[must_use = "an event may have been left unhandled"]
pub struct Outcome {
    taken: u16,
    unhandled: u16,
    hand_over: Option<u16>,
    cut: bool,
}

impl Outcome {
    /// Whether each event found a row.
    #[inline]
    pub const fn is_handled(&self) -> bool {
        self.unhandled == 0
    }

    /// How many rows were taken.
    pub const fn taken(&self) -> usize {
        self.taken as usize
    }

    /// How many events found no row.
    pub const fn unhandled(&self) -> usize {
        self.unhandled as usize
    }

    /// The machine that is to get the following events, if a row handed over (the last that did).
    #[inline]
    pub const fn hand_over(&self) -> Option<u16> {
        self.hand_over
    }

    /// Whether [`CHAIN_LIMIT`] was reached; the rest is still queued.
    pub const fn is_cut(&self) -> bool {
        self.cut
    }
}

impl<C: Chart, const QUEUE: usize> Machine<C, QUEUE> {
    /// A machine in the chart's first state. No action runs: see [`start`](Machine::start).
    pub const fn new(data: C::Data) -> Self {
        Self::traced(data, Untraced)
    }
}

impl<C: Chart, const QUEUE: usize, TRACE> Machine<C, QUEUE, TRACE> {
    /// A machine whose steps are seen by `trace`.
    pub const fn traced(data: C::Data, trace: TRACE) -> Self {
        const { assert!(QUEUE > 0, "a machine's queue needs room for one event") };
        Self {
            state: C::START,
            data,
            trace,
            queue: Queue::new(),
        }
    }

    /// The current state.
    #[inline]
    pub fn state(&self) -> C::State {
        self.state
    }

    /// The largest number of events that were queued at once.
    pub const fn queue_high_water(&self) -> usize {
        self.queue.high_water()
    }

    /// How many events are queued: 0 outside of actions, unless [`post`](Self::post) was called or an
    /// outcome was [cut](Outcome::is_cut).
    pub const fn pending(&self) -> usize {
        self.queue.len()
    }

    /// Queues an event from outside; the next [`handle`](Self::handle) or [`run`](Self::run) handles it.
    ///
    /// # Errors
    ///
    /// The event, when the queue is full.
    pub fn post(&mut self, event: C::Event) -> Result<(), QueueFull<C::Event>> {
        let queue: &mut Queue<[Option<C::Event>]> = &mut self.queue;
        queue.push(event)
    }

    /// Back to the chart's first state with an empty queue; no action runs and the data stays.
    pub fn reset(&mut self) {
        let queue: &mut Queue<[Option<C::Event>]> = &mut self.queue;
        queue.clear();
        self.state = C::START;
    }
}

impl<C: Chart, const QUEUE: usize, TRACE: Trace<C>> Machine<C, QUEUE, TRACE> {
    /// Runs the entry action of the current state, with `event` as its reason, then what it raised.
    pub fn start(&mut self, context: &mut C::Context<'_>, event: C::Event) -> Outcome {
        self.runner(context).start(event)
    }

    /// Handles an event, and those that actions raise, to the end.
    #[inline]
    pub fn handle(&mut self, context: &mut C::Context<'_>, event: C::Event) -> Outcome {
        self.runner(context).handle(event)
    }

    /// The same with the event's code, as the event loop delivers it. A code that is no event's counts
    /// as an unhandled event.
    #[inline]
    pub fn handle_code(&mut self, context: &mut C::Context<'_>, code: u16) -> Outcome {
        match C::Event::from_code(code) {
            Some(event) => self.handle(context, event),
            None => Outcome {
                unhandled: 1,
                ..Outcome::default()
            },
        }
    }

    /// Handles what is queued.
    pub fn run(&mut self, context: &mut C::Context<'_>) -> Outcome {
        self.runner(context).drain(Outcome::default())
    }

    #[inline(always)]
    fn runner<'t, 'c>(&'t mut self, context: &'t mut C::Context<'c>) -> Runner<'t, 'c, C, TRACE> {
        Runner {
            state: &mut self.state,
            data: &mut self.data,
            trace: &mut self.trace,
            queue: &mut self.queue,
            context,
        }
    }
}

/// A machine without its capacity, during one call.
struct Runner<'t, 'c, C: Chart, TRACE> {
    state: &'t mut C::State,
    data: &'t mut C::Data,
    trace: &'t mut TRACE,
    queue: &'t mut Queue<[Option<C::Event>]>,
    context: &'t mut C::Context<'c>,
}

impl<C: Chart, TRACE: Trace<C>> Runner<'_, '_, C, TRACE> {
    fn start(mut self, event: C::Event) -> Outcome {
        let state = *self.state;
        self.hook(C::TABLE.entry, state, event);
        self.drain(Outcome::default())
    }

    #[inline(always)]
    fn handle(mut self, event: C::Event) -> Outcome {
        let mut outcome = Outcome::default();
        if self.queue.len() > 0 {
            return self.handle_after_queue(event);
        }
        self.dispatch(event, &mut outcome);
        if self.queue.len() == 0 {
            return outcome;
        }
        self.drain(outcome)
    }

    /// What was queued first comes first.
    #[cold]
    fn handle_after_queue(mut self, event: C::Event) -> Outcome {
        let mut outcome = Outcome::default();
        self.drain_by_ref(&mut outcome);
        self.dispatch(event, &mut outcome);
        self.drain(outcome)
    }

    #[inline(never)]
    fn drain(mut self, mut outcome: Outcome) -> Outcome {
        self.drain_by_ref(&mut outcome);
        outcome
    }

    fn drain_by_ref(&mut self, outcome: &mut Outcome) {
        for _ in 0..CHAIN_LIMIT {
            match self.queue.pop() {
                Some(event) => self.dispatch(event, outcome),
                None => return,
            }
        }
        outcome.cut |= self.queue.len() > 0;
    }

    #[inline(always)]
    fn dispatch(&mut self, event: C::Event, outcome: &mut Outcome) {
        let state = *self.state;
        let place = state.code() as usize * C::Event::SPAN + event.code() as usize;
        let mut number = C::TABLE.index.get(place).copied().unwrap_or(0) as usize;
        loop {
            // Rows are numbered from 1; 0 means that no row applies.
            let Some(row) = C::TABLE.rows.get(number.wrapping_sub(1)) else {
                return self.unhandled(state, event, outcome);
            };
            if row.guard.is_none_or(|guard| guard(self.data, event)) {
                break self.take(number - 1, state, event, outcome);
            }
            self.trace.refused(state, event, number - 1);
            number = next_row::<C>(number, state, event);
        }
    }

    #[inline(always)]
    fn take(&mut self, number: usize, from: C::State, event: C::Event, outcome: &mut Outcome) {
        let row = &C::TABLE.rows[number];
        outcome.taken = outcome.taken.saturating_add(1);
        if row.hand_over.is_some() {
            outcome.hand_over = row.hand_over;
        }
        if let Some(to) = row.to {
            self.hook(C::TABLE.exit, from, event);
            *self.state = to;
        }
        self.trace.transition(from, event, row.to, number);
        if let Some(action) = row.action {
            self.call(action, event);
        }
        if let Some(to) = row.to {
            self.hook(C::TABLE.entry, to, event);
        }
    }

    #[inline(always)]
    fn hook(
        &mut self,
        hooks: &'static [Option<super::table::Action<C>>],
        state: C::State,
        event: C::Event,
    ) {
        if let Some(&Some(action)) = hooks.get(state.code() as usize) {
            self.call(action, event);
        }
    }

    #[inline(always)]
    fn call(&mut self, action: super::table::Action<C>, event: C::Event) {
        let mut cx = Cx {
            context: &mut *self.context,
            queue: &mut *self.queue,
            state: *self.state,
        };
        action(self.data, &mut cx, event);
    }

    #[cold]
    fn unhandled(&mut self, state: C::State, event: C::Event, outcome: &mut Outcome) {
        outcome.unhandled = outcome.unhandled.saturating_add(1);
        self.trace.unhandled(state, event);
        let mut cx = Cx {
            context: &mut *self.context,
            queue: &mut *self.queue,
            state,
        };
        C::unhandled(self.data, &mut cx, event);
    }
}

/// The number of the next row after `number` that applies; 0 for none.
#[cold]
fn next_row<C: Chart>(number: usize, state: C::State, event: C::Event) -> usize {
    C::TABLE
        .shapes
        .iter()
        .enumerate()
        .skip(number)
        .find(|(_, shape)| shape.applies(state.code(), event.code()))
        .map_or(0, |(row, _)| row + 1)
}
