//! A row for any state hides the one below it.

ptk_core::symbols! {
    enum State { Off, On }
    enum Event { Press, Tick }
}

ptk_core::transitions! {
    chart Lamp {
        states: State, events: Event, start: Off;
        table {
            * + Press => On;
            On + Press => Off;
        }
    }
}

fn main() {}
