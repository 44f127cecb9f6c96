use std::string::String;
use std::vec::Vec;

use proptest::prelude::*;

use super::*;

crate::symbols! {
    /// Where the client is.
    pub enum State { Idle, Connecting, Online }
    /// What happens to it.
    pub enum Event { Start, Up, Data, Lost, Stop, Noise }
}

#[derive(Default)]
pub struct Session {
    log: Vec<String>,
    received: u32,
}

impl Session {
    fn note(&mut self, what: &str, state: State, event: Event) {
        self.log.push(std::format!("{what} {state:?} {event:?}"));
    }
}

/// The outside, so that a test can stand in for it.
pub trait Wire {
    fn send(&mut self, what: &str);
}

impl Wire for Vec<String> {
    fn send(&mut self, what: &str) {
        self.push(what.into());
    }
}

crate::transitions! {
    /// A client that greets, counts, and hands over.
    pub chart Client {
        states: State, events: Event,
        data: Session,
        context<'a>: dyn Wire + 'a,
        unhandled: report,
        start: Idle;

        table session {
            Idle + Start / connect => Connecting;
            Connecting + Up / |_, cx, _| cx.context.send("hello") => Online;
            Online + Data [enough] => Idle >> 1;
            Online + Data / count;
        }
        table common {
            Connecting | Online + Lost / retry => Connecting;
            * + Stop => Idle;
        }
        entry { Connecting / enter; }
        exit { Online / leave; Connecting / leave; }
    }
}

fn connect(session: &mut Session, cx: &mut Cx<'_, '_, Client>, event: Event) {
    session.note("connect", cx.state(), event);
}

fn retry(session: &mut Session, cx: &mut Cx<'_, '_, Client>, event: Event) {
    session.note("retry", cx.state(), event);
}

fn enter(session: &mut Session, cx: &mut Cx<'_, '_, Client>, event: Event) {
    session.note("enter", cx.state(), event);
}

fn leave(session: &mut Session, cx: &mut Cx<'_, '_, Client>, event: Event) {
    session.note("leave", cx.state(), event);
}

fn report(session: &mut Session, cx: &mut Cx<'_, '_, Client>, event: Event) {
    session.note("unhandled", cx.state(), event);
}

fn count(session: &mut Session, _: &mut Cx<'_, '_, Client>, _: Event) {
    session.received += 1;
}

fn enough(session: &Session, _: Event) -> bool {
    session.received >= 2
}

fn online() -> (Machine<Client>, Vec<String>) {
    let mut client = Machine::<Client>::new(Session::default());
    let mut wire: Vec<String> = Vec::new();
    assert!(client.handle(&mut wire, Event::Start).is_handled());
    assert!(client.handle(&mut wire, Event::Up).is_handled());
    client.data.log.clear();
    (client, wire)
}

#[test]
fn exit_then_state_then_action_then_entry() {
    let (mut client, wire) = online();
    assert_eq!(wire, ["hello"]);
    let outcome = client.handle(&mut Vec::<String>::new(), Event::Lost);
    assert_eq!((outcome.taken(), outcome.is_handled()), (1, true));
    assert_eq!(
        client.data.log,
        [
            "leave Online Lost",
            "retry Connecting Lost",
            "enter Connecting Lost"
        ]
    );
}

#[test]
fn a_transition_to_the_same_state_leaves_and_enters_it() {
    let (mut client, mut wire) = online();
    assert!(client.handle(&mut wire, Event::Lost).is_handled());
    client.data.log.clear();
    assert!(client.handle(&mut wire, Event::Lost).is_handled());
    assert_eq!(client.data.log.len(), 3);
}

#[test]
fn a_row_without_a_target_neither_leaves_nor_enters() {
    let (mut client, mut wire) = online();
    assert!(client.handle(&mut wire, Event::Data).is_handled());
    assert_eq!((client.state(), client.data.received), (State::Online, 1));
    assert_eq!(client.data.log, [""; 0]);
}

#[test]
fn guards_are_tried_in_order_and_a_hand_over_is_reported() {
    let (mut client, mut wire) = online();
    for _ in 0..2 {
        assert_eq!(client.handle(&mut wire, Event::Data).hand_over(), None);
    }
    let last = client.handle_code(&mut wire, Event::Data.code());
    assert_eq!(last.hand_over(), Some(1));
    assert_eq!(client.state(), State::Idle);
}

#[test]
fn rows_for_any_state_come_last() {
    for prepare in [&[][..], &[Event::Start], &[Event::Start, Event::Up]] {
        let mut client = Machine::<Client>::new(Session::default());
        for &event in prepare {
            assert!(client.handle(&mut Vec::<String>::new(), event).is_handled());
        }
        assert!(
            client
                .handle(&mut Vec::<String>::new(), Event::Stop)
                .is_handled()
        );
        assert_eq!(client.state(), State::Idle);
    }
}

#[test]
fn an_event_without_a_row_is_reported_twice_and_changes_nothing() {
    let (mut client, mut wire) = online();
    let outcome = client.handle(&mut wire, Event::Noise);
    assert_eq!((outcome.is_handled(), outcome.unhandled()), (false, 1));
    assert_eq!(client.state(), State::Online);
    assert_eq!(client.data.log, ["unhandled Online Noise"]);
}

#[test]
fn a_code_that_is_no_event_is_unhandled() {
    let (mut client, mut wire) = online();
    for code in [6, 7, u16::MAX] {
        assert!(!client.handle_code(&mut wire, code).is_handled());
    }
}

#[test]
fn start_runs_the_first_states_entry_action() {
    let mut client = Machine::<Client>::new(Session::default());
    assert_eq!(
        client
            .start(&mut Vec::<String>::new(), Event::Start)
            .taken(),
        0
    );
    assert_eq!(client.data.log, [""; 0]); // Idle has none
    client.reset();
    assert_eq!(client.state(), State::Idle);
}

mod nested {
    //! Events that actions raise.

    use super::*;

    crate::symbols! {
        pub enum Step { First, Second, Third }
        pub enum Signal { Go, Next, Again, Flood }
    }

    #[derive(Default)]
    pub struct Log(Vec<(Step, Signal)>, usize);

    crate::transitions! {
        pub chart Chain {
            states: Step, events: Signal, data: Log, start: First;
            table {
                First + Go / raise_two => Second;
                Second + Next / note => Third;
                Third + Again / note => First;
                * + Flood / flood;
                First + Next / circle;
            }
        }
    }

    fn raise_two(log: &mut Log, cx: &mut Cx<'_, '_, Chain>, event: Signal) {
        log.0.push((cx.state(), event));
        cx.raise(Signal::Next).unwrap();
        cx.raise(Signal::Again).unwrap();
        assert_eq!(cx.state(), Step::Second);
    }

    fn note(log: &mut Log, cx: &mut Cx<'_, '_, Chain>, event: Signal) {
        log.0.push((cx.state(), event));
    }

    fn flood(log: &mut Log, cx: &mut Cx<'_, '_, Chain>, _: Signal) {
        for _ in 0..5 {
            if let Err(QueueFull(event)) = cx.raise(Signal::Again) {
                assert_eq!(event, Signal::Again);
                log.1 += 1;
            }
        }
    }

    fn circle(_: &mut Log, cx: &mut Cx<'_, '_, Chain>, _: Signal) {
        cx.raise(Signal::Next).unwrap();
    }

    /// The seed assigned the state after the action: a nested event met the old state, and what it led to was lost.
    #[test]
    fn raised_events_meet_the_new_state_and_run_to_completion() {
        let mut chain = Machine::<Chain>::new(Log::default());
        let outcome = chain.handle(&mut (), Signal::Go);
        assert_eq!((outcome.taken(), outcome.unhandled()), (3, 0));
        assert_eq!(
            chain.data.0,
            [
                (Step::Second, Signal::Go),
                (Step::Third, Signal::Next),
                (Step::First, Signal::Again)
            ]
        );
        assert_eq!(chain.queue_high_water(), 2);
        assert_eq!(chain.pending(), 0);
    }

    #[test]
    fn a_full_queue_hands_the_event_back() {
        let mut chain = Machine::<Chain, 3>::new(Log::default());
        let outcome = chain.handle(&mut (), Signal::Flood);
        assert_eq!(chain.data.1, 2);
        assert_eq!((outcome.taken(), outcome.unhandled()), (1, 3));
    }

    #[test]
    fn a_circle_of_raised_events_ends() {
        let mut chain = Machine::<Chain>::new(Log::default());
        let outcome = chain.handle(&mut (), Signal::Next);
        assert!(outcome.is_cut());
        assert_eq!(outcome.taken(), CHAIN_LIMIT as usize + 1);
        assert_eq!(chain.pending(), 1);
    }

    #[test]
    fn posted_events_come_first() {
        let mut chain = Machine::<Chain>::new(Log::default());
        chain.post(Signal::Go).unwrap();
        let outcome = chain.handle(&mut (), Signal::Go);
        assert_eq!((outcome.taken(), chain.state()), (6, Step::First));
        chain.post(Signal::Go).unwrap();
        assert_eq!(chain.run(&mut ()).taken(), 3);
    }

    #[test]
    fn posted_events_come_before_one_that_no_row_is_for() {
        let mut chain = Machine::<Chain>::new(Log::default());
        for code in [Signal::Again.code(), u16::MAX] {
            chain.post(Signal::Go).unwrap();
            let outcome = chain.handle_code(&mut (), code);
            assert_eq!((outcome.taken(), outcome.unhandled()), (3, 1));
            assert_eq!((chain.state(), chain.pending()), (Step::First, 0));
        }
    }

    #[test]
    fn a_trace_sees_each_step() {
        let mut seen = Vec::new();
        let trace = TraceWith(|from, event, to, row| seen.push((from, event, to, row)));
        let mut chain = Machine::<Chain, 4, _>::traced(Log::default(), trace);
        assert!(chain.handle(&mut (), Signal::Go).is_handled());
        assert!(!chain.handle(&mut (), Signal::Again).is_handled());
        assert_eq!(
            seen,
            [
                (Step::First, Signal::Go, Some(Step::Second), Some(0)),
                (Step::Second, Signal::Next, Some(Step::Third), Some(1)),
                (Step::Third, Signal::Again, Some(Step::First), Some(2)),
                (Step::First, Signal::Again, None, None),
            ]
        );
    }

    #[test]
    fn untraced_costs_no_memory() {
        let plain = size_of::<Machine<Chain, 4>>();
        let counted = size_of::<
            Machine<Chain, 4, TraceWith<fn(Step, Signal, Option<Step>, Option<usize>)>>,
        >();
        assert_eq!(plain + size_of::<usize>(), counted);
    }
}

mod names {
    //! Symbols may be called what the macros' own things are about.

    crate::symbols! {
        pub enum Codes { Words, Symbol }
        pub enum Words { Codes, Shapes }
    }

    crate::transitions! {
        pub chart Step {
            states: Codes, events: Words, data: (), start: Words;
            table {
                Words + Codes => Symbol;
                Symbol + Shapes => Words;
            }
        }
    }

    #[test]
    fn a_chart_of_such_symbols_runs() {
        let mut machine = crate::machine::Machine::<Step>::new(());
        assert_eq!(machine.handle(&mut (), Words::Codes).taken(), 1);
        assert_eq!(machine.state(), Codes::Symbol);
        assert_eq!(machine.handle(&mut (), Words::Codes).unhandled(), 1);
        assert_eq!(machine.handle(&mut (), Words::Shapes).taken(), 1);
        assert_eq!(machine.state(), Codes::Words);
    }
}

mod gate {
    //! Guards that refuse, and a hook that raises.

    use super::*;

    crate::symbols! {
        pub enum Door { Shut, Open }
        pub enum Hand { Push, Knock }
    }

    crate::transitions! {
        pub chart Gate {
            states: Door, events: Hand, data: u32, unhandled: knock, start: Shut;
            table {
                Shut + Push [|_, _| false] => Open;
                Shut + Knock / |knocks, _, _| *knocks += 1;
                * + Push [|_, _| false];
            }
        }
    }

    fn knock(_: &mut u32, cx: &mut Cx<'_, '_, Gate>, _: Hand) {
        cx.raise(Hand::Knock).unwrap();
    }

    #[derive(Default)]
    struct Refusals(Vec<usize>);

    impl Trace<Gate> for Refusals {
        fn refused(&mut self, _: Door, _: Hand, row: usize) {
            self.0.push(row);
        }
    }

    #[test]
    fn each_guard_is_asked_once_and_what_the_hook_raises_is_handled() {
        let mut gate = Machine::<Gate, 4, _>::traced(0, Refusals::default());
        let outcome = gate.handle(&mut (), Hand::Push);
        assert_eq!((outcome.taken(), outcome.unhandled()), (1, 1));
        assert_eq!((gate.data, gate.pending()), (1, 0));
        assert_eq!(gate.trace.0, [0, 2]);
        // The same behind an event that waited.
        gate.post(Hand::Knock).unwrap();
        let outcome = gate.handle(&mut (), Hand::Push);
        assert_eq!((outcome.taken(), outcome.unhandled()), (2, 1));
        assert_eq!((gate.data, gate.trace.0.len()), (3, 4));
    }
}

#[test]
fn rows_know_their_names() {
    let labels = Client::LABELS.rows;
    assert_eq!(labels.len(), 6);
    let names = |row: usize| {
        let Label {
            table,
            guard,
            action,
            hand_over,
        } = labels[row];
        [table, guard, action, hand_over]
    };
    assert_eq!(names(0), ["session", "", "connect", ""]);
    assert_eq!(names(2), ["session", "enough", "", "1"]);
    assert_eq!(names(5), ["common", "", "", ""]);
    assert_eq!(Client::LABELS.entry, [(State::Connecting.code(), "enter")]);
}

#[cfg(feature = "chart")]
#[test]
fn pictures() {
    let mut text = String::new();
    mermaid::<Client>(&mut text).unwrap();
    assert_eq!(
        text,
        "stateDiagram-v2
    [*] --> Idle
    Connecting : entry / enter
    Online : exit / leave
    Connecting : exit / leave
    Idle --> Connecting : Start / connect
    Idle --> Idle : Stop
    Connecting --> Online : Up / ...
    Connecting --> Connecting : Lost / retry
    Connecting --> Idle : Stop
    Online --> Idle : Data [enough] (hands over to 1)
    Online : Data / count
    Online --> Connecting : Lost / retry
    Online --> Idle : Stop
"
    );
    text.clear();
    graphviz::<Client>(&mut text).unwrap();
    assert!(text.starts_with("digraph Client {\n"));
    assert!(text.contains("    Online -> Idle [label=\"Data [enough] (hands over to 1)\"];\n"));
    assert!(text.contains("    Online -> Online [label=\"Data / count\", style=dashed];\n"));
    assert!(text.contains("    Connecting [xlabel=\"entry / enter\"];\n"));
    assert!(text.ends_with("}\n"));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// The machine against a model that searches the rows and keeps its own state.
    #[test]
    fn a_machine_agrees_with_a_search(codes in proptest::collection::vec(0..7_u16, 0..60)) {
        let mut client = Machine::<Client>::new(Session::default());
        let mut wire: Vec<String> = Vec::new();
        let (mut state, mut received) = (State::Idle, 0);
        for code in codes {
            let found = Client::TABLE.shapes.iter().find(|shape| {
                shape.event == code
                    && (shape.from.is_empty() || shape.from.contains(&state.code()))
                    && (!shape.guarded || received >= 2)
            });
            let outcome = client.handle_code(&mut wire, code);
            prop_assert_eq!(outcome.is_handled(), found.is_some());
            if let Some(shape) = found {
                if code == Event::Data.code() && !shape.guarded {
                    received += 1;
                }
                state = shape.to.and_then(State::from_code).unwrap_or(state);
            }
            prop_assert_eq!(client.state(), state);
            prop_assert_eq!(client.data.received, received);
        }
    }
}
