//! Runs every test in a forked process of its own; speaks enough of libtest's command line for `cargo test` and for a person.

use std::path::PathBuf;
use std::process::exit;
use std::time::{Duration, Instant};

/// One behaviour.
pub struct Test {
    pub name: &'static str,
    pub run: fn(),
}

/// Emulated machines are slow; a test that takes longer than this hangs.
const LIMIT: Duration = Duration::from_secs(120);

pub fn main(tests: &[Test]) {
    let mut filters = Vec::new();
    let mut skips = Vec::new();
    let (mut list, mut exact) = (false, false);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--list" => list = true,
            "--exact" => exact = true,
            "--skip" => skips.extend(arguments.next()),
            "--test-threads" | "--format" | "--color" | "--logfile" | "-Z" => {
                drop(arguments.next())
            }
            other if other.starts_with('-') => {}
            _ => filters.push(argument),
        }
    }
    let matches = |name: &str, filter: &String| {
        if exact {
            name == filter
        } else {
            name.contains(filter.as_str())
        }
    };
    let chosen: Vec<&Test> = tests
        .iter()
        .filter(|test| {
            filters.is_empty() || filters.iter().any(|filter| matches(test.name, filter))
        })
        .filter(|test| !skips.iter().any(|skip| matches(test.name, skip)))
        .collect();
    if list {
        chosen
            .iter()
            .for_each(|test| println!("{}: test", test.name));
        return;
    }

    println!("\nrunning {} tests", chosen.len());
    let failed: Vec<&str> = chosen
        .iter()
        .filter(|test| !passes(test))
        .map(|test| test.name)
        .collect();
    if !failed.is_empty() {
        println!("\nfailures:");
        failed.iter().for_each(|name| println!("    {name}"));
    }
    let verdict = if failed.is_empty() { "ok" } else { "FAILED" };
    println!(
        "\ntest result: {verdict}. {} passed; {} failed; 0 ignored; 0 measured; {} filtered out\n",
        chosen.len() - failed.len(),
        failed.len(),
        tests.len() - chosen.len()
    );
    exit(if failed.is_empty() { 0 } else { 101 });
}

fn passes(test: &Test) -> bool {
    let scratch = std::env::temp_dir().join(format!(
        "behaviour.{}.{}",
        std::process::id(),
        &test.name[..3]
    ));
    let _ = std::fs::remove_dir_all(&scratch);
    std::fs::create_dir_all(&scratch).expect("scratch directory");
    // SAFETY: this program has one thread, so the child may do everything the parent may.
    let child = unsafe { libc::fork() };
    assert!(child >= 0, "fork: {}", std::io::Error::last_os_error());
    if child == 0 {
        exit(run_here(test, scratch));
    }
    let outcome = wait_for(child);
    let _ = std::fs::remove_dir_all(&scratch);
    match outcome {
        Some(0) => {
            println!("test {} ... ok", test.name);
            true
        }
        Some(status) => {
            println!("test {} ... FAILED (wait status {status:#x})", test.name);
            false
        }
        None => {
            println!(
                "test {} ... FAILED (still running after {} s)",
                test.name,
                LIMIT.as_secs()
            );
            false
        }
    }
}

/// The child's side: the exit code.
fn run_here(test: &Test, scratch: PathBuf) -> i32 {
    std::env::set_current_dir(scratch).expect("chdir");
    // SAFETY: plain calls; the child leads a group of its own so that its own children can be found and ended with it, and a
    // write to a pipe without a reader shall be an error, not the end.
    unsafe {
        libc::setpgid(0, 0);
        libc::signal(libc::SIGPIPE, libc::SIG_IGN);
    }
    if std::panic::catch_unwind(test.run).is_ok() {
        0
    } else {
        101
    }
}

/// The wait status, or nothing when the child had to be killed.
fn wait_for(child: libc::pid_t) -> Option<libc::c_int> {
    let end = Instant::now() + LIMIT;
    let mut status = 0;
    loop {
        // SAFETY: `status` lives across the call.
        let gone = unsafe { libc::waitpid(child, &mut status, libc::WNOHANG) };
        if gone == child {
            // SAFETY: signals to the group of our own child, for what the test itself left running.
            unsafe { libc::kill(-child, libc::SIGKILL) };
            return Some(status);
        }
        if Instant::now() > end {
            // SAFETY: as above; the child is waited for so that no zombie stays.
            unsafe {
                libc::kill(child, libc::SIGKILL);
                libc::kill(-child, libc::SIGKILL);
                libc::waitpid(child, &mut status, 0);
            }
            return None;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}
