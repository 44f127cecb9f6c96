//! `ptk modbus poll` against `ptk modbus serve`, dead addresses, and readers that go away.

mod common;

use std::io::{BufRead, BufReader};

use common::{
    Server, complain, fail, file, finish, listener, path, refusing, signal, start, stderr, stdout,
    succeed,
};
use serde_json::Value;

/// A poll file with one device: two registers, a float and a coil.
fn one_device(name: &str, address: &str) -> String {
    let text = format!(
        r#"
period = "20ms"
[[device]]
name = "press"
address = "{address}"
[[device.tag]]
name = "temperature"
register = 0
type = "i16"
scale = 0.1
offset = 20
measure = "C"
[[device.tag]]
name = "flow"
register = 10
type = "f32"
order = "cdab"
[[device.tag]]
name = "serial, number"
register = 20
type = "string"
length = 8
[[device.tag]]
name = "status"
register = 30
type = "hex"
[[device.tag]]
name = "running"
table = "coils"
register = 3
"#
    );
    file(name, &text).display().to_string()
}

fn set_up(server: &Server) {
    let target = server.target();
    for words in [
        &["holding", "0", "-235"][..],
        &["holding", "10", "0x0000", "0x4148"],
        &["holding", "20", "0x7075", "0x6D70", "0"],
        &["holding", "30", "0xBEEF"],
        &["coils", "3", "1"],
    ] {
        succeed(&[&["modbus", "write", &target], words].concat());
    }
}

#[test]
fn rows_of_each_form() {
    let server = Server::start(&[]);
    set_up(&server);
    let plan = one_device("rows.toml", &server.target());

    let csv = succeed(&["modbus", "poll", &plan, "--output", "csv", "--count", "2"]);
    let mut lines = csv.lines();
    assert_eq!(lines.next(), Some("time,device,tag,value,quality"));
    let mut rows: Vec<&str> = lines
        .map(|line| line.split_once(',').expect("a time").1)
        .collect();
    assert_eq!(rows.len(), 10, "{csv}");
    rows.sort_unstable();
    rows.dedup();
    let wanted = [
        "press,\"serial, number\",pump,good",
        "press,flow,12.5,good",
        "press,running,1,good",
        "press,status,0xBEEF,good",
        "press,temperature,-3.5,good",
    ];
    assert_eq!(rows, wanted);

    let lines = succeed(&["modbus", "poll", &plan, "--count", "1"]);
    assert!(
        lines.contains("  press  temperature  -3.5 C  good\n"),
        "{lines}"
    );
    assert_eq!(lines.lines().count(), 5, "{lines}");

    let json = succeed(&["modbus", "poll", &plan, "-o", "jsonl", "--count", "1"]);
    let objects: Vec<Value> = json
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let flow = objects.iter().find(|object| object["tag"] == "flow");
    assert_eq!(flow.expect("a row")["value"], 12.5);
    assert_eq!(objects.len(), 5);
}

#[test]
fn rows_to_a_file_and_the_summary_as_json() {
    let server = Server::start(&[]);
    let plan = one_device("file.toml", &server.target());
    let (rows, summary) = (path("rows.csv"), path("summary.json"));
    let (rows_name, summary_name) = (rows.display().to_string(), summary.display().to_string());
    let printed = succeed(&[
        "modbus",
        "poll",
        &plan,
        "--count",
        "5",
        "--quiet",
        "--output",
        "csv",
        &rows_name,
        "--summary-json",
        &summary_name,
    ]);
    assert_eq!(printed, "");
    let rows = std::fs::read_to_string(rows).expect("rows");
    assert_eq!(rows.lines().count(), 26);
    let summary = std::fs::read_to_string(summary).expect("a summary");
    let summary: Value = serde_json::from_str(&summary).expect("JSON");
    assert_eq!(summary["tags"], 5);
    assert_eq!(summary["bad"], 0);
    assert_eq!(summary["connections"], 1);
    assert!(summary["latency_us"]["p99"].as_u64() > Some(0), "{summary}");
    let device = &summary["devices"][0];
    assert_eq!(device["name"], "press");
    assert_eq!(device["reads"], summary["reads"]);
}

#[test]
fn strict_is_content_with_a_flawless_poll() {
    let server = Server::start(&[]);
    // A period that no machine is too busy for.
    let plan = format!(
        "period = \"1h\"\n[[device]]\nname = \"d\"\naddress = \"{}\"\n[[device.tag]]\nname = \"x\"\nregister = 0\n",
        server.target()
    );
    let plan = file("strict.toml", &plan).display().to_string();
    let rows = succeed(&["modbus", "poll", &plan, "--count", "1", "--strict"]);
    assert_eq!(rows.lines().count(), 1, "{rows}");
}

#[test]
fn only_changes() {
    let server = Server::start(&[]);
    let plan = one_device("changes.toml", &server.target());
    let printed = succeed(&["modbus", "poll", &plan, "--changes", "--count", "10"]);
    // Nothing changes: the first readings are all.
    assert_eq!(printed.lines().count(), 5, "{printed}");
}

#[test]
fn a_dead_device_is_told_and_delays_nobody() {
    let server = Server::start(&[]);
    let plan = format!(
        r#"
period = "20ms"
[[device]]
name = "alive"
address = "{}"
[[device.tag]]
name = "x"
register = 0
[[device]]
name = "dead"
address = "{}"
[[device.tag]]
name = "y"
register = 0
"#,
        server.target(),
        refusing()
    );
    let plan = file("dead.toml", &plan).display().to_string();
    let child = start(&["modbus", "poll", &plan, "--count", "5", "--strict"]);
    let output = finish(child);
    assert_eq!(output.status.code(), Some(7), "{}", stderr(&output));
    let rows = stdout(&output);
    assert_eq!(rows.matches("  alive  x  0  good\n").count(), 5, "{rows}");
    assert_eq!(
        rows.matches("  dead  y  -  bad: not connected\n").count(),
        5,
        "{rows}"
    );
    let said = stderr(&output);
    assert!(said.contains("error  dead: cannot connect: "), "{said}");
    assert!(
        said.contains("missed periods passed without a connection"),
        "{said}"
    );
}

#[test]
fn a_silent_device_is_told() {
    // The kernel accepts for it; it answers nothing.
    let (_held, address) = listener();
    let plan = format!(
        "period = \"20ms\"\ntimeout = \"10ms\"\n[[device]]\nname = \"mute\"\naddress = \"{address}\"\n\
         [[device.tag]]\nname = \"x\"\nregister = 0\n"
    );
    let plan = file("silent.toml", &plan).display().to_string();
    let output = finish(start(&[
        "modbus", "poll", &plan, "--count", "2", "--strict",
    ]));
    assert_eq!(output.status.code(), Some(7));
    let rows = stdout(&output);
    assert_eq!(
        rows.matches("  mute  x  -  bad: no reply in time\n")
            .count(),
        2,
        "{rows}"
    );
    assert!(
        stderr(&output).contains("error  mute: no reply in time: 2"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_refused_tag_is_told_with_its_exception() {
    let server = Server::start(&["--unit", "7"]);
    let plan = one_device("exception.toml", &server.target());
    let output = finish(start(&[
        "modbus", "poll", &plan, "--count", "1", "--strict",
    ]));
    assert_eq!(output.status.code(), Some(7));
    let rows = stdout(&output);
    assert_eq!(rows.matches("bad: exception 0B").count(), 5, "{rows}");
    assert!(
        stderr(&output).contains("error  press: exception 0B"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_tag_that_the_device_lacks_does_not_spoil_its_neighbours() {
    let map = "[[unit]]\nid = 1\n[[unit.holding]]\nstart = 0\nvalues = [10, 11, 12]\n\
               [[unit.holding]]\nstart = 4\nvalues = [14]\n";
    let map = file("lacks-map.toml", map).display().to_string();
    let server = Server::start(&["--map", &map]);
    let mut plan = format!(
        "period = \"20ms\"\n[[device]]\nname = \"d\"\naddress = \"{}\"\n",
        server.target()
    );
    for register in 0..5 {
        plan += &format!("[[device.tag]]\nname = \"r{register}\"\nregister = {register}\n");
    }
    let plan = file("lacks.toml", &plan).display().to_string();
    let output = finish(start(&["modbus", "poll", &plan, "--count", "3"]));
    let rows = stdout(&output);
    for register in [0, 1, 2, 4] {
        let row = format!("  d  r{register}  1{register}  good\n");
        assert_eq!(rows.matches(&row).count(), 3, "{rows}");
    }
    let bad = "  d  r3  -  bad: exception 02, illegal data address\n";
    assert_eq!(rows.matches(bad).count(), 3, "{rows}");
    let said = stderr(&output);
    assert!(
        said.contains("error  d: groups refused and split: "),
        "{said}"
    );
}

#[test]
fn a_device_that_comes_back_is_polled_again() {
    let server = Server::start(&[]);
    let address = server.target();
    let plan = format!(
        "period = \"20ms\"\nreconnect-first = \"10ms\"\nreconnect-most = \"20ms\"\n\
         [[device]]\nname = \"d\"\naddress = \"{address}\"\n[[device.tag]]\nname = \"x\"\nregister = 0\n"
    );
    let plan = file("back.toml", &plan).display().to_string();
    let mut child = start(&["modbus", "poll", &plan, "--changes"]);
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let mut next = || lines.next().expect("a line").expect("UTF-8");
    assert!(next().ends_with("good"));
    server.interrupt();
    assert!(next().contains("bad: "));
    // The port is this test's own: it had it a moment ago.
    let _server = Server::start_at(&address, &[]);
    while !next().ends_with("good") {}
    signal("INT", child.id());
    let output = finish(child);
    assert_eq!(output.status.code(), Some(0));
    let said = stderr(&output);
    assert!(said.lines().any(|line| line.starts_with("total")), "{said}");
}

#[test]
fn sigint_ends_in_order_with_the_summary() {
    let server = Server::start(&[]);
    let plan = one_device("sigint.toml", &server.target());
    let mut child = start(&["modbus", "poll", &plan, "--output", "csv"]);
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let header = lines.next().expect("a line").expect("UTF-8");
    assert!(header.starts_with("time,"), "{header}");
    assert!(lines.next().is_some());
    signal("INT", child.id());
    // All that was read is whole lines.
    for line in lines {
        let line = line.expect("UTF-8");
        assert!(line.ends_with(",good"), "{line}");
    }
    let output = finish(child);
    assert_eq!(output.status.code(), Some(0));
    assert!(stderr(&output).contains("\ntotal "), "{}", stderr(&output));
}

#[test]
fn a_closed_pipe_ends_it_quietly() {
    let server = Server::start(&[]);
    let plan = one_device("pipe.toml", &server.target());
    let mut child = start(&["modbus", "poll", &plan]);
    let mut reader = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut line = String::new();
    reader.read_line(&mut line).expect("a line");
    drop(reader);
    let output = finish(child);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(stderr(&output), "");
}

#[test]
fn a_duration_bounds_it() {
    let server = Server::start(&[]);
    let plan = one_device("duration.toml", &server.target());
    let rows = succeed(&["modbus", "poll", &plan, "--duration", "200ms"]);
    assert!(rows.lines().count() >= 5, "{rows}");
}

#[test]
fn check_prints_the_requests() {
    let plan = one_device("check.toml", "127.0.0.1");
    let printed = succeed(&["modbus", "poll", &plan, "--check"]);
    let wanted = "press  127.0.0.1:502  5 tags in 5 requests, 1 in flight\n    \
                  unit 1 coils 3 to 3, 1 tags, every 20ms\n    \
                  unit 1 holding 0 to 0, 1 tags, every 20ms\n    \
                  unit 1 holding 10 to 11, 1 tags, every 20ms\n    \
                  unit 1 holding 20 to 23, 1 tags, every 20ms\n    \
                  unit 1 holding 30 to 30, 1 tags, every 20ms\n";
    assert_eq!(printed, wanted);
}

#[test]
fn bad_files_are_told_with_line_and_key() {
    let device = "[[device]]\nname = \"d\"\naddress = \"127.0.0.1\"\n";
    let tag = "[[device.tag]]\nname = \"t\"\n";
    for (text, place, why) in [
        (String::new(), ":1: the file", "there is no [[device]]"),
        ("period = 1\n".to_owned(), ":1: period", "a duration"),
        (
            "period = \"0s\"\n".to_owned(),
            ":1: period",
            "shorter than 1ms",
        ),
        ("x\n".to_owned(), ":1: not TOML", ""),
        (device.to_owned(), ":1: device[0]", "no [[device.tag]]"),
        (
            "[[device]]\nname = \"d\"\n".to_owned(),
            ":1: device[0]",
            "\"address\" is missing",
        ),
        (
            format!("{device}{tag}"),
            ":4: device[0].tag[0]",
            "\"register\" is missing",
        ),
        (
            format!("{device}{tag}register = 65536\n"),
            ":6: device[0].tag[0].register",
            "not within 0 to 65535",
        ),
        (
            format!("{device}{tag}register = 65535\ntype = \"f32\"\n"),
            ":4: device[0].tag[0]",
            "beyond address 65535",
        ),
        (
            format!("{device}{tag}register = 0\ntype = \"f31\"\n"),
            ":7: device[0].tag[0].type",
            "f32",
        ),
        (
            format!("{device}{tag}register = 0\norder = \"ab\"\n"),
            ":7: device[0].tag[0].order",
            "abcd",
        ),
        (
            format!("{device}{tag}register = 0\ntable = \"h\"\n"),
            ":4: device[0].tag[0]",
            "coils, discrete, input, holding",
        ),
        (
            format!("{device}{tag}register = 0\ntype = \"string\"\n"),
            ":4: device[0].tag[0]",
            "needs \"length\"",
        ),
        (
            format!("{device}{tag}register = 0\nscal = 2\n"),
            ":7: device[0].tag[0].scal",
            "no such key",
        ),
        (
            format!("{device}{tag}register = 0\n{tag}register = 1\n"),
            ":7: device[0].tag[1]",
            "two tags \"t\"",
        ),
        (
            format!("{device}{tag}register = 0\n{device}{tag}register = 1\n"),
            ":7: device[1]",
            "two devices \"d\"",
        ),
        (
            format!("max-registers = 2\n{device}{tag}register = 0\ntype = \"f64\"\n"),
            ":5: device[0].tag[0]",
            "max-registers = 2",
        ),
    ] {
        let path = file("bad.toml", &text).display().to_string();
        let said = complain(2, &["modbus", "poll", &path]);
        assert!(
            said.contains(&format!("bad.toml{place}: ")),
            "{text}: {said}"
        );
        assert!(said.contains(why), "{text}: {said}");
    }
    complain(2, &["modbus", "poll", "/no/such/file.toml"]);
    let plan = one_device("arguments.toml", "127.0.0.1");
    complain(2, &["modbus", "poll", &plan, "--output", "xml"]);
    fail(2, &["modbus", "poll", &plan, "--count", "0"]);
    fail(2, &["modbus", "poll", &plan, "--duration", "1 parsec"]);
    complain(
        1,
        &[
            "modbus",
            "poll",
            &plan,
            "--output",
            "csv",
            "/no/such/folder/x",
        ],
    );
}
