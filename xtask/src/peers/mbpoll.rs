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

/// What both print, without the tabs: `reference: value`.
fn lines(printed: &str) -> Vec<String> {
    printed
        .lines()
        .filter_map(|line| line.strip_prefix('[')?.split_once("]:"))
        .map(|(reference, value)| format!("{}: {}", reference.trim(), value.trim()))
        .collect()
}

/// `-t`, `-r`, `-c` and `-B` mean the same to `ptk modbus read` and `write`: what one writes the other reads.
pub fn same_words(programs: &Programs) -> Result<(), String> {
    let (_server, address) = programs.serve(&[])?;
    let target = address.to_string();
    for (table, values) in [
        ("4", ["1234", "32767"]),
        ("4:hex", ["0xBEEF", "0x0001"]),
        ("4:int", ["70000", "2000000000"]),
        ("4:float", ["12.5", "0.25"]),
        ("0", ["1", "0"]),
    ] {
        for big_endian in [&[][..], &["-B"]] {
            let place = [&["-t", table, "-r", "11"], big_endian].concat();
            let read = [&place[..], &["-c", "2"]].concat();
            let compare = || -> Result<(), String> {
                let theirs = lines(&succeed(&mut programs.mbpoll(address, &read))?);
                let ours = succeed(
                    &mut programs.ptk(&[&["modbus", "read", &target], &read[..]].concat()),
                )?;
                let ours: Vec<&str> = ours.lines().collect();
                let told = format!("{read:?}: mbpoll {theirs:?}, ptk {ours:?}");
                let last = ours
                    .last()
                    .is_some_and(|line| line.ends_with(&format!(": {}", values[1])));
                expect(
                    theirs == ours && ours.len() == 2 && last,
                    "the same values",
                    &told,
                )
            };
            let written = [&place[..], &["--"], &values[..]].concat();
            succeed(&mut programs.mbpoll(address, &written))?;
            compare()?;
            // Back to zero, and once more the other way round.
            let zeroes = [&["modbus", "write", &target][..], &place, &["0", "0"]].concat();
            succeed(&mut programs.ptk(&zeroes))?;
            let written = [&["modbus", "write", &target][..], &place, &values].concat();
            succeed(&mut programs.ptk(&written))?;
            compare()?;
        }
    }
    Ok(())
}
