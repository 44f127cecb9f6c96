//! Every conversion there and back: times to units, flags to bits, changes to what the kernel reads.

use std::time::Duration;

use kqueue_safe::filter::{TimerUnit, UserOperation};
use kqueue_safe::{
    Change, ChangeList, EventFlags, Filter, ProcessNotes, Signal, Timer, Token, User, VnodeNotes,
};

const TOKEN: Token = Token::new(3, 4);

#[cfg(not(target_os = "dragonfly"))]
const UNITS: &[TimerUnit] = &[
    TimerUnit::MILLISECONDS,
    TimerUnit::MICROSECONDS,
    TimerUnit::NANOSECONDS,
];
#[cfg(target_os = "dragonfly")]
const UNITS: &[TimerUnit] = &[TimerUnit::MILLISECONDS];

/// The time that a timer's change asks for, and its unit, both in nanoseconds.
fn time_of(change: &Change<'_>) -> (u128, u128) {
    let same_notes = |unit: &&TimerUnit| {
        Timer::new(0).after_units(1, **unit).add(TOKEN).notes() == change.notes()
    };
    let unit = UNITS
        .iter()
        .find(same_notes)
        .expect("a unit of this system")
        .nanoseconds();
    (
        u128::try_from(change.data()).unwrap() * u128::from(unit),
        u128::from(unit),
    )
}

#[test]
fn times_are_exact_or_rounded_up() {
    for time in [
        Duration::from_nanos(1),
        Duration::from_nanos(999),
        Duration::from_micros(500),
        Duration::from_micros(900),
        Duration::from_nanos(1_000_001),
        Duration::from_millis(1),
        Duration::from_millis(1500),
        Duration::from_secs(86_400 * 365),
        Duration::new(86_400 * 365, 1),
    ] {
        let change = Timer::new(1).after(time).add(TOKEN);
        let (asked, unit) = time_of(&change);
        let wanted = time.as_nanos();
        assert!(
            asked >= wanted && asked < wanted + unit,
            "{time:?} became {asked} ns"
        );
        assert!(change.flags().contains(EventFlags::ONESHOT));
        let periodic = Timer::new(1).every(time).add(TOKEN);
        assert_eq!(time_of(&periodic), (asked, unit));
        assert!(!periodic.flags().contains(EventFlags::ONESHOT));
    }
}

#[test]
fn whole_milliseconds_are_sent_as_such() {
    let change = Timer::new(1).after(Duration::from_secs(5)).add(TOKEN);
    assert_eq!(change.data(), 5_000);
    assert_eq!(
        change.notes(),
        Timer::new(1)
            .after_units(1, TimerUnit::MILLISECONDS)
            .add(TOKEN)
            .notes()
    );
}

#[test]
fn times_at_the_limits_are_limited() {
    let (asked, unit) = time_of(&Timer::new(1).after(Duration::ZERO).add(TOKEN));
    assert_eq!(asked, unit, "the smallest time there is");
    let (asked, _) = time_of(&Timer::new(1).after(Duration::MAX).add(TOKEN));
    assert_eq!(asked, Duration::from_secs(1_000_000_000).as_nanos());
}

#[test]
fn a_change_says_what_it_does() {
    let change = User::new(7).clear().oneshot().add(TOKEN);
    assert_eq!(
        (change.ident(), change.filter(), change.token()),
        (7, Filter::USER, TOKEN)
    );
    assert_eq!(
        change.flags(),
        EventFlags::ADD | EventFlags::CLEAR | EventFlags::ONESHOT
    );

    let user = User::new(7)
        .clear()
        .operation(UserOperation::Copy(0xffff_ffff))
        .data(-1);
    let trigger = user.trigger(TOKEN);
    assert_eq!(
        trigger.flags(),
        EventFlags::empty(),
        "neither ADD nor CLEAR"
    );
    assert_eq!(trigger.data(), -1);
    assert_eq!(trigger.notes() & 0x00ff_ffff, 0x00ff_ffff);
    assert_eq!(
        user.add(TOKEN).notes(),
        0x00ff_ffff,
        "an addition stores bits and no operation"
    );

    for (change, flags) in [
        (Signal::new(1).clear().delete(), EventFlags::DELETE),
        (Signal::new(1).clear().enable(TOKEN), EventFlags::ENABLE),
        (Signal::new(1).clear().disable(), EventFlags::DISABLE),
    ] {
        assert_eq!(change.flags(), flags, "an action carries no options");
    }
    assert_eq!(Signal::new(1).delete().with_token(TOKEN).token(), TOKEN);
    let text = format!("{change:?}");
    assert!(
        text.contains("USER") && text.contains("Token(3.4)") && text.contains("ONESHOT"),
        "{text}"
    );
}

#[test]
fn raw_there_and_back() {
    let change = Timer::new(9)
        .after(Duration::from_millis(3))
        .disabled()
        .add(TOKEN);
    // SAFETY: the struct is the one of a change that was made safely, of a filter without descriptors and pointers.
    let back = unsafe { Change::from_raw(change.to_raw()) };
    assert_eq!(format!("{change:?}"), format!("{back:?}"));
}

#[test]
fn unknown_bits_are_kept_and_printed() {
    let flags = EventFlags::from_bits_retain(0x0c00) | EventFlags::ADD;
    assert_eq!(flags.bits(), 0x0c01);
    assert!(format!("{flags:?}").contains("0xc00"), "{flags:?}");
    let notes = VnodeNotes::from_bits_retain(0x4000_0000) | VnodeNotes::WRITE;
    assert_eq!(format!("{notes:?}"), "VnodeNotes(WRITE | 0x40000000)");
    assert!(ProcessNotes::from_bits_retain(!0).contains(ProcessNotes::EXIT));
}

#[test]
fn extending_stops_where_the_list_is_full() {
    let mut changes = ChangeList::<3>::new();
    changes.push(User::new(0).delete()).unwrap();
    let refused = changes
        .try_extend((1..9).map(|ident| User::new(ident).delete()))
        .unwrap_err();
    assert_eq!(refused.into_inner().ident(), 3);
    let idents: Vec<_> = changes.as_slice().iter().map(Change::ident).collect();
    assert_eq!(idents, [0, 1, 2]);
    changes.clear();
    changes
        .try_extend((5..7).map(|ident| User::new(ident).delete()))
        .unwrap();
    assert_eq!(changes.len(), 2);
}

#[test]
fn a_plain_read_is_told_from_everything_else() {
    let read = |flags: EventFlags| {
        // SAFETY: the change goes nowhere.
        let mut raw = unsafe {
            use kqueue_safe::descriptor::AsFd;
            let stdin = std::io::stdin();
            Change::from_raw(kqueue_safe::Read::new(stdin.as_fd()).add(TOKEN).to_raw()).to_raw()
        };
        raw.flags = flags.bits() as _;
        kqueue_safe::Event::from_raw(raw)
    };
    assert!(read(EventFlags::empty()).is_plain_read());
    assert!(!read(EventFlags::EOF).is_plain_read());
    assert!(!read(EventFlags::ERROR).is_plain_read());
    let timer = Timer::new(1).after(Duration::from_secs(1)).add(TOKEN);
    assert!(!kqueue_safe::Event::from_raw(timer.to_raw()).is_plain_read());
}
