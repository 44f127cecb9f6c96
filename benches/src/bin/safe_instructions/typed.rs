//! The typed side: the same with `kqueue-safe`.

use std::error::Error;
use std::os::fd::AsFd;
use std::time::Duration;

use kqueue_safe::{ChangeList, Event, EventBuffer, Filter, Kqueue, Token, User, Write};

use super::Operation;
use super::sockets::writable;

/// What a caller looks at in an event.
fn look(event: &Event) -> u64 {
    if event.is_error() {
        return 0;
    }
    let slot = event.token().slot();
    let kind = u64::from(event.filter() == Filter::WRITE);
    u64::from(slot) + kind + event.data() as u64
}

/// Does an operation again and again; the sum keeps the compiler from leaving it out.
pub fn run(operation: Operation, rounds: u64) -> Result<u64, Box<dyn Error>> {
    let kq = Kqueue::new()?;
    let mut events: EventBuffer = EventBuffer::new();
    let mut sum = 0_u64;
    let ready = match operation {
        Operation::Wait(count) => count,
        Operation::WaitWithLimit => 1,
        Operation::ApplyOne | Operation::Apply(_) | Operation::ApplyAndWait => 0,
    };
    let sockets = writable(ready)?;
    for (slot, (here, _)) in sockets.iter().enumerate() {
        kq.apply_one(
            Write::new(here.as_fd())
                .without_count()
                .add(Token::new(slot as u32, 0)),
        )?;
    }
    match operation {
        Operation::Wait(_) => {
            for _ in 0..rounds {
                sum += kq.wait(&mut events, None)?.map(look).sum::<u64>();
            }
        }
        Operation::WaitWithLimit => {
            for round in 0..rounds {
                let limit = Duration::new(1, (round & 7) as u32);
                sum += kq.wait(&mut events, Some(limit))?.map(look).sum::<u64>();
            }
        }
        Operation::Apply(1) => {
            let mut changes = ChangeList::<64>::new();
            for round in 0..rounds {
                let change = User::new(0).clear().add(Token::new(0, round as u32));
                changes.push(change).map_err(kqueue_safe::Error::from)?;
                for receipt in kq.apply(&mut changes)? {
                    sum += u64::from(receipt.result().is_ok());
                }
            }
        }
        Operation::Apply(count) => {
            let mut changes = ChangeList::<64>::new();
            for round in 0..rounds {
                let adding = |slot| {
                    User::new(slot)
                        .clear()
                        .add(Token::new(slot as u32, round as u32))
                };
                changes
                    .try_extend((0..count).map(adding))
                    .map_err(kqueue_safe::Error::from)?;
                for receipt in kq.apply(&mut changes)? {
                    sum += u64::from(receipt.result().is_ok());
                }
            }
        }
        Operation::ApplyOne => {
            for round in 0..rounds {
                kq.apply_one(User::new(1).clear().add(Token::new(1, round as u32)))?;
                sum += 1;
            }
        }
        Operation::ApplyAndWait => {
            let sockets = writable(1)?;
            let fd = sockets[0].0.as_fd();
            let mut changes = ChangeList::<4>::new();
            for round in 0..rounds {
                let token = Token::new(round as u32, 0);
                changes
                    .push(Write::new(fd).without_count().add(token))
                    .map_err(kqueue_safe::Error::from)?;
                sum += kq
                    .apply_and_wait(&mut changes, &mut events, None)?
                    .map(look)
                    .sum::<u64>();
            }
        }
    }
    Ok(sum)
}
