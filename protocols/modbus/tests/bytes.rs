//! The bodies of the fuzz targets on bytes of a fixed generator, so that every ordinary test run has some of it.

mod bodies;
mod sim;

use sim::Random;

/// Calls `body` with `count` inputs, some of them like frames.
fn feed(seed: u64, count: usize, body: fn(&[u8])) {
    let mut random = Random(seed);
    for _ in 0..count {
        let length = random.below(400) as usize;
        let mut data: Vec<u8> = (0..length).map(|_| random.next() as u8).collect();
        // Sound headers and small numbers now and then, or nothing would get far.
        for at in 0..length.saturating_sub(13) {
            match random.below(12) {
                0 => data[at..at + 13].copy_from_slice(&[12, 0, 1, 0, 0, 0, 6, 1, 3, 0, 0, 0, 2]),
                1 | 2 => data[at] %= 16,
                3 => data[at..at + 4].fill(0),
                _ => {}
            }
        }
        body(&data);
    }
}

#[test]
fn codec() {
    feed(1, 3000, bodies::codec);
}

#[test]
fn server() {
    feed(2, 5000, bodies::server);
}

#[test]
fn client() {
    feed(3, 5000, bodies::client);
}

#[test]
fn both() {
    feed(4, 5000, bodies::both);
}

#[test]
fn poller() {
    feed(5, 5000, bodies::poller);
}

#[test]
fn short_inputs() {
    for first in 0..=255 {
        for second in 0..=255 {
            bodies::codec(&[first, second]);
            bodies::server(&[0, first, second]);
            bodies::client(&[0, first, second]);
        }
    }
}
