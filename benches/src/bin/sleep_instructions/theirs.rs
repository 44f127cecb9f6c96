//! tokio's sleeps: its clock is paused, and all fire in one turn.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Waker};
use std::time::Duration;

use tokio::time::{Instant, Sleep};

use super::{Rounds, SPREAD, counted};

pub fn run(mut rounds: Rounds) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime");
    // Outside of its tasks nothing is rationed.
    let _inside = runtime.enter();
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..rounds.rounds {
        let (deadlines, order) = rounds.next();
        let now = Instant::now();
        let mut sleeps: Vec<Option<Pin<Box<Sleep>>>> = (0..rounds.count)
            .map(|_| Some(Box::pin(tokio::time::sleep_until(now))))
            .collect();
        counted(rounds.counts("insert"), || {
            for (sleep, &deadline) in sleeps.iter_mut().flatten().zip(&deadlines) {
                let deadline = now + Duration::from_millis(2) + Duration::from_nanos(deadline);
                sleep.as_mut().reset(deadline);
                assert!(sleep.as_mut().poll(&mut context).is_pending());
            }
        });
        if rounds.counts("fire") {
            let all = Duration::from_nanos(SPREAD) + Duration::from_millis(10);
            counted(true, || runtime.block_on(tokio::time::advance(all)));
        }
        counted(rounds.counts("cancel"), || {
            for &index in &order {
                sleeps[index] = None;
            }
        });
    }
}
