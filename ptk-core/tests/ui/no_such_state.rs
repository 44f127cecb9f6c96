//! A row leads to a state that is not in the enum.

ptk_core::symbols! {
    enum State { Off, On }
    enum Event { Press, Tick }
}

ptk_core::transitions! {
    chart Lamp {
        states: State, events: Event, start: Off;
        table {
            Off + Press => Broken;
        }
    }
}

fn main() {}
