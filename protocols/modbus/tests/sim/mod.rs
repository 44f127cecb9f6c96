//! A stream between two machines under a virtual clock: in order and without loss, as TCP is, with latency, with cuts
//! wherever the random numbers put them.
#![allow(dead_code)]

use std::collections::VecDeque;

/// Random numbers that follow from a seed.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ mixed >> 31
    }

    /// From 0 to `below - 1`.
    pub fn below(&mut self, below: u64) -> u64 {
        self.next() % below
    }
}

/// One direction of a stream.
pub struct Pipe {
    /// From sent to received, at least.
    pub latency: u64,
    /// What may come on top of it, for each piece.
    pub jitter: u64,
    /// Bytes that arrive together at most.
    pub piece: usize,
    /// Of a hundred pieces, so many are lost and sent again: TCP shows that as a delay of this piece and all behind it.
    pub loss: u64,
    /// How long until a lost piece is sent again; twice as long each time that it is lost again.
    pub resent_after: u64,
    /// Bytes under way at most: what a socket's buffers would hold.
    pub window: usize,
    pieces: VecDeque<(u64, Vec<u8>)>,
}

impl Pipe {
    pub fn new(latency: u64, jitter: u64, piece: usize) -> Self {
        Self {
            latency,
            jitter,
            piece,
            loss: 0,
            resent_after: 200_000_000,
            window: 4096,
            pieces: VecDeque::new(),
        }
    }

    fn under_way(&self) -> usize {
        self.pieces.iter().map(|(_, bytes)| bytes.len()).sum()
    }

    /// Takes what the window has room for, as a socket's `send` would, and returns how much.
    pub fn send(&mut self, now: u64, bytes: &[u8], random: &mut Random) -> usize {
        let count = bytes
            .len()
            .min(self.window.saturating_sub(self.under_way()));
        let mut rest = &bytes[..count];
        while !rest.is_empty() {
            let length = 1 + random.below(self.piece.min(rest.len()) as u64) as usize;
            let after = self.pieces.back().map_or(0, |(at, _)| *at);
            let mut at = now + self.latency + random.below(self.jitter + 1);
            let mut again = self.resent_after;
            while self.loss > 0 && random.below(100) < self.loss {
                at += again;
                again *= 2;
            }
            let at = at.max(after);
            self.pieces.push_back((at, rest[..length].to_vec()));
            rest = &rest[length..];
        }
        count
    }

    /// Fills `room` with what has arrived, a piece at most, as a socket's `receive` would.
    pub fn receive(&mut self, now: u64, room: &mut [u8]) -> usize {
        match self.pieces.front_mut() {
            Some((at, bytes)) if *at <= now && !room.is_empty() => {
                let count = bytes.len().min(room.len());
                room[..count].copy_from_slice(&bytes[..count]);
                bytes.drain(..count);
                if bytes.is_empty() {
                    self.pieces.pop_front();
                }
                count
            }
            _ => 0,
        }
    }

    /// When the next piece arrives.
    pub fn next_arrival(&self) -> Option<u64> {
        self.pieces.front().map(|(at, _)| *at)
    }

    /// Whether a piece has arrived.
    pub fn readable(&self, now: u64) -> bool {
        self.next_arrival().is_some_and(|at| at <= now)
    }

    pub fn clear(&mut self) {
        self.pieces.clear();
    }
}
