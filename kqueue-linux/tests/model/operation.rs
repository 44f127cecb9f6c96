//! What a random program is made of.

use proptest::prelude::*;

use crate::common::*;

/// Descriptors that can be open at the same time.
pub const SLOTS: u8 = 5;
/// Numbers of user events and of timers.
pub const IDENTS: u8 = 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The reading end is watched.
    PipeReader,
    /// The writing end is watched.
    PipeWriter,
    /// One end of a Unix stream pair is watched, both ways.
    Socket,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    Read(u8),
    Write(u8),
    User(u8),
    Timer(u8),
}

/// What a change asks for; `bits` are CLEAR, ONESHOT, DISPATCH and DISABLE in any mixture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Add {
        bits: u16,
        notes: Notes,
    },
    Delete,
    Enable,
    Disable,
    /// No flag at all: replaces udata, and for user events carries the notes.
    Touch {
        notes: Notes,
    },
}

/// What goes into fflags and data, read by the filter that it meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notes {
    None,
    /// NOTE_LOWAT of a socket's READ.
    LowWater(u8),
    /// NOTE_NOCOUNT of READ and WRITE.
    Uncounted,
    /// An operation on a user event's notes, and whether it triggers.
    User {
        operation: u32,
        bits: u8,
        trigger: bool,
    },
    /// When a timer fires.
    Timer(When),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// In an hour.
    Later,
    /// A period of zero.
    Now,
}

#[derive(Clone, Copy, Debug)]
pub struct Change {
    pub target: Target,
    pub action: Action,
    pub receipt: bool,
    pub udata: u8,
}

/// How long a call that has something to collect for certain may wait (all others never wait).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    None,
    AMinute,
    Endless,
}

#[derive(Clone, Debug)]
pub enum Operation {
    /// Something new under the slot's number; what was there is closed, by `close` or by `dup2` over it.
    Open {
        slot: u8,
        kind: Kind,
        over: bool,
    },
    Close {
        slot: u8,
    },
    ClosePeer {
        slot: u8,
    },
    ShutdownPeer {
        slot: u8,
    },
    /// Bytes towards the watched end, or out of a watched writing end.
    Write {
        slot: u8,
        count: u8,
    },
    /// Bytes out of the watched end, or, of a watched writing end, out of the other.
    Read {
        slot: u8,
        count: u8,
    },
    /// A socket's watched end sends.
    Send {
        slot: u8,
    },
    /// A socket's peer takes everything that was sent.
    Take {
        slot: u8,
    },
    /// One call: changes, then as many events as there is room for. `second`: from another thread.
    Call {
        changes: Vec<Change>,
        room: u8,
        second: bool,
        patience: Patience,
    },
    /// Is the kqueue readable for `poll`?
    Poll,
}

fn slot() -> impl Strategy<Value = u8> {
    0..SLOTS
}

fn target() -> impl Strategy<Value = Target> {
    prop_oneof![
        4 => slot().prop_map(Target::Read),
        3 => slot().prop_map(Target::Write),
        2 => (0..IDENTS).prop_map(Target::User),
        2 => (0..IDENTS).prop_map(Target::Timer),
    ]
}

fn notes() -> impl Strategy<Value = Notes> {
    let operation = prop_oneof![
        Just(0),
        Just(NOTE_FFAND),
        Just(NOTE_FFOR),
        Just(NOTE_FFCOPY)
    ];
    prop_oneof![
        2 => Just(Notes::None),
        1 => (1..40u8).prop_map(Notes::LowWater),
        3 => Just(Notes::Uncounted),
        3 => (operation, 0..8u8, any::<bool>()).prop_map(|(operation, bits, trigger)| Notes::User { operation, bits, trigger }),
        2 => prop_oneof![Just(When::Now), Just(When::Later)].prop_map(Notes::Timer),
    ]
}

fn action() -> impl Strategy<Value = Action> {
    let bit = |bit: u16, weight: f64| {
        prop::bool::weighted(weight).prop_map(move |on| if on { bit } else { 0 })
    };
    let bits = (
        bit(CLEAR, 0.4),
        bit(ONESHOT, 0.2),
        bit(DISPATCH, 0.2),
        bit(DISABLE, 0.15),
    )
        .prop_map(|(a, b, c, d)| a | b | c | d);
    prop_oneof![
        6 => (bits, notes()).prop_map(|(bits, notes)| Action::Add { bits, notes }),
        2 => Just(Action::Delete),
        2 => Just(Action::Enable),
        1 => Just(Action::Disable),
        2 => notes().prop_map(|notes| Action::Touch { notes }),
    ]
}

fn change_() -> impl Strategy<Value = Change> {
    (target(), action(), prop::bool::weighted(0.08), any::<u8>()).prop_map(
        |(target, action, receipt, udata)| Change {
            target,
            action,
            receipt,
            udata,
        },
    )
}

fn patience() -> impl Strategy<Value = Patience> {
    prop_oneof![
        Just(Patience::None),
        Just(Patience::AMinute),
        Just(Patience::Endless)
    ]
}

pub fn operation() -> impl Strategy<Value = Operation> {
    let kind = prop_oneof![
        Just(Kind::PipeReader),
        Just(Kind::PipeWriter),
        Just(Kind::Socket)
    ];
    prop_oneof![
        4 => (slot(), kind, any::<bool>()).prop_map(|(slot, kind, over)| Operation::Open { slot, kind, over }),
        1 => slot().prop_map(|slot| Operation::Close { slot }),
        1 => slot().prop_map(|slot| Operation::ClosePeer { slot }),
        1 => slot().prop_map(|slot| Operation::ShutdownPeer { slot }),
        5 => (slot(), 1..50u8).prop_map(|(slot, count)| Operation::Write { slot, count }),
        5 => (slot(), 1..100u8).prop_map(|(slot, count)| Operation::Read { slot, count }),
        1 => slot().prop_map(|slot| Operation::Send { slot }),
        1 => slot().prop_map(|slot| Operation::Take { slot }),
        12 => (prop::collection::vec(change_(), 1..4), 0..6u8, prop::bool::weighted(0.1), patience())
            .prop_map(|(changes, room, second, patience)| Operation::Call { changes, room, second, patience }),
        8 => (1..12u8, prop::bool::weighted(0.1), patience())
            .prop_map(|(room, second, patience)| Operation::Call { changes: Vec::new(), room, second, patience }),
        2 => Just(Operation::Poll),
    ]
}
