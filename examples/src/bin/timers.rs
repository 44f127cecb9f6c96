//! Timers of every kind, each doing its own thing in its own action: one-shot, periodic, cancelled, re-armed. It ends by itself after a
//! second.

use std::time::Duration;

use ptk_core::event_loop::{Context, Event, EventLoop, Kind};

const ONCE: u16 = 0;
const BEAT: u16 = 1;
const NEVER: u16 = 2;
const AGAIN: u16 = 3;
const END: u16 = 4;

fn main() -> Result<(), ptk_core::Error> {
    let mut event_loop: EventLoop = EventLoop::new()?;
    let mut cx = event_loop.context();
    let begin = cx.now();
    cx.start_timer(Duration::from_millis(150), 0, ONCE)?;
    cx.start_periodic(Duration::from_millis(200), 0, BEAT)?;
    let never = cx.start_timer(Duration::from_millis(500), 0, NEVER)?;
    cx.start_timer(Duration::from_millis(50), 0, AGAIN)?;
    cx.start_timer(Duration::from_secs(1), 0, END)?;

    let mut rearmed = 0;
    event_loop.run(&mut |cx: &mut Context, event: Event| {
        let Kind::Timer {
            timer,
            deadline,
            missed,
        } = event.kind
        else {
            return;
        };
        let now = cx.now();
        let since = now.saturating_duration_since(begin);
        let late = now.saturating_duration_since(deadline);
        let name = match event.code {
            ONCE => {
                cx.cancel_timer(never);
                "once, cancels another one"
            }
            BEAT => "periodic",
            AGAIN => {
                rearmed += 1;
                // Each time twice as far ahead.
                let next = now.saturating_add(Duration::from_millis(50 << rearmed));
                cx.rearm_timer(timer, next)
                    .expect("its own expiry is being handled");
                "re-armed in its own action"
            }
            NEVER => unreachable!("it was cancelled"),
            _ => {
                cx.stop();
                "the end"
            }
        };
        println!("{since:>12.3?}  {late:>10.1?} late, {missed} missed  {name}");
    })?;
    Ok(())
}
