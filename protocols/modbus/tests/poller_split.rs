//! A device that refuses a group for the sake of one point: the poller finds the point and keeps the others good.

use ptk_modbus::SECOND;
use ptk_modbus::client::{self, Client};
use ptk_modbus::codec::ExceptionCode;
use ptk_modbus::poller::{Area, Cause, Group, Limits, Observer, Poller, Quality, Tag, Value};
use ptk_modbus::server::{self, Access, Connection, Device, OneUnit, RegisterBlock, TableMap};
use ptk_modbus::value::Kind;

const BAD: Quality = Quality::Bad(Cause::Exception(ExceptionCode::IllegalDataAddress));

/// Counts samples and bad qualities for each tag's id.
struct Counts {
    samples: [u32; 64],
    spoiled: [u32; 64],
    began: u32,
}

impl Observer for Counts {
    fn sampled(&mut self, tag: &Tag, _value: Value<'_>, _changed: bool, _now: u64) {
        self.samples[tag.id as usize] += 1;
    }

    fn quality_changed(&mut self, tag: &Tag, _now: u64) {
        self.spoiled[tag.id as usize] += u32::from(tag.quality != Quality::Good);
    }

    fn began(&mut self, _nanoseconds: u64) {
        self.began += 1;
    }
}

/// A device with these ranges of registers, a client connected to it, and a poller.
struct Plant<'a> {
    client: Client<4>,
    server: Connection,
    device: Device<OneUnit<TableMap<'a>>>,
    counts: Counts,
}

impl<'a> Plant<'a> {
    fn new(blocks: &'a mut [RegisterBlock<'a>]) -> Self {
        let map = TableMap::new().holding_registers(blocks);
        let mut client = Client::new(client::Config::default(), 1, 0);
        client.poll_action(0);
        client.handle_connected(0);
        Self {
            client,
            server: Connection::new(server::Config::default(), 0),
            device: Device::new(OneUnit::new(1, map)),
            counts: Counts {
                samples: [0; 64],
                spoiled: [0; 64],
                began: 0,
            },
        }
    }

    /// Lets the three talk until nothing is to be done before the next period; returns when that is and how many requests it took.
    fn settle(&mut self, poller: &mut Poller<'_>, now: u64) -> (u64, u64) {
        let before = self.device.statistics.requests;
        for _ in 0..1000 {
            let next = poller.drive(now, &mut self.client, &mut self.counts);
            if self.client.in_flight() == 0 {
                let requests = self.device.statistics.requests - before;
                return (next.expect("something is always due"), requests);
            }
            let sent = self.server.handle_input(now, self.client.poll_transmit());
            self.client.transmitted(sent, now);
            self.server.serve(now, &mut self.device);
            let sent = self.client.handle_input(now, self.server.poll_transmit());
            self.server.transmitted(sent, now);
        }
        panic!("the poller spins");
    }
}

fn tags() -> [Tag; 40] {
    core::array::from_fn(|at| {
        Tag::register(1, Area::HoldingRegisters, at as u16, Kind::U16, SECOND).with_id(at as u32)
    })
}

#[test]
fn one_missing_register_does_not_spoil_its_neighbours() {
    for missing in 0..40_u16 {
        let (mut low, mut high) = ([1; 40], [2; 40]);
        let mut blocks = [
            RegisterBlock::new(0, &mut low[..missing.into()], Access::ReadWrite),
            RegisterBlock::new(missing + 1, &mut high, Access::ReadWrite),
        ];
        let mut plant = Plant::new(&mut blocks);
        let (mut tags, mut groups) = (tags(), [Group::EMPTY; 40]);
        let mut poller = Poller::new(&mut tags, &mut groups, Limits::default(), 0).unwrap();
        assert_eq!(poller.groups().len(), 1);

        let (next, requests) = plant.settle(&mut poller, 0);
        assert_eq!(next, SECOND, "the phase stays");
        // Halving 40 tags: at most six levels, two reads each, and the first one.
        assert!(requests <= 13, "{requests} requests to find {missing}");
        let mut steady = 0;
        for turn in 1..5 {
            (_, steady) = plant.settle(&mut poller, turn * SECOND);
        }
        assert_eq!(steady, poller.groups().len() as u64);
        assert!(steady <= 7, "{steady} requests each period");
        for tag in poller.tags() {
            let at = tag.id as usize;
            if tag.address == missing {
                assert_eq!(tag.quality, BAD);
                assert_eq!((plant.counts.samples[at], plant.counts.spoiled[at]), (0, 1));
            } else {
                assert_eq!(tag.quality, Quality::Good);
                assert_eq!((plant.counts.samples[at], plant.counts.spoiled[at]), (5, 0));
            }
        }
        // Reads that only look for the culprit have no lateness of their own, and nothing was missed.
        assert_eq!(u64::from(plant.counts.began), 1 + 4 * steady);
        assert_eq!(poller.statistics().missed, 0);
        assert_eq!(poller.statistics().splits + 1, steady);
    }
}

#[test]
fn a_device_without_any_of_the_points_is_asked_for_each_once_a_period() {
    let mut nothing = [];
    let mut blocks = [RegisterBlock::new(0, &mut nothing, Access::ReadWrite)];
    let mut plant = Plant::new(&mut blocks);
    let (mut tags, mut groups) = (tags(), [Group::EMPTY; 40]);
    let mut poller = Poller::new(&mut tags, &mut groups, Limits::default(), 0).unwrap();
    assert_eq!(plant.settle(&mut poller, 0).1, 40 + 39);
    assert_eq!(plant.settle(&mut poller, SECOND), (2 * SECOND, 40));
    assert!(poller.tags().iter().all(|tag| tag.quality == BAD));
}

#[test]
fn without_room_for_more_groups_the_whole_group_is_bad() {
    let mut values = [0; 39];
    let mut blocks = [RegisterBlock::new(0, &mut values, Access::ReadWrite)];
    let mut plant = Plant::new(&mut blocks);
    let (mut tags, mut groups) = (tags(), [Group::EMPTY; 2]);
    let mut poller = Poller::new(&mut tags, &mut groups, Limits::default(), 0).unwrap();
    assert_eq!(plant.settle(&mut poller, 0), (SECOND, 3));
    let good = poller
        .tags()
        .iter()
        .filter(|tag| tag.quality == Quality::Good);
    assert_eq!(good.count(), 20);
}

#[test]
fn a_new_connection_joins_what_was_split() {
    let mut values = [0; 39];
    let mut blocks = [RegisterBlock::new(0, &mut values, Access::ReadWrite)];
    let mut plant = Plant::new(&mut blocks);
    let (mut tags, mut groups) = (tags(), [Group::EMPTY; 40]);
    let mut poller = Poller::new(&mut tags, &mut groups, Limits::default(), 0).unwrap();
    plant.settle(&mut poller, 0);
    assert!(poller.groups().len() > 1);

    // The device comes back with the register that it did not have.
    let mut values = [0; 40];
    let mut blocks = [RegisterBlock::new(0, &mut values, Access::ReadWrite)];
    let map = TableMap::new().holding_registers(&mut blocks);
    let mut plant = Plant {
        device: Device::new(OneUnit::new(1, map)),
        ..Plant::new(&mut [])
    };
    let (_, requests) = plant.settle(&mut poller, SECOND);
    assert_eq!(requests, 1);
    let group = poller.groups()[0];
    assert_eq!((group.address, group.quantity, group.tags), (0, 40, 40));
    assert_eq!(group.due, 2 * SECOND);
    assert!(poller.tags().iter().all(|tag| tag.quality == Quality::Good));
}

#[test]
fn other_exceptions_split_nothing() {
    let mut values = [0; 40];
    let mut blocks = [RegisterBlock::new(0, &mut values, Access::ReadWrite)];
    let mut plant = Plant::new(&mut blocks);
    // The gateway answers 0B for a unit that is not there.
    let mut tags = tags().map(|mut tag| {
        tag.unit = 9;
        tag
    });
    let mut groups = [Group::EMPTY; 40];
    let mut poller = Poller::new(&mut tags, &mut groups, Limits::default(), 0).unwrap();
    assert_eq!(plant.settle(&mut poller, 0), (SECOND, 1));
    assert_eq!(poller.statistics().splits, 0);
    let code = ExceptionCode::GatewayTargetFailedToRespond;
    let bad = Quality::Bad(Cause::Exception(code));
    assert!(poller.tags().iter().all(|tag| tag.quality == bad));
}
