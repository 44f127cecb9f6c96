//! The generator itself.

use std::collections::VecDeque;
use std::error::Error;
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};

const MESSAGE: usize = 64;

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

struct Connection {
    stream: TcpStream,
    number: u64,
    received: usize,
    sent_at: Instant,
}

impl Connection {
    fn message(&self) -> [u8; MESSAGE] {
        let mut message = [0x5A; MESSAGE];
        message[..8].copy_from_slice(&self.number.to_le_bytes());
        message
    }

    fn send(&mut self) -> Outcome {
        self.number += 1;
        self.received = 0;
        self.sent_at = Instant::now();
        // 64 bytes with nothing else under way: there is room.
        self.stream.write_all(&self.message())?;
        Ok(())
    }

    /// Whether the whole answer is there.
    fn receive(&mut self) -> Outcome<bool> {
        let mut chunk = [0; 2 * MESSAGE];
        let count = match self.stream.read(&mut chunk) {
            Ok(0) => return Err("the server closed a connection".into()),
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        let expected = self.message();
        if expected.get(self.received..self.received + count) != Some(&chunk[..count]) {
            return Err("the server returned other bytes than were sent".into());
        }
        self.received += count;
        Ok(self.received == MESSAGE)
    }
}

fn connect(port: u16, count: usize) -> Outcome<VecDeque<Connection>> {
    (0..count)
        .map(|_| {
            let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
            stream.set_nodelay(true)?;
            let mut connection = Connection {
                stream,
                number: 0,
                received: 0,
                sent_at: Instant::now(),
            };
            // One exchange, so that the server has accepted it.
            connection.send()?;
            while !connection.receive()? {}
            connection.stream.set_nonblocking(true)?;
            Ok(connection)
        })
        .collect()
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

fn run(port: u16, count: usize, requests: usize, process: Option<u32>) -> Outcome {
    let mut connections = connect(port, count)?;
    let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
    for (index, connection) in connections.iter().enumerate() {
        epoll.add(
            &connection.stream,
            EpollEvent::new(EpollFlags::EPOLLIN, index as u64),
        )?;
    }
    let mut latency = Histogram::<u64>::new_with_bounds(1, 60_000_000_000, 3)?;
    let before = process.map(processor_time).transpose()?;
    let begin = Instant::now();
    let mut started = 0;
    for connection in connections.iter_mut().take(requests) {
        connection.send()?;
        started += 1;
    }
    let mut done = 0;
    let mut events = [EpollEvent::empty(); 256];
    while done < requests {
        let ready = epoll.wait(
            &mut events,
            EpollTimeout::try_from(Duration::from_secs(60))?,
        )?;
        if ready == 0 {
            return Err("no answer for 60 s".into());
        }
        for event in &events[..ready] {
            let connection = &mut connections[event.data() as usize];
            if !connection.receive()? {
                continue;
            }
            latency.saturating_record(connection.sent_at.elapsed().as_nanos() as u64);
            done += 1;
            if started < requests {
                connection.send()?;
                started += 1;
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

fn hold(port: u16, count: usize) -> Outcome {
    let connections = connect(port, count)?;
    println!("HELD");
    std::io::stdin().read_to_end(&mut Vec::new())?;
    drop(connections);
    Ok(())
}

pub fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["run", port, count, requests] => run(port.parse()?, count.parse()?, requests.parse()?, None),
        ["run", port, count, requests, "--of", process] => {
            let process = Some(process.parse()?);
            run(port.parse()?, count.parse()?, requests.parse()?, process)
        }
        ["hold", port, count] => hold(port.parse()?, count.parse()?),
        _ => Err("usage: echo_load run PORT CONNECTIONS REQUESTS [--of PID] | echo_load hold PORT CONNECTIONS".into()),
    }
}
