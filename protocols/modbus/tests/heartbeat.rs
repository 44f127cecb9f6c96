//! The worked example of `WRITE_YOUR_OWN.md` on the simulated network.
#![allow(missing_docs)]

mod sim;

#[path = "../examples/heartbeat/peer.rs"]
mod peer;
#[path = "../examples/heartbeat/wire.rs"]
mod wire;

use peer::{CloseReason, Config, Peer};
use proptest::prelude::*;
use sim::{Pipe, Random};
use wire::{Error, MAX_FRAME, MAX_TEXT, Message};

const CONFIG: Config = Config {
    ping_after: 1000,
    dead_after: 5000,
};

fn frame(message: &Message<'_>) -> Vec<u8> {
    let mut out = [0; MAX_FRAME];
    let length = message.encode(&mut out).unwrap();
    out[..length].to_vec()
}

fn feed(peer: &mut Peer, now: u64, bytes: &[u8]) {
    peer.receive_buffer()[..bytes.len()].copy_from_slice(bytes);
    peer.received(bytes.len(), now);
}

#[test]
fn messages_round_trip_and_are_refused_early() {
    let long = [7; MAX_TEXT];
    for message in [
        Message::Call {
            id: 1,
            text: b"hello",
        },
        Message::Call {
            id: 255,
            text: &long,
        },
        Message::Answer { id: 0, text: b"" },
        Message::Ping,
        Message::Pong,
    ] {
        let bytes = frame(&message);
        assert_eq!(Message::decode(&bytes), Ok(Some((message, bytes.len()))));
        for have in 0..bytes.len() {
            assert_eq!(Message::decode(&bytes[..have]), Ok(None));
        }
    }
    assert_eq!(Message::decode(&[0, 0]), Err(Error::Length(0)));
    assert_eq!(Message::decode(&[0, 65]), Err(Error::Length(65)));
    assert_eq!(Message::decode(&[0, 9, 5]), Err(Error::Kind(5)));
    assert_eq!(Message::decode(&[0, 1, 1]), Err(Error::Body));
    assert_eq!(Message::decode(&[0, 2, 3, 0]), Err(Error::Body));
    let too_long = Message::Call {
        id: 0,
        text: &[0; MAX_TEXT + 1],
    };
    assert_eq!(too_long.encode(&mut [0; 99]), Err(Error::TooLong));
}

#[test]
fn a_message_split_at_every_byte() {
    let bytes = frame(&Message::Call {
        id: 3,
        text: b"split",
    });
    for cut in 0..=bytes.len() {
        let mut peer = Peer::new(CONFIG, 0);
        feed(&mut peer, 0, &bytes[..cut]);
        if cut < bytes.len() {
            assert_eq!(peer.poll_message(), None);
        }
        feed(&mut peer, 0, &bytes[cut..]);
        assert_eq!(
            peer.poll_message(),
            Some(Message::Call {
                id: 3,
                text: b"split"
            })
        );
        assert_eq!(peer.poll_message(), None);
    }
}

#[test]
fn garbage_closes_with_a_reason() {
    let mut peer = Peer::new(CONFIG, 0);
    feed(&mut peer, 0, &[0xFF, 0xFF, 1, 2, 3]);
    assert_eq!(peer.poll_message(), None);
    assert_eq!(
        peer.poll_close(),
        Some(CloseReason::Malformed(Error::Length(0xFFFF)))
    );
    assert!(peer.receive_buffer().is_empty());
    assert_eq!(peer.poll_timeout(), None);
}

#[test]
fn the_end_of_the_stream_is_the_end() {
    let mut peer = Peer::new(CONFIG, 0);
    feed(&mut peer, 0, &frame(&Message::Ping)[..2]);
    peer.handle_end();
    assert_eq!(peer.poll_message(), None);
    assert_eq!(peer.poll_close(), Some(CloseReason::Ended));
    peer.handle_timeout(u64::MAX);
    assert_eq!(peer.poll_close(), Some(CloseReason::Ended));
}

/// Two ends and what lies between them.
struct Net {
    now: u64,
    random: Random,
    ends: [Peer; 2],
    /// From end 0 to end 1, and back.
    pipes: [Pipe; 2],
    /// What each end was told, as text.
    heard: [Vec<String>; 2],
    cut: bool,
}

impl Net {
    fn new(seed: u64, latency: u64, piece: usize) -> Self {
        Self {
            now: 0,
            random: Random(seed),
            ends: [Peer::new(CONFIG, 0), Peer::new(CONFIG, 0)],
            pipes: [
                Pipe::new(latency, latency, piece),
                Pipe::new(latency, latency, piece),
            ],
            heard: [Vec::new(), Vec::new()],
            cut: false,
        }
    }

    /// What end 1 does with a call: answers it in capitals.
    fn turn(&mut self, end: usize) -> bool {
        let (now, peer) = (self.now, &mut self.ends[end]);
        let count = self.pipes[1 - end].receive(now, peer.receive_buffer());
        peer.received(count, now);
        peer.handle_timeout(now);
        let mut answers = Vec::new();
        while let Some(message) = peer.poll_message() {
            self.heard[end].push(format!("{message:?}"));
            if let Message::Call { id, text } = message {
                answers.push((id, text.to_ascii_uppercase()));
            }
        }
        for (id, text) in answers {
            peer.send(&Message::Answer { id, text: &text }).unwrap();
        }
        let sent = match self.cut {
            true => peer.poll_transmit().len(),
            false => self.pipes[end].send(now, peer.poll_transmit(), &mut self.random),
        };
        peer.transmitted(sent);
        count + sent > 0
    }

    fn run(&mut self, until: u64) {
        loop {
            while self.turn(0) | self.turn(1) {}
            let next = [
                self.pipes[0].next_arrival(),
                self.pipes[1].next_arrival(),
                self.ends[0].poll_timeout(),
                self.ends[1].poll_timeout(),
            ];
            let next = next.into_iter().flatten().filter(|at| *at > self.now).min();
            match next {
                Some(at) if at <= until => self.now = at,
                _ => break,
            }
        }
        self.now = until;
    }
}

#[test]
fn calls_are_answered_and_silence_is_bridged() {
    let mut net = Net::new(1, 10, 3);
    net.ends[0]
        .send(&Message::Call { id: 9, text: b"hi" })
        .unwrap();
    net.run(100_000);
    let answer = Message::Answer { id: 9, text: b"HI" };
    assert_eq!(net.heard[0], [format!("{answer:?}")]);
    // A hundred times the patience: pings and pongs kept both ends alive.
    assert_eq!(net.ends[0].poll_close(), None);
    assert_eq!(net.ends[1].poll_close(), None);
}

#[test]
fn a_dead_line_is_noticed_by_both_ends() {
    let mut net = Net::new(1, 10, 3);
    net.run(20_000);
    net.cut = true;
    net.run(19_999 + CONFIG.dead_after);
    net.run(40_000);
    assert_eq!(net.ends[0].poll_close(), Some(CloseReason::Silent));
    assert_eq!(net.ends[1].poll_close(), Some(CloseReason::Silent));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_call_is_answered_in_order(
        calls in prop::collection::vec(prop::collection::vec(97..=122u8, 0..MAX_TEXT), 1..40),
        seed: u64,
        latency in 0..800u64,
        piece in 1..80usize,
    ) {
        let mut net = Net::new(seed, latency, piece);
        let mut expected = Vec::new();
        for (id, text) in calls.iter().enumerate() {
            let id = id as u8;
            while net.ends[0].send(&Message::Call { id, text }).is_err() {
                net.run(net.now + 500);
            }
            let upper = text.to_ascii_uppercase();
            expected.push(format!("{:?}", Message::Answer { id, text: &upper }));
        }
        net.run(net.now + 200_000);
        prop_assert_eq!(&net.heard[0], &expected);
    }

    #[test]
    fn noise_never_panics_and_never_blocks(noise in prop::collection::vec(any::<u8>(), 0..400)) {
        let mut peer = Peer::new(CONFIG, 0);
        let mut rest = &noise[..];
        while !rest.is_empty() && peer.poll_close().is_none() {
            let room = peer.receive_buffer();
            let count = room.len().min(rest.len());
            prop_assert!(count > 0);
            room[..count].copy_from_slice(&rest[..count]);
            peer.received(count, 0);
            rest = &rest[count..];
            while peer.poll_message().is_some() {}
            peer.transmitted(peer.poll_transmit().len());
        }
    }
}
