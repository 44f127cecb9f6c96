//! The machine that runs a chart.

use super::cx::Cx;
use super::queue::{QueueFull, Standing};
use super::symbol::Symbol;
use super::table::{Action, Chart, Guard, Shape};
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
#[repr(C)] // What each event looks at comes first.
pub struct Machine<C: Chart, const QUEUE: usize = 4, TRACE = Untraced> {
    queue: Standing<C::Event, [Option<C::Event>; QUEUE]>,
    /// What the machine remembers beside its state.
    pub data: C::Data,
    /// What sees each step.
    pub trace: TRACE,
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
        const {
            assert!(
                QUEUE < u16::MAX as usize,
                "a machine's queue has room for 65,534 events at most"
            )
        };
        Self {
            queue: Standing::new(C::START_CODE),
            data,
            trace,
        }
    }

    /// The current state.
    #[inline]
    pub fn state(&self) -> C::State {
        state_of::<C, _>(&self.queue)
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
        let queue: &mut Standing<C::Event> = &mut self.queue;
        queue.push(event)
    }

    /// Back to the chart's first state with an empty queue; no action runs and the data stays.
    pub fn reset(&mut self) {
        let queue: &mut Standing<C::Event> = &mut self.queue;
        queue.clear();
        queue.set_state(C::START_CODE);
    }
}

impl<C: Chart, const QUEUE: usize, TRACE: Trace<C>> Machine<C, QUEUE, TRACE> {
    /// Runs the entry action of the current state, with `event` as its reason, then what it raised.
    pub fn start(&mut self, context: &mut C::Context<'_>, event: C::Event) -> Outcome {
        let mut outcome = Outcome::default();
        let entry = C::entry(self.state());
        self.step(context, &mut outcome).call(entry, event);
        self.drain(context, &mut outcome);
        outcome
    }

    /// Handles an event, and those that actions raise, to the end.
    #[inline]
    pub fn handle(&mut self, context: &mut C::Context<'_>, event: C::Event) -> Outcome {
        self.handle_code(context, event.code())
    }

    /// The same with the event's code, as the event loop delivers it. A code that is no event's counts
    /// as an unhandled event.
    #[inline]
    pub fn handle_code(&mut self, context: &mut C::Context<'_>, code: u16) -> Outcome {
        let mut outcome = Outcome::default();
        self.handle_reporting(context, code, &mut outcome);
        outcome
    }

    /// Handles what is queued.
    pub fn run(&mut self, context: &mut C::Context<'_>) -> Outcome {
        let mut outcome = Outcome::default();
        self.drain(context, &mut outcome);
        outcome
    }

    /// Handles an event to the end and tells `report` what becomes of it. The usual case, nothing queued before and nothing raised, is all
    /// that is in line.
    #[inline(always)]
    pub(crate) fn handle_reporting(
        &mut self,
        context: &mut C::Context<'_>,
        code: u16,
        report: &mut impl Report<C>,
    ) {
        let word = self.queue.word();
        if !C::step(&mut self.step(context, report), word, code) {
            return self.otherwise(context, code, report);
        }
        if !self.queue.is_empty() {
            self.drain(context, report);
        }
    }

    /// No row applies, or events wait: what was queued first comes first.
    #[cold]
    #[inline(never)]
    fn otherwise(&mut self, context: &mut C::Context<'_>, code: u16, report: &mut impl Report<C>) {
        let waits = !self.queue.is_empty();
        let mut step = self.step(context, report);
        if waits {
            drain(step.again());
            handle(&mut step, code);
        } else {
            unhandled(step.again(), code);
        }
        drain(step);
    }

    #[cold]
    #[inline(never)]
    fn drain(&mut self, context: &mut C::Context<'_>, report: &mut impl Report<C>) {
        drain(self.step(context, report));
    }

    #[inline(always)]
    fn step<'t, 'c, R>(
        &'t mut self,
        context: &'t mut C::Context<'c>,
        report: &'t mut R,
    ) -> Step<'t, 'c, C, R, TRACE> {
        Step {
            data: &mut self.data,
            trace: &mut self.trace,
            queue: &mut self.queue,
            context,
            report,
            refused: 0,
        }
    }
}

/// Who hears what becomes of events.
#[doc(hidden)]
pub trait Report<C: Chart> {
    /// A row was taken.
    fn taken(&mut self, hand_over: Option<u16>);
    /// An event found no row.
    fn unhandled(&mut self, context: &mut C::Context<'_>);
    /// [`CHAIN_LIMIT`] was reached.
    fn cut(&mut self);
}

impl<C: Chart> Report<C> for Outcome {
    #[inline(always)]
    fn taken(&mut self, hand_over: Option<u16>) {
        self.taken = self.taken.saturating_add(1);
        if hand_over.is_some() {
            self.hand_over = hand_over;
        }
    }

    fn unhandled(&mut self, _: &mut C::Context<'_>) {
        self.unhandled = self.unhandled.saturating_add(1);
    }

    fn cut(&mut self) {
        self.cut = true;
    }
}

/// A machine without its capacity, during one call: what a chart's [`step`](Chart::step) works on.
#[doc(hidden)]
pub struct Step<'t, 'c, C: Chart, R, TRACE> {
    data: &'t mut C::Data,
    trace: &'t mut TRACE,
    queue: &'t mut Standing<C::Event>,
    context: &'t mut C::Context<'c>,
    report: &'t mut R,
    /// How many guards have refused the event; counted for a trace only.
    refused: usize,
}

impl<'c, C: Chart, R: Report<C>, TRACE: Trace<C>> Step<'_, 'c, C, R, TRACE> {
    #[inline(always)]
    fn state(&self) -> C::State {
        state_of::<C, _>(self.queue)
    }

    /// Whether a row's guard agrees.
    #[inline(always)]
    pub fn agrees(&mut self, event: C::Event, guard: Guard<C>) -> bool {
        let agrees = guard(self.data, event);
        if TRACE::SEES && !agrees {
            let state = self.state();
            self.trace
                .refused(state, event, row::<C>(state, event, self.refused));
            self.refused += 1;
        }
        agrees
    }

    /// Takes a row.
    #[inline(always)]
    pub fn take(
        &mut self,
        event: C::Event,
        to: Option<C::State>,
        hand_over: Option<u16>,
        action: Option<Action<C>>,
    ) {
        let from = self.state();
        self.report.taken(hand_over);
        if let Some(to) = to {
            self.call(C::exit(from), event);
            self.queue.set_state(to.code());
        }
        if TRACE::SEES {
            let row = row::<C>(from, event, self.refused);
            self.trace.transition(from, event, to, row);
        }
        self.call(action, event);
        if let Some(to) = to {
            self.call(C::entry(to), event);
        }
    }

    #[inline(always)]
    fn call(&mut self, action: Option<Action<C>>, event: C::Event) {
        if let Some(action) = action {
            let state = self.state();
            let mut cx = Cx {
                context: &mut *self.context,
                queue: &mut *self.queue,
                state,
            };
            action(self.data, &mut cx, event);
        }
    }

    #[inline(always)]
    fn again(&mut self) -> Step<'_, 'c, C, R, TRACE> {
        Step {
            data: &mut *self.data,
            trace: &mut *self.trace,
            queue: &mut *self.queue,
            context: &mut *self.context,
            report: &mut *self.report,
            refused: self.refused,
        }
    }
}

/// The state. (What is there is a code of one: nothing else is written.)
#[inline(always)]
fn state_of<C: Chart, P: ?Sized>(queue: &Standing<C::Event, P>) -> C::State {
    C::State::from_code(queue.state()).unwrap_or(C::START)
}

/// Takes the row for an event, whatever is queued, or reports that there is none.
fn handle<C: Chart, R: Report<C>, TRACE: Trace<C>>(
    step: &mut Step<'_, '_, C, R, TRACE>,
    code: u16,
) {
    let word = u32::from(step.queue.state());
    if !C::step(step, word, code) {
        unhandled(step.again(), code);
    }
}

/// Handles what is queued.
fn drain<C: Chart, R: Report<C>, TRACE: Trace<C>>(mut step: Step<'_, '_, C, R, TRACE>) {
    let mut left = CHAIN_LIMIT;
    while !step.queue.is_empty() {
        if left == 0 {
            return step.report.cut();
        }
        left -= 1;
        if let Some(event) = step.queue.pop() {
            handle(&mut step.again(), event.code());
        }
    }
}

/// Reports the code, and the event if it is one's.
fn unhandled<C: Chart, R: Report<C>, TRACE: Trace<C>>(step: Step<'_, '_, C, R, TRACE>, code: u16) {
    let state = step.state();
    step.report.unhandled(step.context);
    let Some(event) = C::Event::from_code(code) else {
        return;
    };
    step.trace.unhandled(state, event);
    let mut cx = Cx {
        context: step.context,
        queue: step.queue,
        state,
    };
    C::unhandled(step.data, &mut cx, event);
}

/// The row that is tried after `refused` others: they are tried in order.
#[cold]
fn row<C: Chart>(state: C::State, event: C::Event, refused: usize) -> usize {
    let applies = |shape: &Shape| shape.applies(state.code(), event.code());
    let shapes = C::TABLE.shapes.iter().enumerate();
    let mut rows = shapes.filter(|(_, shape)| applies(shape));
    rows.nth(refused).map_or(0, |(row, _)| row)
}
