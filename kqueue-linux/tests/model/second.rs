//! A second thread that makes calls on request, so that a program's steps stay in order.
//!
//! The hand-over is an atomic and `park`, because the thread sanitizer sees both; it does not see into the standard library's channels.

use std::os::fd::RawFd;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle, Thread};

use crate::common::{Kevent, call};

type Answer = Result<Vec<Kevent>, i32>;

const IDLE: u8 = 0;
const ASKED: u8 = 1;
const ANSWERED: u8 = 2;
const STOP: u8 = 3;

struct Request {
    kq: RawFd,
    changes: Vec<Kevent>,
    room: usize,
    wait: i32,
    from: Thread,
}

struct Shared {
    /// Whose turn it is; orders all access to the two below, which is therefore never contended.
    turn: AtomicU8,
    request: Mutex<Option<Request>>,
    answer: Mutex<Option<Answer>>,
}

pub struct Second {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Second {
    pub fn start() -> Second {
        let shared = Arc::new(Shared {
            turn: AtomicU8::new(IDLE),
            request: Mutex::new(None),
            answer: Mutex::new(None),
        });
        let thread = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || work(&shared))
        };
        Second {
            shared,
            thread: Some(thread),
        }
    }

    pub fn call(&self, kq: RawFd, changes: Vec<Kevent>, room: usize, wait: i32) -> Answer {
        let from = thread::current();
        *self.shared.request.lock().expect("request") = Some(Request {
            kq,
            changes,
            room,
            wait,
            from,
        });
        self.give_turn(ASKED);
        while self.shared.turn.load(Ordering::Acquire) != ANSWERED {
            thread::park();
        }
        let answer = self.shared.answer.lock().expect("answer").take();
        self.shared.turn.store(IDLE, Ordering::Release);
        answer.expect("an answer")
    }

    fn give_turn(&self, turn: u8) {
        self.shared.turn.store(turn, Ordering::Release);
        if let Some(thread) = &self.thread {
            thread.thread().unpark();
        }
    }
}

fn work(shared: &Shared) {
    loop {
        match shared.turn.load(Ordering::Acquire) {
            STOP => return,
            ASKED => {
                let request = shared.request.lock().expect("request").take();
                let request = request.expect("a request");
                let mut events = vec![Kevent::default(); request.room];
                let answer =
                    call(request.kq, &request.changes, &mut events, request.wait).map(|count| {
                        events.truncate(count);
                        events
                    });
                *shared.answer.lock().expect("answer") = Some(answer);
                shared.turn.store(ANSWERED, Ordering::Release);
                request.from.unpark();
            }
            _ => thread::park(),
        }
    }
}

impl Drop for Second {
    fn drop(&mut self) {
        self.give_turn(STOP);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
