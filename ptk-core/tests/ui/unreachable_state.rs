//! No transition leads to a state.

ptk_core::symbols! {
    enum State { Off, On }
    enum Event { Press, Tick }
}

ptk_core::transitions! {
    chart Lamp {
        states: State, events: Event, start: Off;
        table {
            Off + Press;
            On + Press => Off;
        }
    }
}

fn main() {}
