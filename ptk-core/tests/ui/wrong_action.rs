//! An action is given the data, the context and the event.

ptk_core::symbols! {
    enum State { Off, On }
    enum Event { Press, Tick }
}

fn light(_: &mut u32) {}

ptk_core::transitions! {
    chart Lamp {
        states: State, events: Event, start: Off;
        table {
            Off + Press / light => On;
        }
    }
}

fn main() {}
