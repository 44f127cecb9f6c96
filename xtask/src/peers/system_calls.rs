//! System calls of `ptk modbus serve`, counted by `strace -c -f`: a handful at rest, one wait, one receive and one send for each request.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use super::expect;
use super::process::succeed;
use super::programs::Programs;
use crate::tools;

/// Runs the server under strace while `meanwhile` runs; the number of each call that it made until SIGINT ended it.
fn count(
    programs: &Programs,
    meanwhile: impl FnOnce(std::net::SocketAddr) -> Result<(), String>,
) -> Result<Counts, String> {
    let path: PathBuf = tools::folder().join(format!("peers/strace-{}.txt", std::process::id()));
    let file = path.display().to_string();
    // -I2: strace leaves SIGINT to the program and ends with it.
    let (server, address) =
        programs.serve_under(&["strace", "-f", "-c", "-I2", "-U", "calls,name", "-o", &file])?;
    meanwhile(address)?;
    // strace is the process that was started; the program is its only child.
    let children = format!("/proc/{0}/task/{0}/children", server.id());
    let child =
        fs::read_to_string(&children).map_err(|error| tools::at(Path::new(&children), &error))?;
    succeed(
        std::process::Command::new("kill")
            .arg("-INT")
            .args(child.split_whitespace()),
    )?;
    server.ended()?;
    let text = fs::read_to_string(&path).map_err(|error| tools::at(&path, &error))?;
    let _ = fs::remove_file(&path);
    Ok(Counts::parse(&text))
}

struct Counts(Vec<(String, i64)>);

impl Counts {
    fn parse(text: &str) -> Counts {
        let rows = text.lines().filter_map(|line| {
            let mut words = line.split_whitespace();
            let calls = words.next()?.parse().ok()?;
            Some((words.next()?.to_owned(), calls))
        });
        Counts(rows.filter(|(name, _)| name != "total").collect())
    }

    fn total(&self) -> i64 {
        self.0.iter().map(|(_, calls)| calls).sum()
    }

    fn of(&self, names: &[&str]) -> i64 {
        let named = self
            .0
            .iter()
            .filter(|(name, _)| names.contains(&name.as_str()));
        named.map(|(_, calls)| calls).sum()
    }

    fn show(&self, before: &Counts) -> String {
        let more = self
            .0
            .iter()
            .map(|(name, calls)| (name, calls - before.of(&[name])));
        let more = more
            .filter(|(_, calls)| *calls != 0)
            .map(|(name, calls)| format!("{calls} {name}"));
        more.collect::<Vec<_>>().join(", ")
    }
}

pub fn at_rest(programs: &Programs) -> Result<(), String> {
    let nothing = count(programs, |_| Ok(()))?;
    let rest = count(programs, |_| {
        // Not a wait for something, but the thing that is measured: a second of nothing.
        thread::sleep(Duration::from_secs(2));
        Ok(())
    })?;
    let more = rest.total() - nothing.total();
    println!(
        "        two seconds at rest: {more} system calls more ({})",
        rest.show(&nothing)
    );
    expect(
        more <= 6,
        "a handful of system calls in two seconds at rest",
        &rest.show(&nothing),
    )
}

pub fn for_each_request(programs: &Programs) -> Result<(), String> {
    const FEW: i64 = 100;
    const MANY: i64 = 1_100;
    let run = |requests: i64| {
        count(programs, |address| {
            succeed(&mut programs.pymodbus_client(address, &["repeat", &requests.to_string()]))
                .map(drop)
        })
    };
    let few = run(FEW)?;
    let many = run(MANY)?;
    let for_each = |names: &[&str]| (many.of(names) - few.of(names)) as f64 / (MANY - FEW) as f64;
    let waits = for_each(&["epoll_wait", "epoll_pwait", "epoll_pwait2"]);
    let receives = for_each(&["read", "readv", "recvfrom", "recvmsg"]);
    let sends = for_each(&["write", "writev", "sendto", "sendmsg"]);
    let all = (many.total() - few.total()) as f64 / (MANY - FEW) as f64;
    println!(
        "        each request: {waits:.2} waits, {receives:.2} receives, {sends:.2} sends, {all:.2} calls in all"
    );
    let near = |value: f64| (0.95..=1.05).contains(&value);
    expect(
        near(waits) && near(receives) && near(sends) && all <= 3.1,
        "one wait, one receive and one send for each request",
        &many.show(&few),
    )
}
