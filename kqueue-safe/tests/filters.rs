//! One story for each filter.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::time::Duration;

use kqueue_safe::filter::UserOperation;
use kqueue_safe::{
    ChangeList, Errno, Error, EventBuffer, EventKind, Filter, Kqueue, Process, ProcessNotes, Read,
    Signal, Timer, Token, User, Vnode, VnodeNotes, Write,
};

const AT_ONCE: Option<Duration> = Some(Duration::ZERO);
const TOKEN: Token = Token::new(1, 1);

fn only_event(kq: &Kqueue) -> EventKind {
    let mut events = EventBuffer::<4>::new();
    let batch = kq.wait(&mut events, Some(Duration::from_secs(20))).unwrap();
    assert_eq!(batch.len(), 1, "{batch:?}");
    assert_eq!(batch.as_slice()[0].token(), TOKEN);
    batch.as_slice()[0].kind()
}

fn silent(kq: &Kqueue) -> bool {
    let mut events = EventBuffer::<4>::new();
    kq.wait(&mut events, AT_ONCE).unwrap().is_empty()
}

#[test]
fn read_with_a_low_water_mark() {
    let kq = Kqueue::new().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut there = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (here, _) = listener.accept().unwrap();
    kq.apply_one(Read::new(here.as_fd()).low_water(10).add(TOKEN))
        .unwrap();
    there.write_all(b"123456789").unwrap();
    assert!(silent(&kq));
    there.write_all(b"0").unwrap();
    assert_eq!(
        only_event(&kq),
        EventKind::Read {
            available: 10,
            eof: false,
            errno: None
        }
    );
}

#[test]
fn read_on_a_listener_counts_connections() {
    let kq = Kqueue::new().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    kq.apply_one(Read::new(listener.as_fd()).add(TOKEN))
        .unwrap();
    assert!(silent(&kq));
    let address = listener.local_addr().unwrap();
    let _one = TcpStream::connect(address).unwrap();
    let _two = TcpStream::connect(address).unwrap();
    let mut available = 0;
    while available < 2 {
        let EventKind::Read { available: now, .. } = only_event(&kq) else {
            panic!("not a read event")
        };
        available = now;
    }
    assert_eq!(available, 2);
}

#[test]
fn write_reports_room_and_then_nobody() {
    let kq = Kqueue::new().unwrap();
    let (reader, writer) = std::io::pipe().unwrap();
    kq.apply_one(Write::new(writer.as_fd()).clear().add(TOKEN))
        .unwrap();
    let EventKind::Write {
        space,
        eof: false,
        errno: None,
    } = only_event(&kq)
    else {
        panic!("no room")
    };
    assert!(space > 0);
    drop(reader);
    let EventKind::Write { eof: true, .. } = only_event(&kq) else {
        panic!("no end")
    };
}

#[test]
fn timers_once_again_and_again_and_never() {
    let kq = Kqueue::new().unwrap();
    kq.apply_one(Timer::new(1).after(Duration::from_micros(1500)).add(TOKEN))
        .unwrap();
    assert_eq!(only_event(&kq), EventKind::Timer { expirations: 1 });
    assert_eq!(
        kq.apply_one(Timer::new(1).delete()),
        Err(Error::System(Errno::ENOENT)),
        "ONESHOT: gone"
    );

    kq.apply_one(Timer::new(1).every(Duration::from_millis(1)).add(TOKEN))
        .unwrap();
    let mut expirations = 0;
    while expirations < 5 {
        let EventKind::Timer { expirations: more } = only_event(&kq) else {
            panic!("not a timer")
        };
        assert!(more > 0);
        expirations += more;
    }
    kq.apply_one(Timer::new(1).delete()).unwrap();
    assert!(silent(&kq));

    kq.apply_one(
        Timer::new(2)
            .after(Duration::from_millis(1))
            .periodic()
            .disabled()
            .add(TOKEN),
    )
    .unwrap();
    assert!(silent(&kq));
}

#[cfg(not(target_os = "dragonfly"))]
#[test]
fn a_timer_of_the_calendar() {
    use std::time::{SystemTime, UNIX_EPOCH};

    let kq = Kqueue::new().unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    kq.apply_one(Timer::new(1).at(now + Duration::from_millis(5)).add(TOKEN))
        .unwrap();
    assert!(matches!(only_event(&kq), EventKind::Timer { .. }));
    assert!(silent(&kq), "once");
    kq.apply_one(Timer::new(1).at(now - Duration::from_secs(1)).add(TOKEN))
        .unwrap();
    assert!(
        matches!(only_event(&kq), EventKind::Timer { .. }),
        "the past is now"
    );
}

#[test]
fn user_events_merge_and_carry_notes() {
    let kq = Kqueue::new().unwrap();
    if !kq.knows(Filter::USER).unwrap() {
        return; // NetBSD before 10, OpenBSD before 7.8
    }
    let event = User::new(1).clear();
    kq.apply_one(event.add(TOKEN)).unwrap();
    assert!(silent(&kq));
    for bit in [1, 2, 4] {
        kq.apply_one(event.operation(UserOperation::Or(bit)).trigger(TOKEN))
            .unwrap();
    }
    assert_eq!(only_event(&kq), EventKind::User { notes: 7, data: 0 });
    assert!(silent(&kq));
    kq.apply_one(event.operation(UserOperation::And(5)).trigger(TOKEN))
        .unwrap();
    assert_eq!(only_event(&kq), EventKind::User { notes: 5, data: 0 });
    kq.apply_one(
        event
            .operation(UserOperation::Copy(0xff00_0001))
            .data(-3)
            .trigger(TOKEN),
    )
    .unwrap();
    assert_eq!(only_event(&kq), EventKind::User { notes: 1, data: -3 });
    kq.apply_one(event.operation(UserOperation::Keep).trigger(TOKEN))
        .unwrap();
    assert_eq!(only_event(&kq), EventKind::User { notes: 1, data: 0 });
}

#[test]
fn vnode_tells_of_writes_and_of_the_end() {
    let path = std::env::temp_dir().join(format!("kqueue-safe-vnode-{}", std::process::id()));
    File::create(&path).unwrap();
    let mut file = OpenOptions::new().append(true).open(&path).unwrap();
    let kq = Kqueue::new().unwrap();
    let wanted = VnodeNotes::WRITE | VnodeNotes::DELETE;
    kq.apply_one(Vnode::new(file.as_fd(), wanted).clear().add(TOKEN))
        .unwrap();
    assert!(silent(&kq));
    file.write_all(b"more").unwrap();
    let EventKind::Vnode { notes } = only_event(&kq) else {
        panic!("not a vnode event")
    };
    assert!(
        notes.contains(VnodeNotes::WRITE) && !notes.contains(VnodeNotes::DELETE),
        "{notes:?}"
    );
    std::fs::remove_file(&path).unwrap();
    let EventKind::Vnode { notes } = only_event(&kq) else {
        panic!("not a vnode event")
    };
    assert!(notes.contains(VnodeNotes::DELETE), "{notes:?}");
}

#[test]
fn a_process_ends_with_its_status() {
    let kq = Kqueue::new().unwrap();
    // SAFETY: the child calls nothing but `_exit`.
    let child = unsafe { libc::fork() };
    if child == 0 {
        // SAFETY: ends the child at once.
        unsafe { libc::_exit(3) };
    }
    assert!(child > 0);
    // The child may be a zombie by now: the event comes all the same.
    match kq.apply_one(Process::exit(child as u32).add(TOKEN)) {
        Ok(()) => {
            let EventKind::Process { pid, notes, status } = only_event(&kq) else {
                panic!("not a process event")
            };
            assert_eq!(pid, child as u32);
            assert!(notes.contains(ProcessNotes::EXIT));
            assert_eq!(status.and_then(|status| status.code()), Some(3));
        }
        // Systems that do not register zombies say so.
        Err(error) => assert_eq!(error, Error::System(Errno::ESRCH)),
    }
    let mut status = 0;
    // SAFETY: waits for the child made above.
    assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
}

#[test]
fn signals_are_counted_also_when_blocked() {
    let kq = Kqueue::new().unwrap();
    // SAFETY: blocks a signal for this thread, with a set on the stack.
    unsafe {
        let mut set = std::mem::zeroed();
        libc::sigemptyset(&mut set);
        libc::sigaddset(&mut set, libc::SIGUSR1);
        libc::pthread_sigmask(libc::SIG_BLOCK, &set, std::ptr::null_mut());
    }
    kq.apply_one(Signal::new(libc::SIGUSR1).add(TOKEN)).unwrap();
    assert!(silent(&kq));
    // SAFETY: to this thread, where it is blocked.
    unsafe { libc::raise(libc::SIGUSR1) };
    let EventKind::Signal { signal, deliveries } = only_event(&kq) else {
        panic!("not a signal event")
    };
    assert_eq!((signal, deliveries), (libc::SIGUSR1, 1));
    assert!(silent(&kq));
}

#[cfg(any(target_os = "linux", target_os = "freebsd", target_os = "netbsd"))]
#[test]
fn an_idle_socket_is_empty() {
    use kqueue_safe::filter::Empty;
    let kq = Kqueue::new().unwrap();
    if !kq.knows(Filter::EMPTY).unwrap() {
        return;
    }
    let (here, _there) = std::os::unix::net::UnixStream::pair().unwrap();
    kq.apply_one(Empty::new(here.as_fd()).add(TOKEN)).unwrap();
    assert_eq!(only_event(&kq), EventKind::Empty);
}

#[test]
fn oneshot_is_once_and_dispatch_waits_to_be_enabled() {
    let kq = Kqueue::new().unwrap();
    let (_reader, writer) = std::io::pipe().unwrap();
    let interest = Write::new(writer.as_fd());
    kq.apply_one(interest.oneshot().add(TOKEN)).unwrap();
    assert!(matches!(only_event(&kq), EventKind::Write { .. }));
    assert!(silent(&kq));
    assert_eq!(
        kq.apply_one(interest.delete()),
        Err(Error::System(Errno::ENOENT))
    );

    kq.apply_one(interest.dispatch().add(Token::new(9, 9)))
        .unwrap();
    kq.apply_one(interest.disable()).unwrap();
    assert!(silent(&kq));
    for _ in 0..2 {
        kq.apply_one(interest.enable(TOKEN)).unwrap();
        assert!(matches!(only_event(&kq), EventKind::Write { .. }));
        assert!(silent(&kq));
    }
    kq.apply_one(interest.delete()).unwrap();
}

#[test]
fn a_probe_of_the_capabilities_agrees_with_the_filters() {
    let known = kqueue_safe::Capabilities::probe().unwrap();
    let kq = Kqueue::new().unwrap();
    assert_eq!(known.user_events, kq.knows(Filter::USER).unwrap());
    let mut changes = ChangeList::<1>::new();
    changes.push(User::new(0).clear().add(TOKEN)).unwrap();
    let applied = kq.apply(&mut changes).unwrap().first_failure().is_none();
    assert_eq!(known.user_events, applied);
}
