//! A state has one entry action.

ptk_core::symbols! {
    enum State { Off, On }
    enum Event { Press, Tick }
}

fn light(_: &mut (), _: &mut ptk_core::machine::Cx<'_, '_, Lamp>, _: Event) {}

ptk_core::transitions! {
    chart Lamp {
        states: State, events: Event, start: Off;
        table {
            Off + Press => On;
        }
        entry {
            On / light;
            On / light;
        }
    }
}

fn main() {}
