//! 31 to 40: EVFILT_READ.

use std::net::{TcpListener, TcpStream};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

use crate::support::*;
use crate::table::check;

pub fn b31_exact_byte_counts() {
    for (name, (reader, writer)) in [
        ("pipe", pipe()),
        ("socket pair", socket_pair()),
        ("tcp", tcp_pair()),
    ] {
        let queue = Queue::new();
        queue.add(&reader, READ, 0, 1);
        assert_eq!(queue.soon(), "none", "{name}");
        write(&writer, 7);
        assert_eq!(queue.next(), "READ(u1 data=7)", "{name}");
        assert_eq!(queue.next(), "READ(u1 data=7)", "{name}");
        read(&reader, 3);
        assert_eq!(queue.next(), "READ(u1 data=4)", "{name}");
        read(&reader, 9);
        assert_eq!(queue.soon(), "none", "{name}");
    }
}

pub fn b32_a_listener_tells_its_queue() {
    let queue = Queue::new();
    let listener = TcpListener::bind("127.0.0.1:0").expect("bind");
    let address = listener.local_addr().expect("name");
    let listener = OwnedFd::from(listener);
    nonblocking(&listener);
    queue.add(&listener, READ, 0, 1);
    assert_eq!(queue.soon(), "none");
    let _clients: Vec<TcpStream> = (0..3)
        .map(|_| TcpStream::connect(address).expect("connect"))
        .collect();
    // A connection may be complete for the client a moment before it is in the queue.
    let accept_when = |expected: &str| {
        let mut seen = queue.next();
        for _ in 0..200 {
            if seen == expected {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
            seen = queue.next();
        }
        assert_eq!(seen, expected);
        // SAFETY: accepts without an address; the connection is ours and closed at once.
        drop(unsafe {
            let accepted = libc::accept(
                listener.as_raw_fd(),
                std::ptr::null_mut(),
                std::ptr::null_mut(),
            );
            assert!(accepted >= 0);
            OwnedFd::from_raw_fd(accepted)
        });
    };
    accept_when("READ(u1 data=3)");
    accept_when("READ(u1 data=2)");
    accept_when("READ(u1 data=1)");
    assert_eq!(queue.soon(), "none");
}

pub fn b33_lowat_holds_for_sockets_and_not_for_pipes() {
    let lowat = kqueue_sys::NOTE_LOWAT as u32;
    let queue = Queue::new();
    let (one, other) = socket_pair();
    assert_eq!(queue.put(&one, READ, ADD, lowat, 10, 1), "OK");
    write(&other, 9);
    assert_eq!(queue.soon(), "none");
    write(&other, 1);
    assert_eq!(queue.next(), "READ(u1 data=10)");
    read(&one, 1);
    assert_eq!(queue.soon(), "none");
    drop(other);
    check(
        "b33 end of file below the mark",
        &queue.next(),
        "READ(u1 data=9 EOF)",
    );

    let queue = Queue::new();
    let (reader, writer) = pipe();
    assert_eq!(queue.put(&reader, READ, ADD, lowat, 10, 1), "OK");
    write(&writer, 9);
    check(
        "b33 a pipe below the mark",
        &queue.soon(),
        "READ(u1 data=9)",
    );
}

pub fn b34_end_of_file_with_data_still_there() {
    for (name, (reader, writer)) in [("pipe", pipe()), ("socket pair", socket_pair())] {
        let queue = Queue::new();
        write(&writer, 5);
        queue.add(&reader, READ, 0, 1);
        drop(writer);
        assert_eq!(queue.next(), "READ(u1 data=5 EOF)", "{name}");
        read(&reader, 5);
        assert_eq!(queue.next(), "READ(u1 data=0 EOF)", "{name}");
        assert_eq!(queue.next(), "READ(u1 data=0 EOF)", "{name}");
    }
}

pub fn b35_end_of_file_carries_the_sockets_errno() {
    let queue = Queue::new();
    let (one, other) = tcp_pair();
    queue.add(&one, READ, 0, 1);
    write(&other, 5);
    assert_eq!(queue.next(), "READ(u1 data=5)");
    let linger = libc::linger {
        l_onoff: 1,
        l_linger: 0,
    };
    // SAFETY: the option's value lives across the call. With it, close sends a reset.
    unsafe {
        let size = std::mem::size_of_val(&linger) as libc::socklen_t;
        let value = std::ptr::from_ref(&linger).cast();
        assert_eq!(
            libc::setsockopt(
                other.as_raw_fd(),
                libc::SOL_SOCKET,
                libc::SO_LINGER,
                value,
                size
            ),
            0
        );
    }
    drop(other);
    let mut seen = queue.next();
    for _ in 0..200 {
        if seen.contains("EOF") {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
        seen = queue.next();
    }
    check("b35 reset", &seen, "READ(u1 data=5 EOF ECONNRESET)");
}

pub fn b36_a_fifo_loses_its_end_of_file() {
    let name = c"fifo";
    // SAFETY: a path that ends with NUL.
    assert_eq!(unsafe { libc::mkfifo(name.as_ptr(), 0o600) }, 0);
    let queue = Queue::new();
    let reader = open_fifo("fifo", libc::O_RDONLY);
    queue.add(&reader, READ, 0, 1);
    check("b36 no writer yet", &queue.soon(), "none");
    let writer = open_fifo("fifo", libc::O_WRONLY);
    write(&writer, 4);
    assert_eq!(queue.next(), "READ(u1 data=4)");
    drop(writer);
    assert_eq!(queue.next(), "READ(u1 data=4 EOF)");
    read(&reader, 9);
    assert_eq!(queue.next(), "READ(u1 data=0 EOF)");
    let writer = open_fifo("fifo", libc::O_WRONLY);
    check("b36 a new writer", &queue.soon(), "none");
    write(&writer, 2);
    assert_eq!(queue.next(), "READ(u1 data=2)");
}

pub fn b37_a_file_tells_size_minus_offset() {
    let queue = Queue::new();
    let f = file("f", 10);
    queue.add(&f, READ, 0, 1);
    assert_eq!(queue.next(), "READ(u1 data=10)");
    read(&f, 4);
    assert_eq!(queue.next(), "READ(u1 data=6)");
    read(&f, 9);
    check("b37 at the end", &queue.soon(), "none");
    seek(&f, 5);
    assert_eq!(queue.next(), "READ(u1 data=5)");
    seek(&f, 97);
    check("b37 beyond the end", &queue.soon(), "READ(u1 data=-87)");
    seek(&f, 8);
    // SAFETY: the size of an open file.
    assert_eq!(unsafe { libc::ftruncate(f.as_raw_fd(), 4) }, 0);
    check(
        "b37 truncated below the offset",
        &queue.soon(),
        "READ(u1 data=-4)",
    );
}

pub fn b38_a_file_that_grows_fires_again() {
    let queue = Queue::new();
    let f = file("f", 3);
    let end = appending("f");
    queue.add(&f, READ, 0, 1);
    read(&f, 3);
    check("b38 at the end", &queue.soon(), "none");
    write(&end, 3);
    assert_eq!(queue.next(), "READ(u1 data=3)");
}

pub fn b39_a_pty_master() {
    let (master, slave) = pty();
    let queue = Queue::new();
    queue.add(&master, READ, 0, 1);
    assert_eq!(queue.soon(), "none");
    write(&slave, 5);
    assert_eq!(queue.next(), "READ(u1 data=5)");
    read(&master, 2);
    assert_eq!(queue.next(), "READ(u1 data=3)");
    read(&master, 9);
    assert_eq!(queue.soon(), "none");
    drop(slave);
    check(
        "b39 the slave is closed",
        &queue.next(),
        "READ(u1 data=0 EOF)",
    );
}

/// A pseudo-terminal that passes bytes on as they are.
fn pty() -> (OwnedFd, OwnedFd) {
    // SAFETY: the usual way to open a pseudo-terminal; the name is copied before another call could change it.
    unsafe {
        let master = libc::posix_openpt(libc::O_RDWR | libc::O_NOCTTY);
        assert!(
            master >= 0 && libc::grantpt(master) == 0 && libc::unlockpt(master) == 0,
            "no pseudo-terminal"
        );
        let master = OwnedFd::from_raw_fd(master);
        let slave = libc::open(
            libc::ptsname(master.as_raw_fd()),
            libc::O_RDWR | libc::O_NOCTTY,
        );
        assert!(slave >= 0, "the slave side");
        let slave = OwnedFd::from_raw_fd(slave);
        let mut settings: libc::termios = std::mem::zeroed();
        libc::tcgetattr(slave.as_raw_fd(), &mut settings);
        settings.c_lflag &= !(libc::ECHO | libc::ISIG | libc::ICANON | libc::IEXTEN);
        settings.c_iflag &= !(libc::ICRNL | libc::INLCR | libc::IXON);
        settings.c_oflag &= !libc::OPOST;
        libc::tcsetattr(slave.as_raw_fd(), libc::TCSANOW, &settings);
        nonblocking(&master);
        nonblocking(&slave);
        (master, slave)
    }
}

pub fn b40_clear_after_a_partial_drain() {
    let pairs = [
        ("b40 a socket, partly drained", socket_pair(), "none"),
        (
            "b40 a pipe, partly drained",
            pipe(),
            "READ(u1 data=7 CLEAR)",
        ),
    ];
    for (step, (reader, writer), drained) in pairs {
        let queue = Queue::new();
        write(&writer, 10);
        queue.add(&reader, READ, CLEAR, 1);
        assert_eq!(queue.next(), "READ(u1 data=10 CLEAR)");
        read(&reader, 3);
        check(step, &queue.soon(), drained);
        write(&writer, 2);
        assert_eq!(queue.next(), "READ(u1 data=9 CLEAR)");
    }
}
