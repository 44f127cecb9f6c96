//! Schedules, groups, values and qualities, under a virtual clock; a device behind it where one is needed.

use ptk_modbus::client::{self, Client, DisconnectReason, Event, Failure};
use ptk_modbus::codec::{ExceptionCode, Registers, Response};
use ptk_modbus::poller::{
    Area, Cause, Group, Limits, Observer, PlanError, Poller, Quality, Tag, Value, stagger,
};
use ptk_modbus::server::{
    self, Access, BitBlock, Connection, Device, OneUnit, RegisterBlock, TableMap,
};
use ptk_modbus::value::{Kind, Scalar, WordOrder};
use ptk_modbus::{MILLISECOND, SECOND};

const HOLDING: Area = Area::HoldingRegisters;

fn tag(address: u16, period: u64) -> Tag {
    Tag::register(1, HOLDING, address, Kind::U16, period)
}

/// `tag` with something changed.
fn with(mut tag: Tag, change: impl FnOnce(&mut Tag)) -> Tag {
    change(&mut tag);
    tag
}

/// The groups as (address, quantity, tags).
fn planned(mut tags: Vec<Tag>, limits: Limits) -> Result<Vec<(u16, u16, usize)>, PlanError> {
    let mut groups = vec![Group::EMPTY; tags.len()];
    let poller = Poller::new(&mut tags, &mut groups, limits, 0)?;
    Ok(poller
        .groups()
        .iter()
        .map(|group| (group.address, group.quantity, group.tags))
        .collect())
}

#[test]
fn neighbours_are_read_together() {
    let limits = Limits::default();
    let tags = [5, 3, 4, 9, 10, 20]
        .map(|address| tag(address, SECOND))
        .to_vec();
    assert_eq!(
        planned(tags, limits),
        Ok(vec![(3, 3, 3), (9, 2, 2), (20, 1, 1)])
    );
    // With a gap of three, what lies between is read along.
    let tags = [5, 3, 4, 9, 10, 20]
        .map(|address| tag(address, SECOND))
        .to_vec();
    let wide = Limits {
        register_gap: 3,
        ..limits
    };
    assert_eq!(planned(tags, wide), Ok(vec![(3, 8, 5), (20, 1, 1)]));
    // Another period, unit, table: another request.
    let tags = vec![
        tag(0, SECOND),
        tag(1, 2 * SECOND),
        with(tag(2, SECOND), |tag| tag.unit = 2),
        with(tag(3, SECOND), |tag| tag.area = Area::InputRegisters),
    ];
    assert_eq!(planned(tags, limits).unwrap().len(), 4);
    // Tags that overlap, and one within another.
    let tags = vec![
        with(tag(0, SECOND), |tag| tag.kind = Kind::F64),
        with(tag(1, SECOND), |tag| tag.kind = Kind::U32),
        with(tag(3, SECOND), |tag| tag.kind = Kind::U32),
    ];
    assert_eq!(planned(tags, limits), Ok(vec![(0, 5, 3)]));
}

#[test]
fn groups_keep_to_the_devices_maximum() {
    let all: Vec<Tag> = (0..300).map(|address| tag(address, SECOND)).collect();
    let groups = planned(all.clone(), Limits::default());
    assert_eq!(
        groups,
        Ok(vec![(0, 125, 125), (125, 125, 125), (250, 50, 50)])
    );
    let small = Limits {
        registers: 20,
        ..Limits::default()
    };
    assert_eq!(planned(all.clone(), small).unwrap().len(), 15);
    // More than the specification allows is not asked for, whatever the limits say.
    let large = Limits {
        registers: 1000,
        ..Limits::default()
    };
    assert_eq!(planned(all, large).unwrap()[0], (0, 125, 125));
    let bits = (0..4001)
        .map(|address| Tag::bit(1, Area::Coils, address, SECOND))
        .collect();
    let groups = planned(bits, Limits::default());
    assert_eq!(
        groups,
        Ok(vec![(0, 2000, 2000), (2000, 2000, 2000), (4000, 1, 1)])
    );
}

#[test]
fn impossible_tags() {
    let limits = Limits {
        registers: 3,
        ..Limits::default()
    };
    let one = |tag: Tag| planned(vec![tag.with_id(7)], limits);
    assert_eq!(one(tag(0, 0)), Err(PlanError::ZeroPeriod(7)));
    let long = with(tag(0, SECOND), |tag| tag.kind = Kind::U64);
    assert_eq!(one(long), Err(PlanError::TooLong(7)));
    let beyond = with(tag(65535, SECOND), |tag| tag.kind = Kind::U32);
    assert_eq!(one(beyond), Err(PlanError::AddressRange(7)));
    let empty = with(tag(0, SECOND), |tag| tag.kind = Kind::Text { registers: 0 });
    assert_eq!(one(empty), Err(PlanError::AddressRange(7)));
    let mut tags = [tag(0, SECOND), tag(2, SECOND)];
    let full = Poller::new(&mut tags, &mut [Group::EMPTY], limits, 0).map(|_| ());
    assert_eq!(full, Err(PlanError::TooManyGroups));
}

/// Writes down what it is told.
#[derive(Default)]
struct Journal {
    samples: Vec<(u32, String, bool)>,
    qualities: Vec<(u32, Quality)>,
    lateness: Vec<u64>,
    latency: Vec<u64>,
    missed: u64,
    events: usize,
}

impl Observer for Journal {
    fn sampled(&mut self, tag: &Tag, value: Value<'_>, changed: bool, _now: u64) {
        self.samples.push((tag.id, value.to_string(), changed));
    }

    fn quality_changed(&mut self, tag: &Tag, _now: u64) {
        self.qualities.push((tag.id, tag.quality));
    }

    fn began(&mut self, nanoseconds: u64) {
        self.lateness.push(nanoseconds);
    }

    fn answered(&mut self, nanoseconds: u64) {
        self.latency.push(nanoseconds);
    }

    fn missed(&mut self, periods: u64) {
        self.missed += periods;
    }

    fn event(&mut self, _event: &Event<'_>, _now: u64) {
        self.events += 1;
    }
}

fn answer(poller: &mut Poller<'_>, now: u64, token: u64, word: u16, journal: &mut Journal) {
    let words = [word];
    let response = Response::ReadHoldingRegisters(Registers::from_words(&words));
    let event = Event::Reply {
        token,
        unit: 1,
        response,
        requested: now,
    };
    assert!(poller.handle_event(now, &event, journal));
}

#[test]
fn the_schedule_does_not_drift() {
    let mut tags = [tag(0, 10 * MILLISECOND)];
    let mut groups = [Group::EMPTY];
    let start = 3 * MILLISECOND;
    let mut poller = Poller::new(&mut tags, &mut groups, Limits::default(), start).unwrap();
    let mut journal = Journal::default();
    let mut now = start;
    for turn in 0..10_000_u64 {
        assert_eq!(poller.poll_timeout(), Some(start + turn * 10 * MILLISECOND));
        // Each wake-up is late, by up to 9 ms.
        now = now.max(start + turn * 10 * MILLISECOND) + turn % 10 * MILLISECOND;
        let read = poller.poll_request(now).unwrap();
        poller.started(now, &read, &mut journal);
        assert_eq!(poller.poll_request(now), None);
        answer(&mut poller, now, read.token, turn as u16, &mut journal);
    }
    assert_eq!(journal.missed, 0);
    assert_eq!(journal.lateness.iter().max(), Some(&(9 * MILLISECOND)));
    assert_eq!(poller.statistics().good, 10_000);
}

#[test]
fn whole_periods_that_pass_are_missed_and_the_phase_stays() {
    let mut tags = [tag(0, 10)];
    let mut groups = [Group::EMPTY];
    let mut poller = Poller::new(&mut tags, &mut groups, Limits::default(), 0).unwrap();
    let mut journal = Journal::default();
    let read = poller.poll_request(0).unwrap();
    poller.started(0, &read, &mut journal);
    // Still under way when it is due again: not read twice.
    assert_eq!(poller.poll_timeout(), None);
    assert_eq!(poller.poll_request(15), None);
    answer(&mut poller, 34, read.token, 1, &mut journal);
    assert_eq!(poller.poll_timeout(), Some(10));
    let read = poller.poll_request(34).unwrap();
    poller.started(34, &read, &mut journal);
    // Those of 10 and 20; the one of 30 is 4 late... counted from 10: 24 late, two whole periods.
    assert_eq!(journal.missed, 2);
    answer(&mut poller, 35, read.token, 1, &mut journal);
    assert_eq!(poller.poll_timeout(), Some(40));
}

#[test]
fn changes_and_qualities() {
    let mut tags = [tag(0, 10).with_id(5)];
    let mut groups = [Group::EMPTY];
    let mut poller = Poller::new(&mut tags, &mut groups, Limits::default(), 0).unwrap();
    let mut journal = Journal::default();
    assert_eq!(poller.tags()[0].value(), None);
    for (turn, word) in [0, 0, 7, 7].into_iter().enumerate() {
        let now = turn as u64 * 10;
        let read = poller.poll_request(now).unwrap();
        poller.started(now, &read, &mut journal);
        answer(&mut poller, now, read.token, word, &mut journal);
    }
    let changed: Vec<bool> = journal.samples.iter().map(|sample| sample.2).collect();
    assert_eq!(changed, [true, false, true, false]);
    assert_eq!(journal.qualities, [(5, Quality::Good)]);

    let read = poller.poll_request(40).unwrap();
    poller.started(40, &read, &mut journal);
    let code = ExceptionCode::IllegalDataAddress;
    let response = Response::Exception { function: 3, code };
    let event = Event::Reply {
        token: read.token,
        unit: 1,
        response,
        requested: 40,
    };
    poller.handle_event(41, &event, &mut journal);
    let read = poller.poll_request(50).unwrap();
    poller.started(50, &read, &mut journal);
    let event = Event::Failed {
        token: read.token,
        failure: Failure::TimedOut,
    };
    poller.handle_event(59, &event, &mut journal);
    let read = poller.poll_request(60).unwrap();
    poller.skip(60, &read, Cause::NotConnected, &mut journal);
    // The value of the last good read, and its time, stay.
    let state = poller.tags()[0];
    assert_eq!(state.value(), Some(Value::Number(Scalar::Unsigned(7))));
    assert_eq!(state.timestamp, 30);
    let read = poller.poll_request(70).unwrap();
    poller.started(70, &read, &mut journal);
    answer(&mut poller, 70, read.token, 7, &mut journal);
    let qualities: Vec<Quality> = journal
        .qualities
        .iter()
        .map(|(_, quality)| *quality)
        .collect();
    assert_eq!(
        qualities,
        [
            Quality::Good,
            Quality::Bad(Cause::Exception(code)),
            Quality::Bad(Cause::Failure(Failure::TimedOut)),
            Quality::Bad(Cause::NotConnected),
            Quality::Good,
        ]
    );
    assert_eq!(poller.statistics().missed, 1);
    assert_eq!(poller.statistics().bad, 3);
    // Somebody else's requests are not the poller's business.
    let event = Event::Failed {
        token: 0,
        failure: Failure::TimedOut,
    };
    assert!(!poller.handle_event(70, &event, &mut journal));
    assert!(!poller.handle_event(70, &Event::Connected, &mut journal));
}

/// A device and a client without a network between them: what one sends the other has at once.
struct Bench<'a> {
    client: Client,
    server: Connection,
    device: Device<OneUnit<TableMap<'a>>>,
}

impl<'a> Bench<'a> {
    fn new(map: TableMap<'a>, config: client::Config) -> Self {
        Self {
            client: Client::new(config, 1, 0),
            server: Connection::new(server::Config::default(), 0),
            device: Device::new(OneUnit::new(1, map)),
        }
    }

    fn exchange(&mut self, now: u64) {
        let sent = self.server.handle_input(now, self.client.poll_transmit());
        self.client.transmitted(sent, now);
        self.server.serve(now, &mut self.device);
        let sent = self.client.handle_input(now, self.server.poll_transmit());
        self.server.transmitted(sent, now);
    }
}

#[test]
fn every_kind_of_value_from_a_device() {
    let mut words = [0; 20];
    WordOrder::Cdab.write(2.5_f32, &mut words[2..]).unwrap();
    WordOrder::Abcd.write(-3_i64, &mut words[4..]).unwrap();
    ptk_modbus::value::write_text(WordOrder::Abcd, "pump 7", &mut words[8..12]).unwrap();
    words[0] = 0xFFFE;
    let mut bits = [false, true, true];
    let mut registers = [RegisterBlock::new(100, &mut words, Access::ReadWrite)];
    let mut coils = [BitBlock::new(0, &mut bits, Access::ReadWrite)];
    let map = TableMap::new()
        .holding_registers(&mut registers)
        .coils(&mut coils);
    let mut bench = Bench::new(map, client::Config::default());
    let period = SECOND;
    let mut tags = [
        Tag::register(1, HOLDING, 100, Kind::I16, period).with_id(1),
        Tag::register(1, HOLDING, 102, Kind::F32, period)
            .with_id(2)
            .with_order(WordOrder::Cdab),
        Tag::register(1, HOLDING, 104, Kind::I64, period).with_id(3),
        Tag::register(1, HOLDING, 108, Kind::Text { registers: 4 }, period).with_id(4),
        Tag::bit(1, Area::Coils, 0, period).with_id(5),
        Tag::bit(1, Area::Coils, 2, period).with_id(6),
        Tag::register(1, HOLDING, 500, Kind::U16, period).with_id(7),
    ];
    let mut groups = [Group::EMPTY; 7];
    let limits = Limits {
        register_gap: 2,
        bit_gap: 2,
        ..Limits::default()
    };
    let mut poller = Poller::new(&mut tags, &mut groups, limits, 0).unwrap();
    assert_eq!(poller.groups().len(), 3);
    let mut journal = Journal::default();
    bench.client.poll_action(0);
    bench.client.handle_connected(0);
    for turn in 0..3 {
        let now = turn * period;
        poller.drive(now, &mut bench.client, &mut journal);
        bench.exchange(now);
        let next = poller.drive(now, &mut bench.client, &mut journal);
        assert_eq!(next, Some(now + period));
    }
    let mut first: Vec<(u32, String, bool)> = journal.samples[..6].to_vec();
    first.sort();
    let expected = [
        (1, "-2"),
        (2, "2.5"),
        (3, "-3"),
        (4, "pump 7"),
        (5, "0"),
        (6, "1"),
    ];
    assert_eq!(
        first,
        expected.map(|(id, text)| (id, text.to_string(), true))
    );
    assert!(journal.samples[6..].iter().all(|(_, _, changed)| !changed));
    assert_eq!(journal.samples.len(), 3 * 6);
    let code = ExceptionCode::IllegalDataAddress;
    assert!(
        journal
            .qualities
            .contains(&(7, Quality::Bad(Cause::Exception(code))))
    );
    assert_eq!(journal.events, 1);
    assert_eq!(poller.statistics().reads, 9);
}

#[test]
fn a_device_that_is_not_there() {
    let mut tags = [tag(0, SECOND).with_id(1), tag(9, 2 * SECOND).with_id(2)];
    let mut groups = [Group::EMPTY; 2];
    let mut poller = Poller::new(&mut tags, &mut groups, Limits::default(), 0).unwrap();
    let mut client: Client = Client::new(client::Config::default(), 1, 0);
    let mut journal = Journal::default();
    for second in 0..10 {
        let next = poller.drive(second * SECOND, &mut client, &mut journal);
        assert_eq!(next, Some((second + 1) * SECOND), "nothing spins");
    }
    assert_eq!(poller.statistics().missed, 10 + 5);
    assert_eq!(poller.statistics().reads, 0);
    assert_eq!(journal.qualities.len(), 2);
    client.stop(0);
    assert!(!client.is_connected());
    let _ = DisconnectReason::Stopped;
}

#[test]
fn a_limit_in_flight_and_a_delay_hold_reads_back() {
    let mut words = [0; 100];
    let mut registers = [RegisterBlock::new(0, &mut words, Access::ReadWrite)];
    let map = TableMap::new().holding_registers(&mut registers);
    let config = client::Config {
        max_in_flight: 1,
        request_delay: 20 * MILLISECOND,
        ..client::Config::default()
    };
    let mut bench = Bench::new(map, config);
    let mut tags: Vec<Tag> = (0..10).map(|index| tag(index * 10, SECOND)).collect();
    let mut groups = [Group::EMPTY; 10];
    let mut poller = Poller::new(&mut tags, &mut groups, Limits::default(), 0).unwrap();
    let mut journal = Journal::default();
    bench.client.poll_action(0);
    bench.client.handle_connected(0);
    let mut now = 0;
    for read in 0..10_u64 {
        poller.drive(now, &mut bench.client, &mut journal);
        assert_eq!(bench.client.in_flight(), 1);
        bench.exchange(now);
        let next = poller.drive(now, &mut bench.client, &mut journal).unwrap();
        assert_eq!(bench.client.in_flight(), 0);
        let expected = if read < 9 {
            now + 20 * MILLISECOND
        } else {
            SECOND
        };
        assert_eq!(next, expected);
        now = next;
    }
    // All of them were begun, each once, 20 ms apart; and none was missed.
    let expected: Vec<u64> = (0..10).map(|read| read * 20 * MILLISECOND).collect();
    assert_eq!(journal.lateness, expected);
    assert_eq!(journal.missed, 0);
}

#[test]
fn starts_can_be_spread() {
    let starts: Vec<u64> = (0..5).map(|index| stagger(index, 5, SECOND)).collect();
    assert_eq!(
        starts,
        [0, 200, 400, 600, 800].map(|start| start * MILLISECOND)
    );
    assert_eq!(stagger(3, 0, SECOND), 0);
    assert_eq!(stagger(u64::MAX, u64::MAX, SECOND), SECOND);
}
