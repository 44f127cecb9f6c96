//! Other programs, bounded in time and gone at the end.

use std::fmt;
use std::io::{BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::tools;

/// How long a program that should end may take.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A port that nobody had a moment ago.
pub fn free_port() -> Result<u16, String> {
    let listener = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    listener
        .map(|address| address.port())
        .map_err(|error| error.to_string())
}

/// What a program that ended said.
pub struct Finished {
    pub status: ExitStatus,
    pub stdout: String,
    pub stderr: String,
}

impl fmt::Display for Finished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}{}", self.status, self.stdout, self.stderr)
    }
}

/// Runs a program to its end, at most [`PATIENCE`] long.
pub fn finish(command: &mut Command) -> Result<Finished, String> {
    finish_within(command, PATIENCE)
}

/// Runs a program to its end, at most so long.
pub fn finish_within(command: &mut Command, patience: Duration) -> Result<Finished, String> {
    let shown = tools::shown(command);
    let mut child = start(command)?;
    let stdout = read_all(child.stdout.take());
    let stderr = read_all(child.stderr.take());
    let deadline = Instant::now() + patience;
    let mut text = [String::new(), String::new()];
    for (text, end) in text.iter_mut().zip([stdout, stderr]) {
        match end.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(read) => *text = read,
            Err(_) => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!(
                    "{shown}: still running after {} s",
                    patience.as_secs()
                ));
            }
        }
    }
    let status = child.wait().map_err(|error| format!("{shown}: {error}"))?;
    let [stdout, stderr] = text;
    Ok(Finished {
        status,
        stdout,
        stderr,
    })
}

/// Runs a program that must end with success; returns what it printed.
pub fn succeed(command: &mut Command) -> Result<String, String> {
    let finished = finish(command)?;
    if finished.status.success() {
        return Ok(finished.stdout);
    }
    Err(format!("{}: {finished}", tools::shown(command)))
}

fn start(command: &mut Command) -> Result<Child, String> {
    let shown = tools::shown(command);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{shown}: {error}"))
}

fn read_all(pipe: Option<impl Read + Send + 'static>) -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            let _ = pipe.read_to_end(&mut bytes);
        }
        let _ = sender.send(String::from_utf8_lossy(&bytes).into_owned());
    });
    receiver
}

/// A program that serves until it is dropped.
pub struct Server {
    child: Child,
    shown: String,
    lines: Receiver<String>,
    heard: Vec<String>,
}

impl Server {
    /// Starts it and waits for a line that `listening` takes for "I can be connected to"; returns what `listening` made of it.
    pub fn start<T>(
        command: &mut Command,
        listening: impl Fn(&str) -> Option<T>,
    ) -> Result<(Server, T), String> {
        let shown = tools::shown(command);
        let mut child = start(command)?;
        let (sender, lines) = channel();
        let pipes: [Option<Box<dyn Read + Send>>; 2] = [
            child.stdout.take().map(|pipe| Box::new(pipe) as _),
            child.stderr.take().map(|pipe| Box::new(pipe) as _),
        ];
        for pipe in pipes.into_iter().flatten() {
            let sender = sender.clone();
            thread::spawn(move || {
                for line in BufReader::new(pipe).lines().map_while(Result::ok) {
                    if sender.send(line).is_err() {
                        return;
                    }
                }
            });
        }
        let mut server = Server {
            child,
            shown,
            lines,
            heard: Vec::new(),
        };
        let found = server.wait_for(listening)?;
        Ok((server, found))
    }

    /// Waits for a line, among those that nobody waited for yet.
    pub fn wait_for<T>(&mut self, wanted: impl Fn(&str) -> Option<T>) -> Result<T, String> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let why = match self.lines.recv_timeout(left) {
                Ok(line) => {
                    let found = wanted(&line);
                    self.heard.push(line);
                    match found {
                        Some(found) => return Ok(found),
                        None => continue,
                    }
                }
                Err(RecvTimeoutError::Timeout) => "did not say what was waited for",
                Err(RecvTimeoutError::Disconnected) => "ended",
            };
            return Err(format!(
                "{} {why}; it said:\n{}",
                self.shown,
                self.heard.join("\n")
            ));
        }
    }

    /// The process's number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Ends it as Ctrl-C does and waits for its end.
    pub fn interrupt(self) -> Result<ExitStatus, String> {
        succeed(Command::new("kill").arg("-INT").arg(self.id().to_string()))?;
        self.ended()
    }

    /// Waits for its end, which somebody else has asked for.
    pub fn ended(mut self) -> Result<ExitStatus, String> {
        let deadline = Instant::now() + PATIENCE;
        // The pipes close when it ends.
        loop {
            match self
                .lines
                .recv_timeout(deadline.saturating_duration_since(Instant::now()))
            {
                Ok(line) => self.heard.push(line),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    return Err(format!("{} does not end", self.shown));
                }
            }
        }
        self.child.wait().map_err(|error| error.to_string())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The first address in a line.
pub fn address_in(line: &str) -> Option<SocketAddr> {
    let words = line
        .split(|letter: char| letter.is_whitespace() || matches!(letter, ',' | '"' | '(' | ')'));
    words
        .map(|word| word.trim_end_matches(['.', ':', ';']))
        .filter_map(|word| word.parse::<SocketAddr>().ok())
        .find(|address| address.port() != 0)
}
