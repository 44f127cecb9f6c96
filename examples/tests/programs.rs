//! The programs of this package, started as a person would.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream, UdpSocket};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(60);

/// A port that was free a moment ago.
fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    listener.local_addr().expect("bound").port()
}

/// A server that has printed READY; killed when it is dropped.
struct Server {
    child: Child,
    port: u16,
}

impl Server {
    fn start(program: &str) -> Self {
        let port = free_port();
        let mut child = Command::new(program)
            .arg(port.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped"))
            .read_line(&mut line)
            .expect("a line");
        assert_eq!(line, "READY\n");
        Self { child, port }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn run(program: &str, arguments: &[&str]) -> Output {
    Command::new(program)
        .args(arguments)
        .output()
        .expect("the program starts")
}

#[test]
fn tcp_client_talks_to_echo_and_ends_in_order() {
    let server = Server::start(env!("CARGO_BIN_EXE_echo"));
    let address = format!("127.0.0.1:{}", server.port);
    let output = run(env!("CARGO_BIN_EXE_tcp_client"), &[&address]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(output.stdout, b"hello\nhello\n");
}

#[test]
fn tcp_client_tells_why_it_cannot_connect() {
    let output = run(
        env!("CARGO_BIN_EXE_tcp_client"),
        &[&format!("127.0.0.1:{}", free_port())],
    );
    assert!(!output.status.success());
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("connection refused"), "{told}");
}

#[test]
fn echo_returns_every_byte_to_many_clients_one_of_which_does_not_read() {
    let server = Server::start(env!("CARGO_BIN_EXE_echo"));
    let connect = || {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, server.port)).expect("connected");
        stream.set_read_timeout(Some(PATIENCE)).expect("set");
        stream
    };
    // Sends until nobody takes any more, and never reads.
    let mut stalled = connect();
    stalled
        .set_write_timeout(Some(Duration::from_millis(200)))
        .expect("set");
    let block = [7; 65_536];
    let mut sent = 0_usize;
    while let Ok(count) = stalled.write(&block) {
        sent += count;
        assert!(sent < 1 << 30, "a peer that is not read from is held back");
    }
    let mut others: Vec<TcpStream> = (0..20).map(|_| connect()).collect();
    let message: Vec<u8> = (0..100_000_u32).map(|n| n as u8).collect();
    for stream in &mut others {
        let mut writer = stream.try_clone().expect("cloned");
        let outgoing = message.clone();
        let thread = std::thread::spawn(move || writer.write_all(&outgoing));
        let mut back = vec![0; message.len()];
        stream.read_exact(&mut back).expect("all comes back");
        assert!(back == message);
        thread.join().expect("no panic").expect("all is sent");
    }
    // The stalled one gets all of its own once it reads.
    let mut back = 0;
    let mut buffer = vec![0; 65_536];
    while back < sent {
        let count = stalled.read(&mut buffer).expect("it goes on");
        assert!(count > 0 && buffer[..count].iter().all(|byte| *byte == 7));
        back += count;
    }
}

#[test]
fn several_loops_serve_all_and_each_its_share() {
    const CLIENTS: usize = 24;
    let port = free_port();
    let mut child = Command::new(env!("CARGO_BIN_EXE_several_loops"))
        .args([&port.to_string(), "3"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut told = BufReader::new(child.stdout.take().expect("piped"));
    let mut line = String::new();
    told.read_line(&mut line).expect("a line");
    assert_eq!(line, "READY\n");
    let message = [9; 10_000];
    for _ in 0..CLIENTS {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).expect("connected");
        stream.set_read_timeout(Some(PATIENCE)).expect("set");
        stream.write_all(&message).expect("sent");
        let mut back = [0; 10_000];
        stream.read_exact(&mut back).expect("all comes back");
        assert_eq!(back, message);
    }
    let ended = Command::new("kill").arg(child.id().to_string()).status();
    assert!(ended.expect("kill").success());
    let mut report = String::new();
    told.read_to_string(&mut report).expect("a report");
    assert!(child.wait().expect("it ends").success());
    let served: Vec<usize> = report
        .lines()
        .filter_map(|line| line.split(' ').nth(2)?.parse().ok())
        .collect();
    assert_eq!(served.len(), 3, "{report}");
    assert_eq!(served.iter().sum::<usize>(), CLIENTS, "{report}");
    assert!(served.iter().all(|count| *count > 0), "{report}");
}

#[test]
fn echo_tells_of_a_port_in_use() {
    let server = Server::start(env!("CARGO_BIN_EXE_echo"));
    let output = run(env!("CARGO_BIN_EXE_echo"), &[&server.port.to_string()]);
    assert!(!output.status.success());
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("in use"), "{told}");
}

#[test]
fn udp_echo_returns_datagrams() {
    let server = Server::start(env!("CARGO_BIN_EXE_udp_echo"));
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    socket.set_read_timeout(Some(PATIENCE)).expect("set");
    socket
        .connect((Ipv4Addr::LOCALHOST, server.port))
        .expect("connected");
    let mut buffer = [0; 1500];
    for length in [0, 1, 1400] {
        let message = vec![length as u8; length];
        socket.send(&message).expect("sent");
        let count = socket.recv(&mut buffer).expect("it comes back");
        assert_eq!(buffer[..count], message[..]);
    }
}

#[test]
fn timers_ends_by_itself_and_tells_of_each_kind() {
    let output = run(env!("CARGO_BIN_EXE_timers"), &[]);
    assert!(output.status.success());
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    for word in ["once", "periodic", "re-armed", "the end"] {
        assert!(told.contains(word), "{word}: {told}");
    }
}

#[test]
fn chart_draws_its_table() {
    let output = run(env!("CARGO_BIN_EXE_chart"), &["mermaid"]);
    assert!(output.status.success());
    assert!(output.stdout.starts_with(b"stateDiagram-v2\n"));
}

#[test]
fn modbus_async_ends_by_itself() {
    let output = run(env!("CARGO_BIN_EXE_modbus_async"), &[]);
    assert!(output.status.success(), "{output:?}");
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(told.matches("boiler at 71.5 degrees").count(), 3, "{told}");
    assert!(told.contains("the device refused"), "{told}");
    assert!(told.ends_with("6 requests served\n"), "{told}");
}

/// Sends a request for unit 1 and expects this reply to it.
fn modbus(stream: &mut TcpStream, pdu: &[u8], reply: &[u8]) {
    let mut frame = vec![0, 9, 0, 0, 0, 1 + pdu.len() as u8, 1];
    frame.extend(pdu);
    stream.write_all(&frame).expect("sent");
    let mut got = vec![0; 7 + reply.len()];
    stream.read_exact(&mut got).expect("a reply");
    assert_eq!(&got[7..], reply);
}

#[test]
fn modbus_server_serves_and_refuses() {
    let server = Server::start(env!("CARGO_BIN_EXE_modbus_server"));
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, server.port)).expect("connected");
    stream.set_read_timeout(Some(PATIENCE)).expect("set");
    modbus(&mut stream, &[6, 0, 0, 0, 90], &[6, 0, 0, 0, 90]);
    modbus(&mut stream, &[6, 0, 0, 0, 121], &[0x86, 3]);
    modbus(&mut stream, &[4, 0, 0, 0, 1], &[4, 2, 0, 90]);
    modbus(&mut stream, &[3, 0, 1, 0, 1], &[0x83, 2]);
}

#[test]
fn modbus_table_serves_what_it_has() {
    let server = Server::start(env!("CARGO_BIN_EXE_modbus_table"));
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, server.port)).expect("connected");
    stream.set_read_timeout(Some(PATIENCE)).expect("set");
    modbus(&mut stream, &[3, 0, 97, 0, 3], &[3, 6, 0, 97, 0, 98, 0, 99]);
    modbus(&mut stream, &[6, 0, 98, 1, 2], &[6, 0, 98, 1, 2]);
    modbus(&mut stream, &[3, 0, 98, 0, 1], &[3, 2, 1, 2]);
    modbus(&mut stream, &[3, 0, 97, 0, 4], &[0x83, 2]);
    modbus(&mut stream, &[4, 0, 0, 0, 1], &[0x84, 2]);
}

#[test]
fn a_machine_and_a_task_talk_on_one_kqueue() {
    let output = run(env!("CARGO_BIN_EXE_two_faces"), &[]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(output.stdout, b"ONE\nWAIT\nFOR\nBOTH\nand it ticked\n");
}
