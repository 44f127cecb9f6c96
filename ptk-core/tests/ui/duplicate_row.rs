//! Two rows without a guard for one state and event.

ptk_core::symbols! {
    enum State { Off, On }
    enum Event { Press, Tick }
}

ptk_core::transitions! {
    chart Lamp {
        states: State, events: Event, start: Off;
        table {
            Off + Press => On;
            On + Press => Off;
            Off + Press => Off;
        }
    }
}

fn main() {}
