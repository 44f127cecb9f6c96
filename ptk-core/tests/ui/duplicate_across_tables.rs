//! A later table repeats a row of an earlier one.

ptk_core::symbols! {
    enum State { Off, On }
    enum Event { Press, Tick }
}

ptk_core::transitions! {
    chart Lamp {
        states: State, events: Event, start: Off;
        table first {
            Off | On + Press => On;
        }
        table second {
            On + Press => Off;
        }
    }
}

fn main() {}
