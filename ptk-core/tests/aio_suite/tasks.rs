//! Tasks in static storage: rooms, places that are used again, wakes from other threads, and the ends of tasks.

use std::future::poll_fn;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};
use std::thread;

use ptk_core::ErrorKind;
use ptk_core::aio::net::UnixStream;
use ptk_core::aio::tasks::{TaskRoom, bytes_of};
use ptk_core::aio::{IoDriver, IoSlots, Notify};

use crate::util::driver;

async fn echo(stream: UnixStream) {
    let mut buffer = [0; 64];
    while let Ok(length @ 1..) = stream.read(&mut buffer).await {
        stream.write_all(&buffer[..length]).await.unwrap();
    }
}

async fn yield_now() {
    let mut yielded = false;
    poll_fn(|cx| {
        if yielded {
            return Poll::Ready(());
        }
        yielded = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

#[test]
fn a_place_is_used_again_and_a_task_too_many_comes_back() {
    static ROOM: TaskRoom<2, { bytes_of(echo) }> = TaskRoom::new();
    let driver = driver!();
    ROOM.run_until(driver, |tasks| async move {
        for round in 0..5_u8 {
            let (one, other) = UnixStream::pair().unwrap();
            let (two, another) = UnixStream::pair().unwrap();
            let (three, _) = UnixStream::pair().unwrap();
            assert!(tasks.spawn(echo(other)).is_ok());
            assert!(tasks.spawn(echo(another)).is_ok());
            assert!(tasks.spawn(echo(three)).is_err());
            assert_eq!(tasks.used(), 2);
            for stream in [&one, &two] {
                let mut answer = [0; 3];
                stream.write_all(&[round; 3]).await.unwrap();
                stream.read_exact(&mut answer).await.unwrap();
                assert_eq!(answer, [round; 3]);
            }
            drop((one, two));
            while tasks.used() > 0 {
                yield_now().await;
            }
        }
    })
    .unwrap();
    assert_eq!(driver.usage().0, 0);
}

#[test]
fn a_room_runs_once_and_takes_nothing_before_or_after() {
    static ROOM: TaskRoom<2, { bytes_of(echo) }> = TaskRoom::new();
    let driver = driver!();
    let tasks = ROOM
        .run_until(driver, |tasks| async move {
            let (one, other) = UnixStream::pair().unwrap();
            assert!(tasks.spawn(echo(other)).is_ok());
            drop(one);
            tasks
        })
        .unwrap();
    assert_eq!(tasks.used(), 0);
    ptk_core::aio::block_on(driver, async {
        let (_, other) = UnixStream::pair().unwrap();
        assert!(tasks.spawn(echo(other)).is_err());
    })
    .unwrap();
    let again = ROOM.run_until(driver, |tasks| async move {
        let (_, other) = UnixStream::pair().unwrap();
        let _ = tasks.spawn(echo(other));
    });
    assert_eq!(again.unwrap_err().kind(), ErrorKind::AlreadyConnected);
}

struct Counted(&'static AtomicUsize);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

async fn never(counted: Counted) {
    std::future::pending::<()>().await;
    drop(counted);
}

#[test]
fn tasks_that_have_not_ended_are_dropped_with_the_run() {
    static ROOM: TaskRoom<4, { bytes_of(never) }> = TaskRoom::new();
    static DROPPED: AtomicUsize = AtomicUsize::new(0);
    let driver = driver!();
    ROOM.run_until(driver, |tasks| async move {
        for _ in 0..3 {
            assert!(tasks.spawn(never(Counted(&DROPPED))).is_ok());
        }
        yield_now().await;
        assert_eq!(DROPPED.load(Ordering::SeqCst), 0);
        // Neither polled nor forgotten.
        assert!(tasks.spawn(never(Counted(&DROPPED))).is_ok());
    })
    .unwrap();
    assert_eq!(DROPPED.load(Ordering::SeqCst), 4);
}

#[test]
fn a_panic_of_a_task_drops_the_others() {
    static ROOM: TaskRoom<4, { bytes_of(failing) }> = TaskRoom::new();
    static DROPPED: AtomicUsize = AtomicUsize::new(0);
    async fn failing((counted, fails): (Counted, bool)) {
        yield_now().await;
        assert!(!fails, "planned");
        never(counted).await;
    }
    let driver = driver!();
    let run = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        ROOM.run_until(driver, |tasks| async move {
            for fails in [false, true, false] {
                assert!(tasks.spawn(failing((Counted(&DROPPED), fails))).is_ok());
            }
            std::future::pending::<()>().await;
        })
    }));
    assert!(run.is_err());
    assert_eq!(DROPPED.load(Ordering::SeqCst), 3);
    // The thread's place as a worker and the access are free again.
    ptk_core::aio::block_on(driver, yield_now()).unwrap();
}

#[test]
fn wakes_from_other_threads_end_the_wait_and_none_is_lost() {
    static ROOM: TaskRoom<4, { bytes_of(listener) }> = TaskRoom::new();
    static WORDS: [Notify; 4] = [const { Notify::new() }; 4];
    static HEARD: [Notify; 4] = [const { Notify::new() }; 4];
    const ROUNDS: usize = 200;
    async fn listener(number: usize) {
        for _ in 0..ROUNDS {
            WORDS[number].notified().await;
            HEARD[number].notify_one();
        }
    }
    let (driver, speakers_driver) = (driver!(), driver!());
    let speakers: Vec<_> = (0..4)
        .map(|number| {
            thread::spawn(move || {
                // On a driver that all four share: their waits are one thread's at a time.
                ptk_core::aio::block_on(speakers_driver, async {
                    for _ in 0..ROUNDS {
                        WORDS[number].notify_one();
                        HEARD[number].notified().await;
                    }
                })
                .unwrap();
            })
        })
        .collect();
    ROOM.run_until(driver, |tasks| async move {
        for number in 0..4 {
            assert!(tasks.spawn(listener(number)).is_ok());
        }
        while tasks.used() > 0 {
            yield_now().await;
        }
    })
    .unwrap();
    for speaker in speakers {
        speaker.join().unwrap();
    }
}

#[test]
fn two_rooms_share_a_driver() {
    static ROOMS: [TaskRoom<2, { bytes_of(echo) }>; 2] = [const { TaskRoom::new() }; 2];
    let driver = driver!(32, 4);
    let threads = [0, 1].map(|room: usize| {
        thread::spawn(move || {
            ROOMS[room]
                .run_until(driver, |tasks| async move {
                    for round in 0..200_u8 {
                        let (one, other) = UnixStream::pair().unwrap();
                        // The place of the round before may not be free yet.
                        let mut task = echo(other);
                        while let Err(back) = tasks.spawn(task) {
                            task = back;
                            yield_now().await;
                        }
                        one.write_all(&[round; 9]).await.unwrap();
                        let mut answer = [0; 9];
                        one.read_exact(&mut answer).await.unwrap();
                        assert_eq!(answer, [round; 9]);
                    }
                })
                .unwrap();
        })
    });
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!(driver.usage().0, 0);
}

/// More events in one wait than a room takes without its queue.
#[test]
fn a_large_batch_of_events_reaches_every_task() {
    const MANY: usize = 150;
    static SLOTS: IoSlots<{ 2 * MANY }, 1, { 2 * MANY }> = IoSlots::new();
    static ROOM: TaskRoom<MANY, { bytes_of(echo) }> = TaskRoom::new();
    let driver = IoDriver::new(&SLOTS).unwrap();
    ROOM.run_until(driver, |tasks| async move {
        let mut streams = Vec::new();
        for _ in 0..MANY {
            let (one, other) = UnixStream::pair().unwrap();
            assert!(tasks.spawn(echo(other)).is_ok());
            streams.push(one);
        }
        for round in 0..3_u8 {
            for stream in &streams {
                stream.write_all(&[round]).await.unwrap();
            }
            for stream in &streams {
                let mut answer = [9];
                stream.read_exact(&mut answer).await.unwrap();
                assert_eq!(answer, [round]);
            }
        }
    })
    .unwrap();
}

/// A waker that outlives its task wakes whoever has the place now, for nothing; one that outlives the run wakes nobody.
#[test]
fn a_waker_may_outlive_its_task_and_the_run() {
    static ROOM: TaskRoom<1, { bytes_of(leave_a_waker) }> = TaskRoom::new();
    static KEPT: Mutex<Vec<Waker>> = Mutex::new(Vec::new());
    async fn leave_a_waker(polls: Arc<AtomicUsize>) {
        poll_fn(|cx| {
            KEPT.lock().unwrap().push(cx.waker().clone());
            if polls.fetch_add(1, Ordering::SeqCst) == 0 {
                cx.waker().wake_by_ref();
                Poll::Pending
            } else {
                Poll::Ready(())
            }
        })
        .await;
    }
    let driver = driver!();
    let polls = Arc::new(AtomicUsize::new(0));
    let counted = polls.clone();
    ROOM.run_until(driver, |tasks| async move {
        assert!(tasks.spawn(leave_a_waker(counted)).is_ok());
        while tasks.used() > 0 {
            yield_now().await;
        }
        for waker in KEPT.lock().unwrap().iter() {
            waker.wake_by_ref();
        }
        yield_now().await;
    })
    .unwrap();
    assert_eq!(polls.load(Ordering::SeqCst), 2);
    KEPT.lock().unwrap().drain(..).for_each(Waker::wake);
    assert_eq!(polls.load(Ordering::SeqCst), 2);
}
