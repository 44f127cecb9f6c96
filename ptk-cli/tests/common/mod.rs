//! The built program, run by tests: bounded in time, on ports that the system picks, gone at the end.
#![allow(dead_code, reason = "each test binary uses some of it")]

use std::io::{BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

/// How long anything may take.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// `ptk` with these arguments.
pub fn ptk(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ptk"));
    command.args(arguments).stdin(Stdio::null());
    command
}

/// Waits for a program's end with all its output; kills it after [`PATIENCE`].
pub fn finish(child: Child) -> Output {
    let id = child.id();
    let (sender, ended) = channel();
    thread::spawn(move || sender.send(child.wait_with_output()));
    if let Ok(output) = ended.recv_timeout(PATIENCE) {
        return output.expect("output can be read");
    }
    signal("KILL", id);
    panic!("still running after {PATIENCE:?}");
}

/// Runs `ptk` to its end.
pub fn run(arguments: &[&str]) -> Output {
    finish(start(arguments))
}

/// Starts `ptk` with its output in pipes.
pub fn start(arguments: &[&str]) -> Child {
    let mut command = ptk(arguments);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("ptk starts")
}

/// Sends a signal, by its name without SIG.
pub fn signal(name: &str, process: u32) {
    let status = Command::new("kill")
        .args([format!("-{name}"), process.to_string()])
        .status();
    assert!(status.expect("kill runs").success());
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

/// What it printed, of a run that must succeed.
pub fn succeed(arguments: &[&str]) -> String {
    let output = run(arguments);
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {said}");
    stdout(&output)
}

/// The one line on standard error of a run that must fail with this code, and print nothing.
pub fn fail(code: i32, arguments: &[&str]) -> String {
    let output = run(arguments);
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
    assert!(!said.contains("panicked"), "{said}");
    assert_eq!(stdout(&output), "", "{arguments:?}");
    said
}

/// As [`fail`], for one line that begins with `ptk: `.
pub fn complain(code: i32, arguments: &[&str]) -> String {
    let said = fail(code, arguments);
    assert!(said.starts_with("ptk: "), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    said
}

/// A server that is gone when this is dropped.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
    /// Kept open: a closed pipe would end nothing, but its lines are of no use.
    _lines: BufReader<ChildStdout>,
}

impl Server {
    /// `ptk modbus serve` with these arguments, on a port that the system picks.
    pub fn start(arguments: &[&str]) -> Self {
        Self::start_at("127.0.0.1:0", arguments)
    }

    /// The same at an address of the test's.
    pub fn start_at(listen: &str, arguments: &[&str]) -> Self {
        let mut command = ptk(&["modbus", "serve", "--listen", listen]);
        command.args(arguments);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("ptk starts");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut line = String::new();
        lines.read_line(&mut line).expect("a line");
        let words = line.split([' ', ',', '\n']);
        let address = words.filter_map(|word| word.parse().ok()).next();
        let Some(address) = address else {
            let mut said = String::new();
            let _ = child
                .stderr
                .take()
                .expect("a pipe")
                .read_to_string(&mut said);
            panic!("no address in {line:?}; {said}");
        };
        Self {
            child,
            address,
            _lines: lines,
        }
    }

    /// The address as a command takes it.
    pub fn target(&self) -> String {
        self.address.to_string()
    }

    /// Ends it as Ctrl-C does; what it said on standard error.
    pub fn interrupt(mut self) -> String {
        signal("INT", self.child.id());
        let mut said = String::new();
        let mut pipe = self.child.stderr.take().expect("a pipe");
        pipe.read_to_string(&mut said).expect("UTF-8");
        let status = self.child.wait().expect("ends");
        assert!(status.success(), "{status}: {said}");
        said
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A listener that never accepts by itself.
pub fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    (listener, address)
}

/// An address that refuses connections.
pub fn refusing() -> String {
    // Closed at once: within a test's time nobody is given the same port again but by a wild chance.
    let (_, address) = listener();
    address.to_string()
}

/// A file in the tests' own folder, its name unique to the test.
pub fn file(name: &str, text: &str) -> PathBuf {
    let path = path(name);
    std::fs::write(&path, text).expect("the folder can be written");
    path
}

/// A path in the tests' own folder.
pub fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{name}", std::process::id()))
}
