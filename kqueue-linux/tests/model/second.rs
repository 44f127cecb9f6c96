//! A second thread that makes calls on request, so that a program's steps stay in order.

use std::os::fd::RawFd;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};

use crate::common::{Kevent, call};

type Request = (RawFd, Vec<Kevent>, usize);
type Answer = Result<Vec<Kevent>, i32>;

pub struct Second {
    requests: Option<Sender<Request>>,
    answers: Receiver<Answer>,
    thread: Option<JoinHandle<()>>,
}

impl Second {
    pub fn start() -> Second {
        let (requests, incoming) = channel::<Request>();
        let (outgoing, answers) = channel();
        let thread = thread::spawn(move || {
            for (kq, changes, room) in incoming {
                let mut events = vec![Kevent::default(); room];
                let answer = call(kq, &changes, &mut events, 0).map(|count| {
                    events.truncate(count);
                    events
                });
                if outgoing.send(answer).is_err() {
                    return;
                }
            }
        });
        Second {
            requests: Some(requests),
            answers,
            thread: Some(thread),
        }
    }

    pub fn call(&self, kq: RawFd, changes: Vec<Kevent>, room: usize) -> Answer {
        self.requests
            .as_ref()
            .expect("running")
            .send((kq, changes, room))
            .expect("the second thread");
        self.answers.recv().expect("the second thread")
    }
}

impl Drop for Second {
    fn drop(&mut self) {
        self.requests = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
