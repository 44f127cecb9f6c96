//! mbpoll, a command line on libmodbus, against `ptk modbus serve`. It counts points from 1.

use super::expect;
use super::process::{finish, succeed};
use super::programs::Programs;

/// Values that mbpoll printed: lines `[reference]: \t value`.
fn values(printed: &str) -> Vec<i64> {
    printed
        .lines()
        .filter_map(|line| line.strip_prefix('[')?.split_once("]:"))
        .filter_map(|(_, value)| value.split_whitespace().next()?.parse().ok())
        .collect()
}

pub fn every_kind(programs: &Programs) -> Result<(), String> {
    let (_server, address) = programs.serve(&[])?;
    let read = |kind: &str, from: &str, count: &str| {
        let printed = succeed(
            &mut programs.mbpoll(address, &["-a", "1", "-t", kind, "-r", from, "-c", count]),
        )?;
        Ok::<_, String>(values(&printed))
    };
    for kind in ["0", "1", "3", "4"] {
        let zeroes = read(kind, "1", "10")?;
        expect(
            zeroes == [0; 10],
            "ten zeroes",
            &format!("-t {kind}: {zeroes:?}"),
        )?;
    }
    // One value is function 5 or 6, several are 15 or 16.
    let cases: [(&[&str], &str, Vec<i64>); 4] = [
        (&["-t", "0", "-r", "3", "--", "1"][..], "3", vec![1, 0]),
        (
            &["-t", "0", "-r", "20", "--", "1", "0", "1", "1"],
            "20",
            vec![1, 0, 1, 1],
        ),
        (&["-t", "4", "-r", "5", "--", "1234"], "5", vec![1234, 0]),
        (
            &["-t", "4", "-r", "65533", "--", "1", "2", "3", "40000"],
            "65533",
            vec![1, 2, 3, -25536],
        ),
    ];
    for (arguments, from, wanted) in cases {
        succeed(&mut programs.mbpoll(address, arguments))?;
        let got = read(arguments[1], from, &wanted.len().to_string())?;
        // This version prints registers with a sign, or without it.
        let same = got
            .iter()
            .zip(&wanted)
            .all(|(got, wanted)| got.rem_euclid(65_536) == wanted.rem_euclid(65_536));
        expect(
            same && got.len() == wanted.len(),
            &format!("{wanted:?}"),
            &format!("{arguments:?}: {got:?}"),
        )?;
    }
    // What cannot be written has not changed.
    let zeroes = read("1", "20", "4")?;
    expect(
        zeroes == [0; 4],
        "discrete inputs to stay",
        &format!("{zeroes:?}"),
    )
}

pub fn illegal_address(programs: &Programs) -> Result<(), String> {
    let (_server, address) = programs.serve(&[])?;
    let finished = finish(&mut programs.mbpoll(address, &["-t", "4", "-r", "65536", "-c", "2"]))?;
    let said = finished.stderr.contains("Illegal data address");
    expect(
        said && !finished.status.success(),
        "an illegal data address",
        &finished,
    )?;
    let printed = succeed(&mut programs.mbpoll(address, &["-t", "4", "-r", "65536", "-c", "1"]))?;
    expect(values(&printed) == [0], "the last register", &printed)
}

pub fn another_unit(programs: &Programs) -> Result<(), String> {
    let (_server, address) = programs.serve(&["--unit", "17"])?;
    let printed =
        succeed(&mut programs.mbpoll(address, &["-a", "17", "-t", "4", "-r", "1", "-c", "1"]))?;
    expect(values(&printed) == [0], "unit 17 to answer", &printed)?;
    let finished = finish(&mut programs.mbpoll(
        address,
        &["-a", "18", "-o", "0.5", "-t", "4", "-r", "1", "-c", "1"],
    ))?;
    let nothing = values(&finished.stdout).is_empty();
    expect(
        nothing && !finished.status.success(),
        "unit 18 not to be answered",
        &finished,
    )
}
