//! A chart that says it is exhaustive, and is not.

ptk_core::symbols! {
    enum State { Off, On }
    enum Event { Press, Tick }
}

ptk_core::transitions! {
    chart Lamp {
        states: State, events: Event, coverage: exhaustive, start: Off;
        table {
            Off + Press => On;
            On + Press => Off;
            Off + Tick;
        }
    }
}

fn main() {}
