//! Prints a state chart from its transition table: `chart mermaid` or `chart graphviz`. The table is the program; the picture cannot be out
//! of date.

use std::process::ExitCode;

use ptk_core::machine::{Cx, graphviz, mermaid};

ptk_core::symbols! {
    /// Where a connection to a device is.
    enum State { Idle, Connecting, Online, Waiting }
    /// What can happen to it.
    enum Event { Start, Connected, Reply, Timeout, Gone }
}

ptk_core::transitions! {
    /// Polls a device and comes back after failures.
    chart Device {
        states: State, events: Event, data: u32, start: Idle;
        table {
            Idle + Start / connect => Connecting;
            Connecting + Connected / ask => Waiting;
            Waiting + Reply => Online;
            Online + Timeout / ask => Waiting;
            Waiting + Timeout [may_retry] / ask => Waiting;
            Waiting + Timeout / close => Idle;
            * + Gone / close => Idle;
        }
    }
}

fn connect(retries: &mut u32, _: &mut Cx<'_, '_, Device>, _: Event) {
    *retries = 0;
}

fn ask(retries: &mut u32, _: &mut Cx<'_, '_, Device>, _: Event) {
    *retries += 1;
}

fn close(retries: &mut u32, _: &mut Cx<'_, '_, Device>, _: Event) {
    *retries = 0;
}

fn may_retry(retries: &u32, _: Event) -> bool {
    *retries < 3
}

fn main() -> ExitCode {
    let mut text = String::new();
    let drawn = match std::env::args().nth(1).as_deref() {
        Some("mermaid") => mermaid::<Device>(&mut text),
        Some("graphviz") => graphviz::<Device>(&mut text),
        _ => {
            eprintln!("usage: chart mermaid|graphviz");
            return ExitCode::from(2);
        }
    };
    drawn.expect("a String takes everything");
    print!("{text}");
    ExitCode::SUCCESS
}
