//! A machine whose queue has room for no event.

ptk_core::symbols! {
    enum State { Off }
    enum Event { Press }
}

ptk_core::transitions! {
    chart Lamp {
        states: State, events: Event, start: Off;
        table { Off + Press; }
    }
}

const LAMP: ptk_core::machine::Machine<Lamp, 0> = ptk_core::machine::Machine::new(());

fn main() {}
