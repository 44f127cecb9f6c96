//! Charts as pictures (feature `chart`).

use core::fmt::{self, Write};

use super::symbol::Symbol;
use super::table::Chart;

/// Writes the chart of `C` in Mermaid's language (`stateDiagram-v2`), which code forges show as a picture.
///
/// A row for any state is drawn from each state where it can be taken. What happens without a change of
/// state, and entry and exit actions, are lines in the state's box.
///
/// ```
/// # #[cfg(feature = "chart")] {
/// ptk_core::symbols! {
///     enum State { Off, On }
///     enum Event { Press }
/// }
/// ptk_core::transitions! {
///     chart Lamp {
///         states: State, events: Event, data: u32, start: Off;
///         table {
///             Off + Press / count => On;
///             On + Press => Off;
///         }
///     }
/// }
/// fn count(presses: &mut u32, _: &mut ptk_core::machine::Cx<'_, '_, Lamp>, _: Event) {
///     *presses += 1;
/// }
///
/// let mut text = String::new();
/// ptk_core::machine::mermaid::<Lamp>(&mut text).unwrap();
/// assert_eq!(text, "stateDiagram-v2
///     [*] --> Off
///     Off --> On : Press / count
///     On --> Off : Press
/// ");
/// # }
/// ```
///
/// # Errors
///
/// What `out` answers.
pub fn mermaid<C: Chart>(out: &mut dyn Write) -> fmt::Result {
    writeln!(out, "stateDiagram-v2")?;
    writeln!(out, "    [*] --> {}", C::START.name())?;
    hooks::<C>(C::LABELS.entry, |state, action| {
        writeln!(out, "    {state} : entry / {action}")
    })?;
    hooks::<C>(C::LABELS.exit, |state, action| {
        writeln!(out, "    {state} : exit / {action}")
    })?;
    arrows::<C>(|arrow| match arrow.to {
        Some(to) => writeln!(out, "    {} --> {} : {arrow}", arrow.from.name(), to.name()),
        None => writeln!(out, "    {} : {arrow}", arrow.from.name()),
    })
}

/// Writes the chart of `C` in Graphviz's language (`dot`).
///
/// # Errors
///
/// What `out` answers.
pub fn graphviz<C: Chart>(out: &mut dyn Write) -> fmt::Result {
    writeln!(out, "digraph {} {{", C::NAME)?;
    writeln!(out, "    node [shape=box, style=rounded];")?;
    writeln!(out, "    start [shape=point, label=\"\"];")?;
    writeln!(out, "    start -> {};", C::START.name())?;
    for (hooks_of, when) in [(C::LABELS.entry, "entry"), (C::LABELS.exit, "exit")] {
        hooks::<C>(hooks_of, |state, action| {
            writeln!(out, "    {state} [xlabel=\"{when} / {action}\"];")
        })?;
    }
    arrows::<C>(|arrow| {
        let to = arrow.to.unwrap_or(arrow.from);
        let style = if arrow.to.is_none() {
            ", style=dashed"
        } else {
            ""
        };
        writeln!(
            out,
            "    {} -> {} [label=\"{arrow}\"{style}];",
            arrow.from.name(),
            to.name()
        )
    })?;
    writeln!(out, "}}")
}

/// One row in one state.
struct Arrow<C: Chart> {
    from: C::State,
    event: C::Event,
    to: Option<C::State>,
    row: usize,
}

/// `Event [guard] / action >> machine`.
impl<C: Chart> fmt::Display for Arrow<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let label = C::LABELS.rows[self.row];
        f.write_str(self.event.name())?;
        if !label.guard.is_empty() {
            write!(f, " [{}]", plain(label.guard))?;
        }
        if !label.action.is_empty() {
            write!(f, " / {}", plain(label.action))?;
        }
        if !label.hand_over.is_empty() {
            write!(f, " (hands over to {})", plain(label.hand_over))?;
        }
        Ok(())
    }
}

/// The last part of a path; a picture has no room for more, and no words for the inside of a closure.
fn plain(code: &str) -> &str {
    let last = code.rsplit("::").next().unwrap_or(code).trim();
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    if last.chars().all(is_word) {
        last
    } else {
        "..."
    }
}

/// Each row in each state where it can be taken.
fn arrows<C: Chart>(mut draw: impl FnMut(Arrow<C>) -> fmt::Result) -> fmt::Result {
    for &from in C::State::ALL {
        for &event in C::Event::ALL {
            for (row, shape) in C::TABLE.shapes.iter().enumerate() {
                if !shape.applies(from.code(), event.code()) {
                    continue;
                }
                let to = shape.to.and_then(C::State::from_code);
                draw(Arrow {
                    from,
                    event,
                    to,
                    row,
                })?;
                if !shape.guarded {
                    break;
                }
            }
        }
    }
    Ok(())
}

/// Each entry or exit action with its state's name.
fn hooks<C: Chart>(
    actions: &[(u16, &str)],
    mut draw: impl FnMut(&str, &str) -> fmt::Result,
) -> fmt::Result {
    for &(code, action) in actions {
        let state = C::State::from_code(code).map_or("?", C::State::name);
        draw(state, plain(action))?;
    }
    Ok(())
}
