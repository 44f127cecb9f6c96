//! The generator itself.

use std::error::Error;
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};

const REPLY: usize = 29;
const MOST: usize = 64;

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

struct Connection {
    stream: TcpStream,
    /// The first transaction id of the batch under way.
    first: u16,
    depth: usize,
    input: [u8; REPLY * MOST],
    received: usize,
    sent_at: Instant,
}

impl Connection {
    fn open(port: u16) -> Outcome<Self> {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_nodelay(true)?;
        let mut connection = Self {
            stream,
            first: 0,
            depth: 0,
            input: [0; REPLY * MOST],
            received: 0,
            sent_at: Instant::now(),
        };
        // One exchange, so that the server has accepted it.
        connection.send(1)?;
        while !connection.receive()? {}
        connection.stream.set_nonblocking(true)?;
        Ok(connection)
    }

    fn send(&mut self, depth: usize) -> Outcome {
        self.first = self.first.wrapping_add(self.depth as u16);
        self.depth = depth;
        self.received = 0;
        let mut batch = [[0, 0, 0, 0, 0, 6, 1, 3, 0, 0, 0, 10]; MOST];
        for (index, request) in batch[..depth].iter_mut().enumerate() {
            let id = self.first.wrapping_add(index as u16);
            request[..2].copy_from_slice(&id.to_be_bytes());
        }
        self.sent_at = Instant::now();
        // A few bytes with nothing else under way: there is room.
        self.stream.write_all(batch[..depth].as_flattened())?;
        Ok(())
    }

    /// Whether all replies are there.
    fn receive(&mut self) -> Outcome<bool> {
        let room = &mut self.input[self.received..self.depth * REPLY];
        match self.stream.read(room) {
            Ok(0) => return Err("the server closed a connection".into()),
            Ok(count) => self.received += count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
            Err(error) => return Err(error.into()),
        }
        if self.received < self.depth * REPLY {
            return Ok(false);
        }
        let replies = self.input[..self.received].chunks_exact(REPLY);
        for (index, reply) in replies.enumerate() {
            let id = self.first.wrapping_add(index as u16).to_be_bytes();
            let right = reply[..2] == id
                && reply[2..9] == [0, 0, 0, 23, 1, 3, 20]
                && (0..10).all(|n| reply[9 + 2 * n..11 + 2 * n] == [0, n as u8]);
            if !right {
                return Err(format!("a wrong reply: {reply:?}").into());
            }
        }
        Ok(true)
    }
}

/// Microseconds that a process has run so far, user and system.
fn processor_time(process: u32) -> Outcome<u64> {
    let mut nanos = 0;
    for task in std::fs::read_dir(format!("/proc/{process}/task"))? {
        let told = std::fs::read_to_string(task?.path().join("schedstat"))?;
        let first = told.split_whitespace().next().ok_or("an empty schedstat")?;
        nanos += first.parse::<u64>()?;
    }
    Ok(nanos / 1_000)
}

fn run(port: u16, count: usize, depth: usize, requests: usize, process: Option<u32>) -> Outcome {
    let opened: Outcome<Vec<Connection>> = (0..count).map(|_| Connection::open(port)).collect();
    let mut connections = opened?;
    let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
    for (index, connection) in connections.iter().enumerate() {
        let event = EpollEvent::new(EpollFlags::EPOLLIN, index as u64);
        epoll.add(&connection.stream, event)?;
    }
    let mut latency = Histogram::<u64>::new_with_bounds(1, 60_000_000_000, 3)?;
    let before = process.map(processor_time).transpose()?;
    let begin = Instant::now();
    let mut started = 0;
    for connection in &mut connections {
        connection.send(depth)?;
        started += depth;
    }
    let mut done = 0;
    let mut events = [EpollEvent::empty(); 256];
    while done < started {
        let patience = EpollTimeout::try_from(Duration::from_secs(60))?;
        let ready = epoll.wait(&mut events, patience)?;
        if ready == 0 {
            return Err("no reply for 60 s".into());
        }
        for event in &events[..ready] {
            let connection = &mut connections[event.data() as usize];
            if !connection.receive()? {
                continue;
            }
            latency.saturating_record(connection.sent_at.elapsed().as_nanos() as u64);
            done += depth;
            if started < requests {
                connection.send(depth)?;
                started += depth;
            }
        }
    }
    let seconds = begin.elapsed().as_secs_f64();
    let micros = |quantile| latency.value_at_quantile(quantile) as f64 / 1_000.0;
    print!(
        "requests={done} seconds={seconds:.6} p50_us={:.1} p99_us={:.1}",
        micros(0.5),
        micros(0.99)
    );
    if let (Some(process), Some(before)) = (process, before) {
        print!(" cpu_us={}", processor_time(process)? - before);
    }
    println!();
    Ok(())
}

pub fn main() -> Outcome {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (port, count, depth, requests, process) = match words[..] {
        [port, count, depth, requests] => (port, count, depth, requests, None),
        [port, count, depth, requests, "--of", process] => {
            (port, count, depth, requests, Some(process.parse()?))
        }
        _ => return Err("usage: modbus_load PORT CONNECTIONS DEPTH REQUESTS [--of PID]".into()),
    };
    let depth = depth.parse()?;
    if !(1..=MOST).contains(&depth) {
        return Err(format!("a depth of 1 to {MOST}").into());
    }
    run(
        port.parse()?,
        count.parse()?,
        depth,
        requests.parse()?,
        process,
    )
}
