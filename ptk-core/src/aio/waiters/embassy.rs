//! The two unsafe things of [`aio::embassy`](crate::aio::embassy): a raw executor in a `static`, and the function that it calls when there is work.

use core::cell::UnsafeCell;
use core::mem::MaybeUninit;
use core::sync::atomic::{AtomicBool, Ordering};

use embassy_executor::{Spawner, raw};

use super::Wake;
use crate::aio::worker::Worker;

/// Room for one raw executor, used by one thread for ever.
pub struct Room {
    taken: AtomicBool,
    executor: UnsafeCell<MaybeUninit<raw::Executor>>,
}

// SAFETY: `open` lets one caller, ever, at the cell; the raw executor's own queue is made for wakes from any thread.
unsafe impl Sync for Room {}

/// The raw executor, for the thread that opened the room: not `Send`.
pub struct Opened {
    executor: &'static raw::Executor,
    _thread: core::marker::PhantomData<*const ()>,
}

impl Room {
    pub const fn new() -> Self {
        Self {
            taken: AtomicBool::new(false),
            executor: UnsafeCell::new(MaybeUninit::uninit()),
        }
    }

    /// Makes the executor; `None` if that has been done. Work for it notifies `worker`.
    pub fn open(&'static self, worker: &'static Worker) -> Option<Opened> {
        if self.taken.swap(true, Ordering::Acquire) {
            return None;
        }
        let context = (&raw const *worker).cast_mut().cast();
        // SAFETY: `taken` was false and never becomes it again, so this is the only reference ever made from the cell.
        let executor = unsafe { (*self.executor.get()).write(raw::Executor::new(context)) };
        Some(Opened {
            executor,
            _thread: core::marker::PhantomData,
        })
    }
}

impl Opened {
    pub fn spawner(&self) -> Spawner {
        self.executor.spawner()
    }

    /// Runs every task that has been woken.
    #[inline]
    pub fn poll(&mut self) {
        // SAFETY: `poll` must not be entered twice. This value is the only way to it, and is borrowed uniquely meanwhile; tasks have no
        // access to it, and the pender below only sets a flag.
        unsafe { self.executor.poll() }
    }
}

/// Called by embassy's executors, on any thread, when a queue that was empty has a task.
///
/// The name is embassy's; there can be one in a program. A program that turns on one of `embassy-executor`'s platforms has another.
#[unsafe(export_name = "__pender")]
fn pender(context: *mut ()) {
    // SAFETY: `context` is what `open` gave: a worker, which lives for ever.
    let worker: &'static Worker = unsafe { &*context.cast::<Worker>() };
    worker.wake();
}
