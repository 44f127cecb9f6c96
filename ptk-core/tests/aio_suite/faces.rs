//! Callbacks and tasks on one thread: a loop whose timer talks to a task, and a task that waits beside it.

use std::cell::Cell;
use std::time::Duration;

use ptk_core::aio::time::sleep;
use ptk_core::aio::two_faces::attend;
use ptk_core::aio::{Notify, block_on};
use ptk_core::event_loop::{Context, Event, EventLoop};

use crate::util::{driver, join};

#[test]
fn a_loop_and_a_task_share_a_thread_and_its_wait() {
    let driver = driver!(8, 8);
    let mut event_loop: EventLoop<4, 4> = EventLoop::new().unwrap();
    event_loop
        .context()
        .start_periodic(Duration::from_millis(2), 0, 0_u16)
        .unwrap();
    let (ticks, heard, told) = (Cell::new(0), Cell::new(0), Notify::new());
    let mut handler = |_: &mut Context<'_>, _: Event| {
        ticks.set(ticks.get() + 1);
        told.notify_one();
    };
    block_on(driver, async {
        let machines = attend(driver.handle(), &mut event_loop, &mut handler, |_, _| {
            heard.get() >= 5
        });
        let task = async {
            while heard.get() < 5 {
                told.notified().await;
                heard.set(heard.get() + 1);
                sleep(Duration::from_micros(100)).await;
            }
        };
        join(machines, task).await.0.unwrap();
    })
    .unwrap();
    assert!(ticks.get() >= 5);
    assert_eq!((driver.usage().0, driver.timers()), (0, 0));
}
