//! `ptk modbus read` and `ptk modbus write` against other people's servers.

use std::net::{SocketAddr, TcpListener};

use super::expect;
use super::process::{finish, succeed};
use super::programs::Programs;

/// The values in `--json` output: the numbers and booleans of its array.
pub fn json_values(printed: &str) -> Option<Vec<u16>> {
    let after = printed.split_once("\"values\"")?.1;
    let list = after.split_once('[')?.1.split_once(']')?.0;
    list.split(',')
        .map(|value| match value.trim() {
            "true" => Some(1),
            "false" => Some(0),
            number => number.parse().ok(),
        })
        .collect()
}

fn read(
    programs: &Programs,
    server: SocketAddr,
    kind: &str,
    start: u16,
    count: u16,
) -> Result<Vec<u16>, String> {
    let (server, start, count) = (server.to_string(), start.to_string(), count.to_string());
    let arguments = [
        "modbus", "read", &server, "--unit", "1", kind, &start, &count,
    ];
    let mut with_json = arguments.to_vec();
    with_json.push("--json");
    let printed = succeed(&mut programs.ptk(&with_json))?;
    let values =
        json_values(&printed).ok_or_else(|| format!("no array \"values\" in:\n{printed}"))?;

    // The words for a person say the same.
    let said = succeed(&mut programs.ptk(&arguments))?;
    let last = values.last().map(u16::to_string).unwrap_or_default();
    let known = said.contains(&last)
        || said.contains("on")
        || said.contains("off")
        || said.contains("true");
    expect(known, &format!("the values {values:?}"), &said)?;
    Ok(values)
}

fn write(
    programs: &Programs,
    server: SocketAddr,
    kind: &str,
    start: u16,
    values: &[u16],
) -> Result<(), String> {
    let (server, start) = (server.to_string(), start.to_string());
    let values: Vec<String> = values.iter().map(u16::to_string).collect();
    let mut arguments = vec!["modbus", "write", &server, "--unit", "1", kind, &start];
    arguments.extend(values.iter().map(String::as_str));
    succeed(&mut programs.ptk(&arguments)).map(drop)
}

/// The points that both example servers start with.
fn read_and_write(programs: &Programs, server: SocketAddr) -> Result<(), String> {
    let (first, count) = (40, 30);
    let numbers = first..first + count;
    let cases: [(&str, Vec<u16>); 4] = [
        (
            "coils",
            numbers.clone().map(|n| u16::from(n % 3 == 0)).collect(),
        ),
        ("discrete", numbers.clone().map(|n| n % 2).collect()),
        ("input", numbers.clone().map(|n| 3 * n).collect()),
        ("holding", numbers.clone().map(|n| 5 * n).collect()),
    ];
    for (kind, wanted) in cases {
        let got = read(programs, server, kind, first, count)?;
        expect(
            got == wanted,
            &format!("{kind} {wanted:?}"),
            &format!("{got:?}"),
        )?;
    }
    change_and_read_back(programs, server)
}

fn change_and_read_back(programs: &Programs, server: SocketAddr) -> Result<(), String> {
    let many: Vec<u16> = (0..100).map(|n| n * 653).collect();
    for (kind, start, values) in [
        ("coils", 3, &[1][..]),
        ("coils", 10, &[0, 1, 1, 0, 0, 1, 0, 1, 1, 1]),
        ("holding", 7, &[65_535]),
        ("holding", 100, &many),
    ] {
        write(programs, server, kind, start, values)?;
        let got = read(programs, server, kind, start, values.len() as u16)?;
        expect(
            got == values,
            &format!("{kind} {values:?}"),
            &format!("{got:?}"),
        )?;
    }
    Ok(())
}

pub fn against_pymodbus(programs: &Programs) -> Result<(), String> {
    let (_server, address) = programs.pymodbus_server(&[])?;
    read_and_write(programs, address)
}

pub fn against_libmodbus(programs: &Programs) -> Result<(), String> {
    let (_server, address) = programs.libmodbus_server()?;
    read_and_write(programs, address)
}

pub fn against_itself(programs: &Programs) -> Result<(), String> {
    let (_server, address) = programs.serve(&[])?;
    change_and_read_back(programs, address)
}

pub fn illegal_address(programs: &Programs) -> Result<(), String> {
    for (_server, address) in &[programs.pymodbus_server(&[])?, programs.libmodbus_server()?] {
        let address = address.to_string();
        // Both have 300 points of each kind.
        for (command, point) in [("read", "2"), ("write", "77")] {
            let arguments = [
                "modbus", command, &address, "--unit", "1", "holding", "300", point,
            ];
            let line = mistake(programs, &arguments)?;
            let known = line.to_lowercase().contains("address") || line.contains("02");
            expect(known, "exception 2, illegal data address", &line)?;
        }
    }
    Ok(())
}

/// Runs `ptk` with something that cannot be; one line on standard error that is no panic, nothing on standard output, a status above 0.
pub fn mistake(programs: &Programs, arguments: &[&str]) -> Result<String, String> {
    let finished = finish(&mut programs.ptk(arguments))?;
    let lines: Vec<&str> = finished
        .stderr
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    // Of a wrong argument, clap says what is wrong in its first line, and then how it is used and where to find more.
    let clear = !lines.is_empty() && (lines.len() == 1 || lines[0].starts_with("error: "));
    let calm = !finished.stderr.contains("panicked");
    let status = finished.status.code().is_some_and(|code| code > 0);
    expect(
        clear && calm && status && finished.stdout.is_empty(),
        &format!("one clear line and a non-zero exit from {arguments:?}"),
        &finished,
    )?;
    Ok(finished.stderr)
}

pub fn mistakes(programs: &Programs) -> Result<(), String> {
    let taken = TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
    let taken = taken
        .local_addr()
        .map(|address| (address.to_string(), taken))
        .map_err(|error| error.to_string())?;
    let line = mistake(programs, &["modbus", "serve", "--listen", &taken.0])?;
    expect(line.contains("in use"), "a port in use", &line)?;

    // RFC 5737: nobody has this address.
    mistake(
        programs,
        &["modbus", "serve", "--listen", "192.0.2.1:15020"],
    )?;
    mistake(programs, &["modbus", "serve", "--listen", "not-an-address"])?;
    mistake(
        programs,
        &["modbus", "serve", "--listen", "127.0.0.1:99999"],
    )?;
    mistake(
        programs,
        &[
            "modbus",
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--unit",
            "256",
        ],
    )?;
    mistake(
        programs,
        &[
            "modbus",
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--connections",
            "0",
        ],
    )?;
    mistake(
        programs,
        &[
            "modbus",
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--no-such-argument",
        ],
    )?;

    let nobody = format!("127.0.0.1:{}", super::process::free_port()?);
    let line = mistake(
        programs,
        &["modbus", "read", &nobody, "--unit", "1", "coils", "0", "1"],
    )?;
    expect(line.contains("refused"), "a refused connection", &line)?;
    for arguments in [
        &["coils", "0", "0"][..],
        &["coils", "0", "65537"],
        &["holding", "65536", "1"],
        &["holding", "65535", "2"],
        &["holding", "x", "1"],
        &["registers", "0", "1"],
        &["coils"],
    ] {
        let command = [&["modbus", "read", &nobody, "--unit", "1"][..], arguments].concat();
        mistake(programs, &command)?;
    }
    for arguments in [
        &["holding", "0", "65536"][..],
        &["coils", "0", "2"],
        &["input", "0", "1"],
        &["holding", "0"],
    ] {
        let command = [&["modbus", "write", &nobody, "--unit", "1"][..], arguments].concat();
        mistake(programs, &command)?;
    }
    Ok(())
}
