//! What the compiler refuses in a chart.

use super::symbol::Symbol;
use super::table::Shape;
use super::text::Text;

/// The names and codes of an enum of symbols.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct Names {
    pub names: &'static [&'static str],
    pub codes: &'static [u16],
    pub span: usize,
}

impl Names {
    pub const fn of<S: Symbol>() -> Self {
        Self {
            names: S::NAMES,
            codes: S::CODES,
            span: S::SPAN,
        }
    }

    const fn name(&self, code: u16) -> &'static str {
        let mut index = 0;
        while index < self.codes.len() {
            if self.codes[index] == code {
                return self.names[index];
            }
            index += 1;
        }
        "?"
    }
}

/// A chart as the checks see it.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct Blueprint {
    pub chart: &'static str,
    pub states: Names,
    pub events: Names,
    pub start: u16,
    pub shapes: &'static [Shape],
    pub exhaustive: bool,
    /// The states with an entry action, once for each.
    pub entries: &'static [u16],
    /// The states with an exit action, once for each.
    pub exits: &'static [u16],
}

/// The most states and the highest state code that are checked.
const MAX_STATES: usize = 1024;

/// What is wrong with a chart that cannot be meant as it is written: the sentence that the compiler is to
/// say, or an empty one.
#[doc(hidden)]
pub const fn check(plan: &Blueprint) -> Text {
    let mut verdict = size(plan);
    if verdict.is_empty() {
        verdict = hooks(plan, plan.entries, "entry");
    }
    if verdict.is_empty() {
        verdict = hooks(plan, plan.exits, "exit");
    }
    if verdict.is_empty() {
        verdict = rows_never_taken(plan);
    }
    if verdict.is_empty() {
        verdict = unreachable_states(plan);
    }
    if verdict.is_empty() && plan.exhaustive {
        verdict = missing_rows(plan);
    }
    verdict
}

const fn because(plan: &Blueprint) -> Text {
    Text::EMPTY.and("chart `").and(plan.chart).and("`: ")
}

const fn size(plan: &Blueprint) -> Text {
    if plan.states.span > MAX_STATES {
        return because(plan)
            .and("its states' codes are too far apart: they span ")
            .number(plan.states.span)
            .and("; number them from 0");
    }
    if plan.shapes.len() >= u16::MAX as usize {
        return because(plan).and("it has more than 65,534 rows");
    }
    Text::EMPTY
}

const fn hooks(plan: &Blueprint, states: &[u16], which: &str) -> Text {
    let mut index = 0;
    while index < states.len() {
        if twice(states, index) {
            return because(plan)
                .and("state `")
                .and(plan.states.name(states[index]))
                .and("` has two ")
                .and(which)
                .and(" actions");
        }
        index += 1;
    }
    Text::EMPTY
}

/// A row that an earlier one without a guard hides for one of its states is refused, unless it is for
/// any state and is taken in some other.
const fn rows_never_taken(plan: &Blueprint) -> Text {
    let mut row = 0;
    while row < plan.shapes.len() {
        let shape = &plan.shapes[row];
        let any = shape.from.is_empty();
        let states = if any { plan.states.codes } else { shape.from };
        let mut hidden = 0;
        let mut index = 0;
        while index < states.len() {
            if !any && twice(states, index) {
                return never_taken(plan, row, states[index], row);
            }
            if let Some(by) = hidden_by(plan.shapes, row, states[index]) {
                hidden += 1;
                if !any || hidden == states.len() {
                    return never_taken(plan, row, states[index], by);
                }
            }
            index += 1;
        }
        row += 1;
    }
    Text::EMPTY
}

const fn never_taken(plan: &Blueprint, row: usize, state: u16, by: usize) -> Text {
    let text = because(plan)
        .and("duplicate transition for state `")
        .and(plan.states.name(state))
        .and("` and event `")
        .and(plan.events.name(plan.shapes[row].event))
        .and("`: row ")
        .number(row + 1);
    if by == row {
        return text.and(" names the state twice");
    }
    text.and(" is never taken, because row ")
        .number(by + 1)
        .and(" has no guard")
}

/// Whether the state at `index` stands further up in the list, too.
const fn twice(states: &[u16], index: usize) -> bool {
    let mut earlier = 0;
    while earlier < index {
        if states[earlier] == states[index] {
            return true;
        }
        earlier += 1;
    }
    false
}

/// The first row before `row` that always takes that state's event.
const fn hidden_by(shapes: &[Shape], row: usize, state: u16) -> Option<usize> {
    let mut earlier = 0;
    while earlier < row {
        if !shapes[earlier].guarded && shapes[earlier].applies(state, shapes[row].event) {
            return Some(earlier);
        }
        earlier += 1;
    }
    None
}

const fn unreachable_states(plan: &Blueprint) -> Text {
    let reached = reachable(plan);
    let mut index = 0;
    while index < plan.states.codes.len() {
        if !reached[plan.states.codes[index] as usize] {
            return because(plan)
                .and("unreachable state `")
                .and(plan.states.names[index])
                .and("`: no chain of transitions leads there from `")
                .and(plan.states.name(plan.start))
                .and("`");
        }
        index += 1;
    }
    Text::EMPTY
}

/// By state code: whether a machine can get there.
const fn reachable(plan: &Blueprint) -> [bool; MAX_STATES] {
    let mut reached = [false; MAX_STATES];
    reached[plan.start as usize] = true;
    let mut grew = true;
    while grew {
        grew = false;
        let mut row = 0;
        while row < plan.shapes.len() {
            if let Some(to) = plan.shapes[row].to
                && !reached[to as usize]
                && starts_in_one_of(plan, row, &reached)
            {
                reached[to as usize] = true;
                grew = true;
            }
            row += 1;
        }
    }
    reached
}

/// Whether the row can be taken in one of the reached states.
const fn starts_in_one_of(plan: &Blueprint, row: usize, reached: &[bool; MAX_STATES]) -> bool {
    let shape = &plan.shapes[row];
    let any = shape.from.is_empty();
    let states = if any { plan.states.codes } else { shape.from };
    let mut index = 0;
    while index < states.len() {
        if reached[states[index] as usize] && hidden_by(plan.shapes, row, states[index]).is_none() {
            return true;
        }
        index += 1;
    }
    false
}

const fn missing_rows(plan: &Blueprint) -> Text {
    let mut state = 0;
    while state < plan.states.codes.len() {
        let mut event = 0;
        while event < plan.events.codes.len() {
            if !always_handled(plan, plan.states.codes[state], plan.events.codes[event]) {
                return because(plan)
                    .and("missing transition: state `")
                    .and(plan.states.names[state])
                    .and("` has no row without a guard for event `")
                    .and(plan.events.names[event])
                    .and("`, and the chart says it is exhaustive");
            }
            event += 1;
        }
        state += 1;
    }
    Text::EMPTY
}

const fn always_handled(plan: &Blueprint, state: u16, event: u16) -> bool {
    let mut row = 0;
    while row < plan.shapes.len() {
        if !plan.shapes[row].guarded && plan.shapes[row].applies(state, event) {
            return true;
        }
        row += 1;
    }
    false
}
