//! The live table of `ptk modbus poll` on a pseudo-terminal: keys are pressed, and the screen is looked at.
#![cfg(target_os = "linux")]

mod common;

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Instant;

use common::{PATIENCE, Server, file, signal};
use nix::pty::{OpenptyResult, Winsize, openpty};
use nix::sys::termios::{LocalFlags, Termios, tcgetattr};

const COLUMNS: usize = 100;
const LINES: usize = 12;
/// Of the table, besides its four other lines.
const ROOM: usize = LINES - 4;

/// What a terminal shows that understands what the program says.
struct Screen {
    cells: Vec<Vec<char>>,
    at: (usize, usize),
    /// The other screen is shown.
    other: bool,
    cursor: bool,
    pending: String,
}

impl Screen {
    fn new() -> Self {
        Self {
            cells: vec![vec![' '; COLUMNS]; LINES],
            at: (0, 0),
            other: false,
            cursor: true,
            pending: String::new(),
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        // The program's text is ASCII here.
        self.pending += &String::from_utf8_lossy(bytes);
        let text = std::mem::take(&mut self.pending);
        let mut rest = text.as_str();
        while let Some(character) = rest.chars().next() {
            if character == '\x1b' {
                let Some(end) = rest[1..].find(|c: char| c.is_ascii_alphabetic()) else {
                    self.pending = rest.to_owned();
                    return;
                };
                self.command(&rest[1..end + 2]);
                rest = &rest[end + 2..];
                continue;
            }
            match character {
                '\r' => self.at.1 = 0,
                '\n' => self.at.0 = (self.at.0 + 1).min(LINES - 1),
                printable => {
                    let (line, column) = self.at;
                    self.cells[line][column.min(COLUMNS - 1)] = printable;
                    self.at.1 += 1;
                }
            }
            rest = &rest[character.len_utf8()..];
        }
    }

    fn command(&mut self, command: &str) {
        let (line, column) = self.at;
        match command {
            to if to.ends_with('H') => {
                let (line, column) = to[1..to.len() - 1].split_once(';').expect("line;column");
                let number = |text: &str| text.parse::<usize>().expect("a number") - 1;
                self.at = (number(line), number(column));
            }
            "[K" => self.cells[line][column.min(COLUMNS)..].fill(' '),
            "[J" => {
                self.cells[line][column.min(COLUMNS)..].fill(' ');
                self.cells[line + 1..]
                    .iter_mut()
                    .for_each(|cells| cells.fill(' '));
            }
            "[?1049h" => self.other = true,
            "[?1049l" => self.other = false,
            "[?25l" => self.cursor = false,
            "[?25h" => self.cursor = true,
            "[31m" | "[0m" => {}
            other => panic!("the terminal does not know {other:?}"),
        }
    }

    fn line(&self, index: usize) -> String {
        self.cells[index]
            .iter()
            .collect::<String>()
            .trim_end()
            .to_owned()
    }

    /// The tags of the table's lines.
    fn tags(&self) -> Vec<String> {
        let lines = (3..3 + ROOM).map(|index| self.line(index));
        let tag = |line: String| line.split_whitespace().nth(1).map(str::to_owned);
        lines.filter_map(tag).collect()
    }
}

/// A poll that runs on a terminal of the test's.
struct Poll {
    child: Child,
    stderr: ChildStderr,
    keyboard: File,
    output: Receiver<Vec<u8>>,
    screen: Screen,
    terminal: OwnedFd,
    before: Termios,
}

impl Poll {
    fn start(plan: &str, keys: bool) -> Self {
        let size = Winsize {
            ws_row: LINES as u16,
            ws_col: COLUMNS as u16,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        let OpenptyResult { master, slave } = openpty(&size, None).expect("a pseudo-terminal");
        let before = tcgetattr(&slave).expect("a terminal");
        let end = || Stdio::from(slave.try_clone().expect("a descriptor"));
        let mut command = if keys {
            // So that the terminal is the program's own.
            let mut command = Command::new("setsid");
            command.arg("--ctty").arg(env!("CARGO_BIN_EXE_ptk"));
            command.stdin(end());
            command
        } else {
            let mut command = Command::new("setsid");
            command.arg(env!("CARGO_BIN_EXE_ptk"));
            command.stdin(Stdio::null());
            command
        };
        command.args(["modbus", "poll", plan]);
        command.stdout(end()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("setsid, of util-linux");
        let (sender, output) = channel();
        let mut screen = File::from(master.try_clone().expect("a descriptor"));
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            // When all that hold the other end have closed it there is an error, EIO.
            while let Ok(count @ 1..) = screen.read(&mut bytes) {
                if sender.send(bytes[..count].to_vec()).is_err() {
                    return;
                }
            }
        });
        Self {
            stderr: child.stderr.take().expect("a pipe"),
            child,
            keyboard: File::from(master),
            output,
            screen: Screen::new(),
            terminal: slave,
            before,
        }
    }

    fn press(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).expect("typed");
    }

    /// Waits until the screen is as it should be.
    fn wait(&mut self, what: &str, holds: impl Fn(&Screen) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !holds(&self.screen) {
            let left = end.saturating_duration_since(Instant::now());
            let Ok(bytes) = self.output.recv_timeout(left) else {
                let lines: Vec<String> = (0..LINES).map(|index| self.screen.line(index)).collect();
                panic!("never {what}:\n{}", lines.join("\n"));
            };
            self.screen.take(&bytes);
        }
    }

    fn wait_for_tags(&mut self, first: &str, last: &str) {
        self.wait(&format!("{first} to {last}"), |screen| {
            let tags = screen.tags();
            tags.first().map(String::as_str) == Some(first)
                && tags.last().map(String::as_str) == Some(last)
        });
    }

    /// It ends by itself, with the summary, and the terminal is as it was.
    fn end(mut self) {
        let status = self.child.wait().expect("it ends");
        let mut said = String::new();
        self.stderr.read_to_string(&mut said).expect("text");
        assert!(status.success(), "{status}: {said}");
        assert!(said.contains("1 devices, 40 tags"), "{said}");
        self.wait("the first screen with its cursor", |screen| {
            !screen.other && screen.cursor
        });
        let after = tcgetattr(&self.terminal).expect("a terminal");
        assert!(
            after
                .local_flags
                .contains(LocalFlags::ICANON | LocalFlags::ECHO)
        );
        assert_eq!(after, self.before);
    }
}

/// A poll file with 40 tags of one device, t00 to t39, of which the last has an address that the device lacks.
fn plan(name: &str, server: &Server) -> String {
    let mut text = format!(
        "period = \"20ms\"\n[[device]]\nname = \"press\"\naddress = \"{}\"\n",
        server.target()
    );
    for tag in 0..40 {
        text += &format!("[[device.tag]]\nname = \"t{tag:02}\"\nregister = {tag}\n");
    }
    file(name, &text).display().to_string()
}

fn device(name: &str) -> Server {
    let map = file(
        name,
        "[[unit]]\nid = 1\n[[unit.holding]]\nstart = 0\ncount = 39\n",
    );
    Server::start(&["--map", &map.display().to_string()])
}

#[test]
fn keys_scroll_sort_filter_pause_and_quit() {
    let server = device("keys-map.toml");
    let mut poll = Poll::start(&plan("keys.toml", &server), true);
    poll.wait_for_tags("t00", "t07");
    assert!(poll.screen.other && !poll.screen.cursor);
    assert!(
        poll.screen
            .line(0)
            .contains("tags 1-8 of 40  (q ends, ? keys)")
    );

    // Down, page down, to the end, up, home.
    poll.press("j\x1b[B");
    poll.wait_for_tags("t02", "t09");
    poll.press("\x1b[6~");
    poll.wait_for_tags("t10", "t17");
    poll.press("\x1b[F");
    poll.wait_for_tags("t32", "t39");
    poll.press("k\x1b[A\x1b[5~");
    poll.wait_for_tags("t22", "t29");
    poll.press("\x1b[H");
    poll.wait_for_tags("t00", "t07");

    // By quality: the one that the device refuses comes first.
    poll.press("ss");
    poll.wait_for_tags("t39", "t06");
    poll.wait("the order", |screen| screen.line(LINES - 1) == "by quality");
    poll.press("ss");
    poll.wait_for_tags("t00", "t07");

    // A filter, typed, kept, and dropped.
    poll.press("/T1");
    poll.wait_for_tags("t10", "t17");
    poll.wait("what is typed", |screen| screen.line(LINES - 1) == "/T1_");
    poll.press("4\r");
    poll.wait_for_tags("t14", "t14");
    poll.wait("the filter", |screen| screen.line(LINES - 1) == "/T14");
    poll.press("\x1b");
    poll.wait_for_tags("t00", "t07");

    poll.press("?");
    poll.wait("help", |screen| screen.line(LINES - 1).contains("s sort"));
    poll.press("?p");
    poll.wait("a pause", |screen| screen.line(LINES - 1) == "paused");
    // Nothing moves but what is looked at: the counters stand still while the poll goes on.
    let totals = poll.screen.line(1);
    poll.press("G");
    poll.wait_for_tags("t32", "t39");
    assert_eq!(poll.screen.line(1), totals);
    poll.press("p");
    poll.wait("new counters", |screen| screen.line(1) != totals);
    poll.press("q");
    poll.end();
}

#[test]
fn ctrl_c_and_signals_give_the_terminal_back() {
    let server = device("signals-map.toml");
    let plan = plan("signals.toml", &server);
    for way in ["\x03", "INT", "TERM"] {
        let mut poll = Poll::start(&plan, true);
        poll.wait_for_tags("t00", "t07");
        match way {
            "\x03" => poll.press(way),
            name => signal(name, poll.child.id()),
        }
        poll.end();
    }
}

#[test]
fn without_a_terminal_to_type_at_pages_turn_by_themselves() {
    let server = device("pages-map.toml");
    let mut poll = Poll::start(&plan("pages.toml", &server), false);
    poll.wait_for_tags("t00", "t07");
    assert!(poll.screen.line(0).contains("(Ctrl-C ends)"));
    let now = tcgetattr(&poll.terminal).expect("a terminal");
    assert_eq!(now, poll.before);
    poll.wait_for_tags("t08", "t15");
    signal("TERM", poll.child.id());
    poll.end();
}
