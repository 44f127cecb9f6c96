//! A server under measurement: started under a counting program or alone, loaded, ended.

use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use super::build;
use crate::tools;

/// The cores of server and load.
pub const SERVER_CORE: &str = "1";
pub const LOAD_CORE: &str = "0";

/// A server that listens. Killed when dropped.
pub struct Running {
    /// The process that was started: the server, or what counts it.
    child: Child,
    told: BufReader<ChildStdout>,
    pub port: u16,
}

impl Running {
    /// Starts `program PORT` on a free port, behind the words of `prefix`, and waits for its READY.
    pub fn start(
        prefix: &[&str],
        program: &Path,
        configure: impl FnOnce(&mut Command),
    ) -> Result<Self, String> {
        Self::start_with(prefix, program, &[], configure)
    }

    /// The same with words before the port.
    pub fn start_with(
        prefix: &[&str],
        program: &Path,
        words: &[&str],
        configure: impl FnOnce(&mut Command),
    ) -> Result<Self, String> {
        let port = free_port()?;
        let mut command = Command::new("taskset");
        command.args(["-c", SERVER_CORE]).args(prefix).arg(program);
        command.args(words).arg(port.to_string());
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        configure(&mut command);
        let shown = tools::shown(&command);
        let mut child = command
            .spawn()
            .map_err(|error| format!("{shown}: {error}"))?;
        let mut line = String::new();
        let stdout = child.stdout.take().ok_or("no standard output")?;
        let mut told = BufReader::new(stdout);
        let read = told.read_line(&mut line);
        let running = Self { child, told, port };
        match read {
            Ok(_) if line.trim() == "READY" => Ok(running),
            _ => Err(format!("{shown}: did not print READY but {line:?}")),
        }
    }

    /// The server's process: the innermost child of what was started.
    pub fn process(&self) -> u32 {
        let mut process = self.child.id();
        loop {
            let children = format!("/proc/{process}/task/{process}/children");
            let child = std::fs::read_to_string(children).unwrap_or_default();
            match child
                .split_whitespace()
                .next()
                .and_then(|id| id.parse().ok())
            {
                Some(id) => process = id,
                None => return process,
            }
        }
    }

    /// Waits until the server ends by itself; returns what it printed after READY.
    pub fn last_line(mut self) -> Result<String, String> {
        let mut line = String::new();
        self.told
            .read_line(&mut line)
            .map_err(|error| format!("a server's output: {error}"))?;
        self.child
            .wait()
            .map_err(|error| format!("waiting for a server: {error}"))?;
        Ok(line)
    }

    /// Ends the server with SIGTERM and waits for what was started.
    pub fn end(mut self) -> Result<(), String> {
        tools::succeed(Command::new("kill").arg(self.process().to_string()))?;
        self.child
            .wait()
            .map_err(|error| format!("waiting for a server: {error}"))?;
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = Command::new("kill")
                .args(["-9", &self.process().to_string()])
                .status();
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// A port that nobody listens on at this moment.
pub fn free_port() -> Result<u16, String> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|error| format!("a free port: {error}"))
}

/// Loads a server; returns what the generator printed.
pub fn load(
    server: &Running,
    connections: usize,
    requests: usize,
    timed: bool,
) -> Result<String, String> {
    let mut command = Command::new("taskset");
    command.args(["-c", LOAD_CORE]).arg(build::load());
    command.args(["run", &server.port.to_string()]);
    command.args([connections.to_string(), requests.to_string()]);
    if timed {
        command.args(["--of", &server.process().to_string()]);
    }
    tools::output(&mut command)
}

/// The number behind `name=` in a line.
pub fn field(line: &str, name: &str) -> Result<f64, String> {
    line.split_whitespace()
        .find_map(|word| word.strip_prefix(name)?.strip_prefix('='))
        .and_then(|value| value.parse().ok())
        .ok_or_else(|| format!("no {name}= in {line:?}"))
}
