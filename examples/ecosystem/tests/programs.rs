//! The programs of this package, started as a person would.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

const PATIENCE: Duration = Duration::from_secs(60);

/// A server that has printed READY; killed when it is dropped.
struct Server {
    child: Child,
    port: u16,
}

impl Server {
    fn start(program: &str, arguments: &[&str]) -> Self {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let mut child = Command::new(program)
            .args(arguments)
            .arg(port.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        assert_eq!(line, "READY\n");
        Self { child, port }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn hyper_serves_http_over_our_listener() {
    let server = Server::start(env!("CARGO_BIN_EXE_http_hello"), &[]);
    // Two connections at once, two requests on the first: kept alive.
    let (mut first, mut second) = (server.connect(), server.connect());
    for path in ["/one", "/two"] {
        write!(first, "GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        let expected = format!("hello from {path}\n");
        let mut reader = BufReader::new(&first);
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        assert_eq!(line, "HTTP/1.1 200 OK\r\n");
        while line != "\r\n" {
            line.clear();
            reader.read_line(&mut line).unwrap();
        }
        let mut body = vec![0; expected.len()];
        reader.read_exact(&mut body).unwrap();
        assert_eq!(body, expected.as_bytes());
    }
    write!(
        second,
        "GET /three HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    second.read_to_string(&mut answer).unwrap();
    assert!(answer.ends_with("hello from /three\n"), "{answer}");
}

#[test]
fn rustls_echoes_over_our_stream() {
    let folder = env!("CARGO_TARGET_TMPDIR");
    let file = format!("{folder}/tls_echo-{}.pem", std::process::id());
    let server = Server::start(env!("CARGO_BIN_EXE_tls_echo"), &[&file]);
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_file(&file).unwrap())
        .unwrap();
    std::fs::remove_file(&file).unwrap();
    let config = ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let session = ClientConnection::new(Arc::new(config), "localhost".try_into().unwrap()).unwrap();
    let mut stream = StreamOwned::new(session, server.connect());
    // More than one record, and more than one read.
    let message: Vec<u8> = (0..100_000_u32).map(|at| at as u8).collect();
    for part in message.chunks(10_000) {
        stream.write_all(part).unwrap();
        let mut back = vec![0; part.len()];
        stream.read_exact(&mut back).unwrap();
        assert_eq!(back, part);
    }
    stream.conn.send_close_notify();
    stream.flush().unwrap();
    assert_eq!(stream.read(&mut [0; 1]).unwrap(), 0);
}

/// A Modbus device on a thread of its own, until the sender is dropped.
fn device() -> (SocketAddr, mpsc::Sender<()>, thread::JoinHandle<()>) {
    use ptk_core::aio::{IoDriver, IoSlots, Notify, block_on};
    use ptk_modbus::aio::Server;
    use ptk_modbus::server::{Config, Device, FullMap, OneUnit};

    static SLOTS: IoSlots<8> = IoSlots::new();
    static STOP: Notify = Notify::new();
    let (bound, address) = mpsc::channel();
    let (stop, stopped) = mpsc::channel::<()>();
    thread::spawn(move || {
        let _ = stopped.recv();
        STOP.notify_one();
    });
    // All of a device's points lie in the server, and so on the stack.
    let roomy = thread::Builder::new().stack_size(16 << 20);
    let run = move || {
        let server = Server::new(
            Device::new(OneUnit::new(1, FullMap::new())),
            Config::DEFAULT,
            4,
        );
        block_on(IoDriver::new(&SLOTS).unwrap(), async {
            let listener = ptk_core::aio::net::TcpListener::bind("127.0.0.1:0")
                .await
                .unwrap();
            bound.send(listener.local_addr().unwrap()).unwrap();
            server.during(&listener, STOP.notified()).await;
        })
        .unwrap();
    };
    let thread = roomy.spawn(run).unwrap();
    (address.recv().unwrap(), stop, thread)
}

#[test]
fn tokio_modbus_asks_a_device_over_our_stream() {
    let (address, stop, thread) = device();
    let output = Command::new(env!("CARGO_BIN_EXE_modbus_read"))
        .arg(address.to_string())
        .output()
        .unwrap();
    drop(stop);
    thread.join().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(output.stdout, b"[0, 1234]\n");
}

#[test]
fn the_echo_server_of_tokio_runs_with_other_imports() {
    let server = Server::start(env!("CARGO_BIN_EXE_tokio_port"), &[]);
    let mut streams = [server.connect(), server.connect()];
    for round in 0..3_u8 {
        for stream in &mut streams {
            stream.write_all(&[round; 100]).unwrap();
        }
        for stream in &mut streams {
            let mut back = [0; 100];
            stream.read_exact(&mut back).unwrap();
            assert_eq!(back, [round; 100]);
        }
    }
    let [first, mut second] = streams;
    drop(first);
    second.write_all(b"still there").unwrap();
    let mut back = [0; 11];
    second.read_exact(&mut back).unwrap();
    assert_eq!(&back, b"still there");
}
