//! Where the programs are, and how they are started.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::process::{Server, address_in, free_port};
use crate::tools;

/// Everything that takes part.
pub struct Programs {
    /// How long the scenario that polls a plant takes.
    pub seconds: u64,
    ptk: PathBuf,
    python: PathBuf,
    /// The scripts and the C program, written out under `target/`.
    folder: PathBuf,
}

const PYMODBUS_SERVER: &str = include_str!("pymodbus_server.py");
const PYMODBUS_CLIENT: &str = include_str!("pymodbus_client.py");
const LIBMODBUS_SERVER: &str = include_str!("libmodbus_server.c");
const LIBMODBUS_CLIENT: &str = include_str!("libmodbus_client.c");

impl Programs {
    /// Installs and builds what is missing.
    pub fn find(ptk: Option<&Path>, seconds: u64) -> Result<Programs, String> {
        let python = tools::python("pymodbus", &["pymodbus==3.16.1"])?;
        tools::debian(
            &["mbpoll", "libmodbus-dev", "gcc", "libc6-dev", "strace"],
            &["mbpoll", "gcc", "strace", "/usr/include/modbus/modbus.h"],
        )?;
        let folder = tools::folder().join("peers");
        fs::create_dir_all(&folder).map_err(|error| tools::at(&folder, &error))?;
        for (name, text) in [
            ("pymodbus_server.py", PYMODBUS_SERVER),
            ("pymodbus_client.py", PYMODBUS_CLIENT),
            ("libmodbus_server.c", LIBMODBUS_SERVER),
            ("libmodbus_client.c", LIBMODBUS_CLIENT),
        ] {
            let path = folder.join(name);
            fs::write(&path, text).map_err(|error| tools::at(&path, &error))?;
        }
        for name in ["libmodbus_server", "libmodbus_client"] {
            tools::succeed(
                Command::new("gcc")
                    .args(["-O1", "-Wall", "-o"])
                    .arg(folder.join(name))
                    .arg(folder.join(format!("{name}.c")))
                    .arg("-lmodbus"),
            )?;
        }
        let ptk = match ptk {
            Some(path) => path.to_owned(),
            None => built()?,
        };
        Ok(Programs {
            seconds,
            ptk,
            python,
            folder,
        })
    }

    /// `ptk` with these arguments.
    pub fn ptk(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.ptk);
        command.args(arguments);
        command
    }

    /// `ptk modbus serve` with these arguments on a port that the system picks; its address.
    pub fn serve(&self, arguments: &[&str]) -> Result<(Server, SocketAddr), String> {
        let mut command = self.ptk(&["modbus", "serve", "--listen", "127.0.0.1:0"]);
        Server::start(command.args(arguments), address_in)
    }

    /// The same under another program, given with its arguments.
    pub fn serve_under(&self, under: &[&str]) -> Result<(Server, SocketAddr), String> {
        let mut command = Command::new(under[0]);
        command.args(&under[1..]).arg(&self.ptk);
        command.args(["modbus", "serve", "--listen", "127.0.0.1:0"]);
        Server::start(&mut command, address_in)
    }

    /// A pymodbus server, with a fault (and how many answers have it) or without; its address.
    pub fn pymodbus_server(&self, fault: &[&str]) -> Result<(Server, SocketAddr), String> {
        self.on_a_free_port(|port| {
            let mut command = Command::new(&self.python);
            command
                .arg(self.folder.join("pymodbus_server.py"))
                .arg(port)
                .args(fault);
            command
        })
    }

    /// A libmodbus server; its address.
    pub fn libmodbus_server(&self) -> Result<(Server, SocketAddr), String> {
        self.on_a_free_port(|port| {
            let mut command = Command::new(self.folder.join("libmodbus_server"));
            command.arg(port);
            command
        })
    }

    /// Between the moment that a port is found free and the server's bind somebody else can take it: then once more.
    fn on_a_free_port(
        &self,
        command: impl Fn(&str) -> Command,
    ) -> Result<(Server, SocketAddr), String> {
        let mut why = String::new();
        for _ in 0..3 {
            let port = free_port()?;
            let listening = |line: &str| (line == "LISTENING").then_some(());
            match Server::start(&mut command(&port.to_string()), listening) {
                Ok((server, ())) => return Ok((server, SocketAddr::from(([127, 0, 0, 1], port)))),
                Err(error) => why = error,
            }
        }
        Err(why)
    }

    /// The pymodbus client with these arguments after the port.
    pub fn pymodbus_client(&self, server: SocketAddr, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.python);
        command
            .arg(self.folder.join("pymodbus_client.py"))
            .arg(server.port().to_string())
            .args(arguments);
        command
    }

    /// The libmodbus client.
    pub fn libmodbus_client(&self, server: SocketAddr) -> Command {
        let mut command = Command::new(self.folder.join("libmodbus_client"));
        command.arg(server.port().to_string());
        command
    }

    /// mbpoll, polling once, with these arguments.
    pub fn mbpoll(&self, server: SocketAddr, arguments: &[&str]) -> Command {
        let mut command = Command::new("mbpoll");
        command
            .args(["-m", "tcp", "-1", "-q", "-o", "5", "-p"])
            .arg(server.port().to_string());
        // The host comes first of the free arguments, the values to write follow it.
        let values = arguments
            .iter()
            .position(|argument| *argument == "--")
            .unwrap_or(arguments.len());
        command
            .args(&arguments[..values])
            .arg("127.0.0.1")
            .args(arguments.iter().skip(values + 1));
        command
    }
}

/// Builds `ptk` as a user gets it.
fn built() -> Result<PathBuf, String> {
    tools::succeed(Command::new(env!("CARGO")).args([
        "build",
        "--quiet",
        "--release",
        "--package",
        "ptk-cli",
    ]))?;
    let path = tools::target().join("release/ptk");
    if path.exists() {
        return Ok(path);
    }
    Err(format!("{} was not built", path.display()))
}
