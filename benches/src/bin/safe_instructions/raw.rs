//! The raw side: what a careful C programmer writes, with arrays on the stack.

use std::error::Error;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::ptr;

use benches::no_count::NOTE_NOCOUNT;
use kqueue_sys::{
    EV_ADD, EV_CLEAR, EV_ERROR, EV_RECEIPT, EV_SET, EVFILT_USER, EVFILT_WRITE, kevent, kqueue,
    timespec,
};

use super::Operation;
use super::sockets::writable;

fn udata(value: usize) -> kqueue_sys::udata_t {
    ptr::without_provenance_mut(value)
}

/// What a caller looks at in an event.
fn look(event: &kevent) -> u64 {
    if event.flags & EV_ERROR != 0 {
        return 0;
    }
    let slot = event.udata.addr() as u32;
    let kind = u64::from(event.filter == EVFILT_WRITE);
    u64::from(slot) + kind + event.data as u64
}

/// Does an operation again and again; the sum keeps the compiler from leaving it out.
pub fn run(operation: Operation, rounds: u64) -> Result<u64, Box<dyn Error>> {
    // SAFETY: a new descriptor or -1.
    let kq = unsafe { kqueue() };
    if kq < 0 {
        return Err(io::Error::last_os_error().into());
    }
    // SAFETY: just made, nobody else has it.
    let kq = unsafe { OwnedFd::from_raw_fd(kq) };
    let kq = kq.as_raw_fd();
    let call = |changes: &[kevent], events: &mut [kevent], limit: Option<&timespec>| {
        // SAFETY: both slices are as long as announced; the limit is null or lives through the call.
        let count = unsafe {
            kevent(
                kq,
                changes.as_ptr(),
                changes.len() as kqueue_sys::count_t,
                events.as_mut_ptr(),
                events.len() as kqueue_sys::count_t,
                limit.map_or(ptr::null(), ptr::from_ref),
            )
        };
        if count < 0 {
            Err(io::Error::last_os_error())
        } else {
            Ok(count as usize)
        }
    };
    let empty = EV_SET(0, EVFILT_USER, 0, 0, 0, udata(0));
    let mut events = [empty; 64];
    let mut sum = 0_u64;
    let ready = match operation {
        Operation::Wait(count) => count,
        Operation::WaitWithLimit => 1,
        Operation::ApplyOne | Operation::Apply(_) | Operation::ApplyAndWait => 0,
    };
    let sockets = writable(ready)?;
    for (slot, (here, _)) in sockets.iter().enumerate() {
        let add = EV_SET(
            here.as_raw_fd() as usize,
            EVFILT_WRITE,
            EV_ADD,
            NOTE_NOCOUNT,
            0,
            udata(slot),
        );
        call(&[add], &mut [], None)?;
    }
    let at_once = timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    match operation {
        Operation::Wait(_) => {
            for _ in 0..rounds {
                let count = call(&[], &mut events, None)?;
                sum += events[..count].iter().map(look).sum::<u64>();
            }
        }
        Operation::WaitWithLimit => {
            for round in 0..rounds {
                let limit = timespec {
                    tv_sec: 1,
                    tv_nsec: (round & 7) as i64,
                };
                let count = call(&[], &mut events, Some(&limit))?;
                sum += events[..count].iter().map(look).sum::<u64>();
            }
        }
        Operation::Apply(count) => {
            let mut changes = [empty; 64];
            for round in 0..rounds {
                for (slot, change) in changes[..count].iter_mut().enumerate() {
                    let token = udata(slot | (round as usize) << 32);
                    *change = EV_SET(
                        slot,
                        EVFILT_USER,
                        EV_ADD | EV_CLEAR | EV_RECEIPT,
                        0,
                        0,
                        token,
                    );
                }
                let answered = call(&changes[..count], &mut events, Some(&at_once))?;
                for event in &events[..answered] {
                    sum += u64::from(event.flags & EV_ERROR != 0 && event.data == 0);
                }
            }
        }
        Operation::ApplyOne => {
            for round in 0..rounds {
                let token = udata(1 | (round as usize) << 32);
                let add = EV_SET(1, EVFILT_USER, EV_ADD | EV_CLEAR, 0, 0, token);
                call(&[add], &mut [], Some(&at_once))?;
                sum += 1;
            }
        }
        Operation::ApplyAndWait => {
            let sockets = writable(1)?;
            let ident = sockets[0].0.as_raw_fd() as usize;
            let mut changes = [empty; 4];
            // How many changes are pending is known when the program runs, not when it is compiled.
            let pending = std::hint::black_box(1);
            for round in 0..rounds {
                let token = udata(round as usize);
                for change in &mut changes[..pending] {
                    *change = EV_SET(ident, EVFILT_WRITE, EV_ADD, NOTE_NOCOUNT, 0, token);
                }
                let count = call(&changes[..pending], &mut events, None)?;
                sum += events[..count].iter().map(look).sum::<u64>();
            }
        }
    }
    Ok(sum)
}
