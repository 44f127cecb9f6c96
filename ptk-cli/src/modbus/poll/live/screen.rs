//! The terminal's other screen, given back on every way out.

use std::fs::File;
use std::io::{self, IsTerminal, Stdout, Write, stdin, stdout};
use std::os::fd::AsFd;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::{Command, cursor, terminal};

/// The other screen is shown.
static SHOWN: AtomicBool = AtomicBool::new(false);
/// The terminal hands over keys as they are pressed.
static RAW: AtomicBool = AtomicBool::new(false);
static HOOK: Once = Once::new();

/// The terminal while the table has it. Gives it back when dropped, and before the words of a panic.
#[derive(Debug)]
pub struct Screen {
    pub keys: bool,
}

impl Screen {
    /// Takes the terminal, with its keys where standard input is one.
    pub fn take() -> Self {
        HOOK.call_once(|| {
            let before = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |panic| {
                restore();
                before(panic);
            }));
        });
        let keys = stdin().is_terminal() && terminal::enable_raw_mode().is_ok();
        RAW.store(keys, Ordering::SeqCst);
        SHOWN.store(true, Ordering::SeqCst);
        tell(&(ansi(terminal::EnterAlternateScreen) + &ansi(cursor::Hide)));
        Self { keys }
    }

    /// Where frames are written to.
    pub fn out() -> Out {
        Out(stdout())
    }
}

/// Standard output for as long as the other screen is shown. What comes later, say from a thread that was behind, goes nowhere.
#[derive(Debug)]
pub struct Out(Stdout);

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if SHOWN.load(Ordering::SeqCst) {
            self.0.write(bytes)
        } else {
            Ok(bytes.len())
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
    }
}

/// Gives the terminal back, once.
fn restore() {
    if SHOWN.swap(false, Ordering::SeqCst) {
        tell(&(ansi(cursor::Show) + &ansi(terminal::LeaveAlternateScreen)));
    }
    if RAW.swap(false, Ordering::SeqCst) {
        let _ = terminal::disable_raw_mode();
    }
}

/// Writes to the terminal, not through the program's handle, whose lock a thread that panics may hold. A terminal that has gone needs nothing.
fn tell(text: &str) {
    if let Ok(descriptor) = stdout().as_fd().try_clone_to_owned() {
        let _ = File::from(descriptor).write_all(text.as_bytes());
    }
}

/// A command to the terminal as the characters that stand for it.
fn ansi(command: impl Command) -> String {
    let mut text = String::new();
    // A string takes everything.
    let _ = command.write_ansi(&mut text);
    text
}

/// Through a pseudo-terminal, whose other end the test holds.
#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::io::Read;
    use std::process::Command;

    use nix::pty::openpty;
    use nix::sys::termios::{LocalFlags, tcgetattr};

    use super::*;

    const CHILD: &str = "PTK_TEST_PANICS_ON_A_SCREEN";

    #[test]
    fn a_panic_gives_the_terminal_back_before_its_words() {
        if std::env::var_os(CHILD).is_some() {
            let _screen = Screen::take();
            panic!("planted in the test");
        }
        let terminal = openpty(None, None).expect("a pseudo-terminal");
        let before = tcgetattr(&terminal.slave).expect("a terminal");
        let end = || terminal.slave.try_clone().expect("a descriptor");
        let mut child = Command::new("setsid")
            .arg("--ctty")
            .arg(std::env::current_exe().expect("this program"))
            .args(["--exact", "--nocapture"])
            .arg("modbus::poll::live::screen::tests::a_panic_gives_the_terminal_back_before_its_words")
            .env(CHILD, "1")
            .stdin(end())
            .stdout(end())
            .stderr(end())
            .spawn()
            .expect("setsid, of util-linux");
        assert!(!child.wait().expect("it ends").success());
        let after = tcgetattr(&terminal.slave).expect("a terminal");
        assert!(
            after
                .local_flags
                .contains(LocalFlags::ICANON | LocalFlags::ECHO)
        );
        assert_eq!(after, before);
        // All that was said fits into the terminal's buffer, which holds 4 KiB.
        drop(terminal.slave);
        let mut said = Vec::new();
        // At the end there is an error, EIO, and no end of file.
        let _ = File::from(terminal.master).read_to_end(&mut said);
        let said = String::from_utf8_lossy(&said);
        let place = |what: &str| {
            said.find(what)
                .unwrap_or_else(|| panic!("no {what:?} in {said:?}"))
        };
        let order = [
            "\x1b[?1049h",
            "\x1b[?25h",
            "\x1b[?1049l",
            "planted in the test",
        ]
        .map(place);
        assert!(order.is_sorted(), "{said:?}");
        assert_eq!(said.matches("\x1b[?1049l").count(), 1, "{said:?}");
    }
}
