//! `ptk modbus scan` on loopback addresses.

mod common;

use common::{
    Server, complain, fail, file, finish, listener, refusing, run, signal, start, stderr, stdout,
};
use serde_json::Value;

const MAP: &str = "vendor = \"ACME\"\nproduct = \"pump\"\nversion = \"2.1\"\n\
                   [[unit]]\nid = 3\n[[unit.holding]]\nstart = 0\nvalue = 42\n\
                   [[unit]]\nid = 7\n[[unit.coils]]\nstart = 0\n";

fn server(name: &str) -> Server {
    let map = file(name, MAP).display().to_string();
    Server::start(&["--map", &map])
}

#[test]
fn hosts_and_units_are_found() {
    let server = server("scan.toml");
    let hosts = format!("127.0.0.1-4:{}", server.address.port());
    let output = run(&[
        "modbus",
        "scan",
        &hosts,
        "--units",
        "1-10",
        "--format",
        "csv",
        "--identify",
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let rows = stdout(&output);
    let rows: Vec<Vec<&str>> = rows.lines().map(|row| row.split(',').collect()).collect();
    assert_eq!(
        rows[0],
        [
            "address",
            "unit",
            "answer",
            "milliseconds",
            "identification"
        ]
    );
    assert_eq!(rows.len(), 3, "{rows:?}");
    let address = server.target();
    assert_eq!(rows[1][..3], [&address, "3", "register 0 is 42"]);
    assert_eq!(rows[1][4], "ACME pump 2.1");
    // This one has no registers: it is there all the same.
    assert_eq!(rows[2][..2], [&address, "7"]);
    assert!(rows[2][2].contains("exception 02"), "{rows:?}");
    let said = stderr(&output);
    assert_eq!(
        said,
        "ptk: 4 of 4 hosts looked at, 1 listen, 2 units answer\n"
    );
}

#[test]
fn forms() {
    let server = server("scan-forms.toml");
    let target = server.target();
    let output = run(&["modbus", "scan", &target, "-a", "3,7", "--json"]);
    let json: Value = serde_json::from_str(&stdout(&output)).expect("JSON");
    assert_eq!(json["hosts"], 1);
    assert_eq!(json["listening"], 1);
    assert_eq!(json["units"][0]["address"], target);
    assert_eq!(json["units"][0]["unit"], 3);
    assert_eq!(json["units"][1]["unit"], 7);
    let output = run(&["modbus", "scan", &target, "-a", "3", "--identify"]);
    let text = stdout(&output);
    assert_eq!(text.lines().count(), 2, "{text}");
    assert!(
        text.ends_with("register 0 is 42; ACME pump 2.1\n"),
        "{text}"
    );
}

#[test]
fn many_hosts_with_few_links() {
    let server = server("scan-many.toml");
    let port = server.address.port().to_string();
    let output = run(&[
        "modbus",
        "scan",
        "127.0.0.0/26",
        "127.0.0.1",
        "-p",
        &port,
        "-a",
        "3",
        "--concurrency",
        "3",
        "--format",
        "csv",
    ]);
    // Twice in the list, twice in the outcome.
    assert_eq!(stdout(&output).lines().count(), 3, "{}", stdout(&output));
    assert!(
        stderr(&output).starts_with("ptk: 63 of 63 hosts looked at, 2 listen"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn code_7_where_nobody_answers() {
    let output = run(&["modbus", "scan", &refusing()]);
    assert_eq!(output.status.code(), Some(7));
    assert_eq!(stdout(&output), "");
    assert!(stderr(&output).contains("1 of 1 hosts looked at, 0 listen, 0 units answer"));

    // Listens, and answers nothing.
    let (_held, address) = listener();
    let output = run(&[
        "modbus",
        "scan",
        &address.to_string(),
        "-a",
        "1-3",
        "--timeout",
        "20",
    ]);
    assert_eq!(output.status.code(), Some(7));
    assert!(
        stderr(&output).contains("1 listen, 0 units answer"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn sigint_ends_it_with_what_was_found() {
    let server = server("scan-sigint.toml");
    // Listens, answers nothing, and would keep the scan busy for hours.
    let (held, silent) = listener();
    let child = start(&[
        "modbus",
        "scan",
        &server.target(),
        &silent.to_string(),
        "-a",
        "3,0-255",
        "--timeout",
        "600000",
        "--format",
        "csv",
    ]);
    // It has come to the silent one. The other one answers at once, so that its units are found in the same while.
    let (_stream, _) = held.accept().expect("a connection");
    signal("INT", child.id());
    let output = finish(child);
    assert!(
        matches!(output.status.code(), Some(0 | 7)),
        "{}",
        stderr(&output)
    );
    let said = stderr(&output);
    assert!(said.contains("of 2 hosts looked at"), "{said}");
}

#[test]
fn what_cannot_be_meant() {
    for words in [
        &["10.0.0.0/8"][..],
        &["127.0.0.9-1"],
        &["127.0.0.1", "--units", "256"],
        &["127.0.0.1", "--concurrency", "0"],
        &[],
    ] {
        fail(2, &[&["modbus", "scan"], words].concat());
    }
    let said = complain(2, &["modbus", "scan", "127.0.0.9-1"]);
    assert!(said.contains("not a range"), "{said}");
}
