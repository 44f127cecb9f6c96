//! Clients that no library would be: bytes over a plain socket, against `ptk modbus serve`.

use std::cell::Cell;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};

use super::expect;
use super::process::{PATIENCE, succeed};
use super::programs::Programs;

/// Reads two holding registers from the beginning.
const REQUEST: [u8; 12] = [0, 1, 0, 0, 0, 6, 1, 3, 0, 0, 0, 2];
const ANSWER: [u8; 13] = [0, 1, 0, 0, 0, 7, 1, 3, 4, 0, 0, 0, 0];

fn connect(server: SocketAddr) -> Result<TcpStream, String> {
    let stream = TcpStream::connect(server).map_err(|error| error.to_string())?;
    stream
        .set_read_timeout(Some(PATIENCE))
        .map_err(|error| error.to_string())?;
    stream
        .set_nodelay(true)
        .map_err(|error| error.to_string())?;
    Ok(stream)
}

fn send(stream: &mut TcpStream, bytes: &[u8]) -> Result<(), String> {
    stream
        .write_all(bytes)
        .map_err(|error| format!("send: {error}"))
}

fn answered(stream: &mut TcpStream, wanted: &[u8]) -> Result<(), String> {
    let mut got = vec![0; wanted.len()];
    stream
        .read_exact(&mut got)
        .map_err(|error| format!("no answer: {error}"))?;
    expect(got == wanted, &format!("{wanted:?}"), &format!("{got:?}"))
}

/// Whether the server closes, within bounds; what it may say before does not matter.
fn closed(stream: &mut TcpStream) -> Result<(), String> {
    let mut bytes = [0; 512];
    loop {
        match stream.read(&mut bytes) {
            Ok(0) => return Ok(()),
            Ok(_) => {}
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::ConnectionReset | ErrorKind::BrokenPipe
                ) =>
            {
                return Ok(());
            }
            Err(error) => return Err(format!("not closed: {error}")),
        }
    }
}

pub fn cut_and_joined(programs: &Programs) -> Result<(), String> {
    let (_server, address) = programs.serve(&[])?;
    let mut stream = connect(address)?;
    for byte in REQUEST {
        send(&mut stream, &[byte])?;
    }
    answered(&mut stream, &ANSWER)?;

    // Sixteen requests in one segment, and the first half of one more.
    let (mut requests, mut answers) = (Vec::new(), Vec::new());
    for transaction in 0..17_u8 {
        let (mut request, mut answer) = (REQUEST, ANSWER);
        (request[1], answer[1]) = (transaction, transaction);
        requests.extend(request);
        answers.extend(answer);
    }
    let (now, later) = requests.split_at(16 * REQUEST.len() + 6);
    send(&mut stream, now)?;
    answered(&mut stream, &answers[..16 * ANSWER.len()])?;
    send(&mut stream, later)?;
    answered(&mut stream, &answers[16 * ANSWER.len()..])
}

pub fn hostile(programs: &Programs) -> Result<(), String> {
    let (mut server, address) = programs.serve(&["--connections", "4"])?;
    let mut good = connect(address)?;
    send(&mut good, &REQUEST)?;
    answered(&mut good, &ANSWER)?;

    // More of each than there are slots: none may leak.
    for round in 0..6 {
        for (what, bytes) in [
            ("garbage", &b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"[..]),
            ("an oversized length", &[0, 1, 0, 0, 0xff, 0xff, 1, 3]),
            ("a length of nothing", &[0, 1, 0, 0, 0, 0, 1, 3]),
        ] {
            let mut bad = connect(address)?;
            send(&mut bad, bytes)?;
            closed(&mut bad).map_err(|why| format!("{what}, round {round}: {why}"))?;
        }
        // Half a frame, then a reset: closing with unread bytes makes the kernel send one.
        let mut half = connect(address)?;
        send(&mut half, &REQUEST)?;
        send(&mut half, &REQUEST[..7])?;
        let mut first = [0; 1];
        half.read_exact(&mut first)
            .map_err(|error| error.to_string())?;
        drop(half);
        // The good client notices nothing.
        send(&mut good, &REQUEST)?;
        answered(&mut good, &ANSWER)?;
    }
    // Half a frame, then nothing: the others go on.
    let mut silent = connect(address)?;
    send(&mut silent, &REQUEST[..9])?;
    send(&mut good, &REQUEST)?;
    answered(&mut good, &ANSWER)?;

    // The reasons were logged, one line for each of the three in each round.
    let closed = Cell::new(0);
    server.wait_for(|line| {
        closed.set(closed.get() + u32::from(line.contains("closed")));
        (closed.get() >= 6 * 3).then_some(())
    })?;
    expect(server.is_running(), "the server to run on", &"it ended")?;
    succeed(&mut programs.pymodbus_client(address, &["repeat", "5"])).map(drop)
}

pub fn one_too_many(programs: &Programs) -> Result<(), String> {
    let (mut server, address) = programs.serve(&["--connections", "32"])?;
    let mut clients = Vec::new();
    for _ in 0..32 {
        let mut client = connect(address)?;
        send(&mut client, &REQUEST)?;
        answered(&mut client, &ANSWER)?;
        clients.push(client);
    }
    closed(&mut connect(address)?).map_err(|why| format!("the 33rd connection: {why}"))?;
    server.wait_for(|line| {
        let line = line.to_lowercase();
        ["refus", "full", "limit", "too many", "turned away"]
            .iter()
            .any(|word| line.contains(word))
            .then_some(())
    })?;
    for client in &mut clients {
        send(client, &REQUEST)?;
        answered(client, &ANSWER)?;
    }
    // A slot that becomes free serves again. The server learns of the end in its own time.
    clients.pop();
    for _ in 0..1_000 {
        let mut next = connect(address)?;
        if send(&mut next, &REQUEST).is_ok() && answered(&mut next, &ANSWER).is_ok() {
            return Ok(());
        }
    }
    Err("a slot that became free was not used again".to_owned())
}
