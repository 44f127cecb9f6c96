//! The hand-over of the access between workers, and their sleep, under every interleaving: `RUSTFLAGS="--cfg loom" cargo test -p ptk-core --release
//! --test loom_access`. A wake or an access that is lost is a deadlock, which loom reports.
#![cfg(loom)]
#![allow(unsafe_code)]

use std::task::{Wake, Waker};

use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::sync::{Arc, Condvar, Mutex};
use loom::thread;
use ptk_core::aio::model::{AccessWord, Ready as ReadyTask, ReadyQueue, Rouse, Seat};

/// What a thread waits in: a kqueue with a user event.
struct Kernel {
    raised: Mutex<bool>,
    changed: Condvar,
}

impl Kernel {
    fn new() -> Self {
        Self {
            raised: Mutex::new(false),
            changed: Condvar::new(),
        }
    }

    fn raise(&self) {
        *self.raised.lock().unwrap() = true;
        self.changed.notify_one();
    }

    fn wait(&self) {
        let mut raised = self.raised.lock().unwrap();
        while !*raised {
            raised = self.changed.wait(raised).unwrap();
        }
        *raised = false;
    }

    fn look(&self) {
        *self.raised.lock().unwrap() = false;
    }
}

struct Driver {
    access: AccessWord,
    kernel: Kernel,
}

struct Worker {
    seat: Seat,
    bed: Kernel,
    driver: Arc<Driver>,
}

struct Bell(Arc<Worker>);

impl Wake for Bell {
    fn wake(self: std::sync::Arc<Self>) {
        if self.0.seat.summon() {
            self.0.bed.raise();
        }
    }
}

impl Worker {
    fn new(driver: &Arc<Driver>) -> Arc<Self> {
        Arc::new(Self {
            seat: Seat::new(),
            bed: Kernel::new(),
            driver: driver.clone(),
        })
    }

    fn notify(&self) {
        match self.seat.notify() {
            Rouse::Nobody => {}
            Rouse::Bed => self.bed.raise(),
            Rouse::Driver => self.driver.kernel.raise(),
        }
    }

    /// `IoDriver::process_io_for`, with the model's kernel. `event` is what this worker does with the events of a wait.
    fn process(this: &Arc<Self>, begin: impl Fn() -> bool, event: &dyn Fn()) -> bool {
        let access = &this.driver.access;
        let at_once = if access.try_take_to_wait() {
            begin()
        } else if access.try_take() {
            let unparked = access.begin_wait();
            begin() | unparked
        } else {
            return false;
        };
        if at_once {
            this.driver.kernel.look();
        } else {
            this.driver.kernel.wait();
        }
        access.end_wait();
        this.seat.end_wait();
        event();
        access.release_after_batch();
        true
    }

    /// Whether it was notified, and not only called.
    fn sleep(this: &Arc<Self>) -> bool {
        let bell = Waker::from(std::sync::Arc::new(Bell(this.clone())));
        let woken = this.driver.access.sleep(&this.seat, &bell, || {
            this.bed.wait();
            Ok::<(), ()>(())
        });
        woken.unwrap() && {
            this.seat.take_notified();
            true
        }
    }

    /// `WorkerGuard::rest`.
    fn rest(this: &Arc<Self>, event: &dyn Fn()) {
        loop {
            let woken = if Self::process(this, || this.seat.begin_wait(), event) {
                this.seat.take_notified()
            } else {
                Self::sleep(this)
            };
            if woken {
                return;
            }
        }
    }

    /// `WorkerGuard::rest_of_room`.
    fn rest_of_room(this: &Arc<Self>) {
        let begin = || {
            this.seat.begin_wait() && {
                this.seat.take_notified();
                true
            }
        };
        if !Self::process(this, begin, &|| {}) {
            Self::sleep(this);
        }
    }
}

/// The tasks of a room, and who polls them.
struct Room {
    worker: Arc<Worker>,
    queue: ReadyQueue,
    tasks: [ReadyTask; 2],
}

impl Room {
    fn new(driver: &Arc<Driver>) -> Arc<Self> {
        Arc::new(Self {
            worker: Worker::new(driver),
            queue: ReadyQueue::new(),
            tasks: [ReadyTask::new(), ReadyTask::new()],
        })
    }

    fn wake(&self, at: usize) {
        // SAFETY: the tasks live in the same room as their queue.
        if unsafe { self.queue.push(&self.tasks[at]) } {
            self.worker.notify();
        }
    }

    /// `TaskRoom::run_until`, until both tasks have been polled.
    fn run(&self) {
        let mut polled = [false; 2];
        while polled != [true; 2] {
            self.queue.drain(
                || _ = self.worker.seat.take_notified(),
                |task| polled[usize::from(std::ptr::eq(task, &self.tasks[1]))] = true,
            );
            if polled != [true; 2] {
                Worker::rest_of_room(&self.worker);
            }
        }
    }
}

fn driver() -> Arc<Driver> {
    Arc::new(Driver {
        access: AccessWord::new(),
        kernel: Kernel::new(),
    })
}

fn model(preemptions: usize, f: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.check(f);
}

#[test]
fn a_notification_ends_the_wait_of_the_one_that_it_is_for() {
    loom::model(|| {
        let driver = driver();
        let worker = Worker::new(&driver);
        let other = {
            let worker = worker.clone();
            thread::spawn(move || worker.notify())
        };
        Worker::rest(&worker, &|| {});
        other.join().unwrap();
    });
}

#[test]
fn an_unpark_ends_this_wait_or_the_next() {
    loom::model(|| {
        let driver = driver();
        let other = {
            let driver = driver.clone();
            thread::spawn(move || {
                if driver.access.unpark() {
                    driver.kernel.raise();
                }
            })
        };
        assert!(driver.access.try_take());
        if driver.access.begin_wait() {
            driver.kernel.look();
        } else {
            driver.kernel.wait();
        }
        driver.access.end_wait();
        driver.access.release_after_batch();
        other.join().unwrap();
    });
}

/// The summons of a call that has been answered comes when the worker has taken the access and waits: it must not hide a wake.
#[test]
fn a_summons_that_comes_late_hides_no_wake() {
    loom::model(|| {
        let driver = driver();
        let worker = Worker::new(&driver);
        let others = [
            {
                let worker = worker.clone();
                thread::spawn(move || {
                    if worker.seat.summon() {
                        worker.bed.raise();
                    }
                })
            },
            {
                let worker = worker.clone();
                thread::spawn(move || worker.notify())
            },
        ];
        Worker::rest(&worker, &|| {});
        for other in others {
            other.join().unwrap();
        }
    });
}

#[test]
fn an_earlier_deadline_is_seen_or_ends_the_wait() {
    loom::model(|| {
        let driver = driver();
        let armed = Arc::new(AtomicUsize::new(0));
        let other = {
            let (driver, armed) = (driver.clone(), armed.clone());
            thread::spawn(move || {
                armed.fetch_add(1, Ordering::SeqCst);
                if driver.access.is_waiting() {
                    driver.kernel.raise();
                }
            })
        };
        assert!(driver.access.try_take());
        driver.access.begin_wait();
        // An exchange instead of the load: loom does not know the order of `SeqCst` loads.
        if armed.fetch_add(0, Ordering::SeqCst) == 0 {
            driver.kernel.wait();
        }
        driver.access.end_wait();
        driver.access.release_after_batch();
        other.join().unwrap();
    });
}

/// A room looks at its queue before it waits, and at its seat when it begins to.
#[test]
fn a_room_does_not_sleep_while_a_task_is_due() {
    model(3, || {
        let room = Room::new(&driver());
        let others = [0, 1].map(|at| {
            let room = room.clone();
            thread::spawn(move || room.wake(at))
        });
        room.run();
        for other in others {
            other.join().unwrap();
        }
    });
}

/// The same while another worker has the access, and leaves.
#[test]
fn a_room_that_sleeps_for_want_of_the_access_hears_of_its_tasks() {
    model(3, || {
        let driver = driver();
        let room = Room::new(&driver);
        let first = Worker::new(&driver);
        let waiting = {
            let first = first.clone();
            thread::spawn(move || Worker::rest(&first, &|| {}))
        };
        let waking = {
            let (room, first) = (room.clone(), first.clone());
            thread::spawn(move || {
                room.wake(0);
                first.notify();
                room.wake(1);
            })
        };
        room.run();
        waiting.join().unwrap();
        waking.join().unwrap();
    });
}

#[test]
fn one_of_two_workers_processes_the_events_of_both() {
    model(4, || {
        let driver = driver();
        let workers = [Worker::new(&driver), Worker::new(&driver)];
        let events = Arc::new(AtomicUsize::new(0));
        // The kernel has one event, which wakes both futures, whoever collects it.
        driver.kernel.raise();
        let run = |worker: Arc<Worker>, workers: [Arc<Worker>; 2], events: Arc<AtomicUsize>| {
            Worker::rest(&worker, &|| {
                if events.fetch_add(1, Ordering::SeqCst) == 0 {
                    workers[0].notify();
                    workers[1].notify();
                }
            });
        };
        let other = {
            let (workers, events) = (workers.clone(), events.clone());
            thread::spawn(move || run(workers[1].clone(), workers.clone(), events))
        };
        run(workers[0].clone(), workers.clone(), events);
        other.join().unwrap();
        assert!(driver.access.try_take(), "given back");
    });
}

/// The fault that this was written for: A processes an event that wakes B, gives the access back and leaves. B is called in the same moment, but its future
/// has ended, so it leaves as well. C sleeps, and nobody processes the event that C waits for.
#[test]
fn a_worker_that_is_called_and_leaves_passes_the_call_on() {
    model(3, || {
        let driver = driver();
        let b = Worker::new(&driver);
        let c = Worker::new(&driver);
        // A has the access, as the others find.
        assert!(driver.access.try_take());
        let threads = [b.clone(), c.clone()].map(|worker| {
            let c = c.clone();
            thread::spawn(move || Worker::rest(&worker, &|| c.notify()))
        });
        b.notify();
        // The event that C waits for: whoever waits next collects it.
        driver.kernel.raise();
        driver.access.release();
        for thread in threads {
            thread.join().unwrap();
        }
        assert!(driver.access.try_take(), "given back");
    });
}

#[test]
fn a_worker_that_cannot_sleep_passes_the_call_on() {
    model(3, || {
        let driver = driver();
        let b = Worker::new(&driver);
        let c = Worker::new(&driver);
        assert!(driver.access.try_take());
        let failing = {
            let b = b.clone();
            thread::spawn(move || {
                let bell = Waker::from(std::sync::Arc::new(Bell(b.clone())));
                // Its kqueue has gone (a fork's child): it reports the error and leaves.
                while !b.driver.access.try_take() {
                    if b.driver.access.sleep(&b.seat, &bell, || Err(())).is_err() {
                        return;
                    }
                }
                b.driver.access.release();
            })
        };
        let waiting = {
            let c = c.clone();
            thread::spawn(move || Worker::rest(&c, &|| c.notify()))
        };
        driver.kernel.raise();
        driver.access.release();
        failing.join().unwrap();
        waiting.join().unwrap();
    });
}
