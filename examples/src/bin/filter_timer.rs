//! TIMER: once, again and again, and at a time of the calendar.

use std::error::Error;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use kqueue_safe::{ChangeList, EventBuffer, EventKind, Kqueue, Timer, Token};

const ONCE: Token = Token::new(0, 0);
const AGAIN: Token = Token::new(1, 0);
const CALENDAR: Token = Token::new(2, 0);

#[cfg(not(target_os = "dragonfly"))]
fn in_the_calendar(time: Duration) -> kqueue_safe::filter::TimerSchedule {
    Timer::new(3).at(time)
}

#[cfg(target_os = "dragonfly")]
fn in_the_calendar(_: Duration) -> kqueue_safe::filter::TimerSchedule {
    Timer::new(3).after(Duration::from_millis(80)) // the system has no such timers
}

fn main() -> Result<(), Box<dyn Error>> {
    let kq = Kqueue::new()?;
    let mut changes = ChangeList::<4>::new();
    let mut events: EventBuffer = EventBuffer::new();

    let soon = SystemTime::now().duration_since(UNIX_EPOCH)? + Duration::from_millis(80);
    changes.push(Timer::new(1).after(Duration::from_micros(1500)).add(ONCE))?;
    changes.push(Timer::new(2).every(Duration::from_millis(20)).add(AGAIN))?;
    changes.push(in_the_calendar(soon).add(CALENDAR))?;

    let (mut ticks, mut calendar) = (0, false);
    while ticks < 5 || !calendar {
        for event in kq.apply_and_wait(&mut changes, &mut events, None)? {
            let EventKind::Timer { expirations } = event.kind() else {
                continue;
            };
            match event.token() {
                ONCE => println!("once, after 1.5 ms"),
                AGAIN => {
                    // More than 1 when this program was late.
                    ticks += expirations;
                    println!("{ticks} periods of 20 ms");
                }
                CALENDAR => {
                    calendar = true;
                    println!("the time of the calendar");
                }
                _ => {}
            }
        }
    }
    kq.apply_one(Timer::new(2).delete())?;
    Ok(())
}
