//! `ptk modbus bench` against `ptk modbus serve`.

mod common;

use common::{Server, complain, fail, listener, refusing, succeed};
use serde_json::Value;

#[test]
fn a_count_of_transactions() {
    let server = Server::start(&[]);
    let target = server.target();
    let printed = succeed(&[
        "modbus",
        "bench",
        &target,
        "--connections",
        "8",
        "--depth",
        "16",
        "--count",
        "5000",
        "--json",
    ]);
    let json: Value = serde_json::from_str(&printed).expect("JSON");
    assert_eq!(json["transactions"], 5000);
    assert_eq!(json["connections"], 8);
    assert_eq!(json["depth"], 16);
    assert_eq!(json["function"], "read-holding");
    assert_eq!(json["errors"], serde_json::json!({}));
    assert!(
        json["transactions_per_second"].as_f64() > Some(0.0),
        "{json}"
    );
    assert!(
        json["latency_us"]["p50"].as_f64() <= json["latency_us"]["p999"].as_f64(),
        "{json}"
    );
    // Each of them reached the server, and no more.
    let said = server.interrupt();
    assert!(
        said.contains("ptk: 5000 requests, 8 connections accepted"),
        "{said}"
    );
}

#[test]
fn every_function_at_its_most() {
    let server = Server::start(&[]);
    let target = server.target();
    for (function, most) in [
        ("read-coils", 2000),
        ("read-discrete", 2000),
        ("read-holding", 125),
        ("read-input", 125),
        ("write-coils", 1968),
        ("write-holding", 123),
    ] {
        let quantity = most.to_string();
        let words = [
            "modbus",
            "bench",
            &target,
            "-n",
            "50",
            "-d",
            "4",
            "--function",
            function,
        ];
        let printed = succeed(&[&words[..], &["-q", &quantity]].concat());
        assert!(
            printed.contains("\nerrors                           0\n"),
            "{printed}"
        );
        let more = (most + 1).to_string();
        fail(2, &[&words[..], &["-q", &more]].concat());
    }
}

#[test]
fn a_duration() {
    let server = Server::start(&[]);
    let printed = succeed(&["modbus", "bench", &server.target(), "--duration", "100ms"]);
    assert!(printed.contains("transactions a second"), "{printed}");
}

#[test]
fn exit_codes() {
    let said = complain(3, &["modbus", "bench", &refusing(), "-n", "1"]);
    assert!(said.contains("refused"), "{said}");
    complain(2, &["modbus", "bench", "127.0.0.1", "--start", "65530"]);
    fail(2, &["modbus", "bench", "127.0.0.1", "--depth", "65"]);
    fail(
        2,
        &[
            "modbus",
            "bench",
            "127.0.0.1",
            "--count",
            "5",
            "--duration",
            "1s",
        ],
    );

    let (_held, address) = listener();
    let output = common::run(&[
        "modbus",
        "bench",
        &address.to_string(),
        "-n",
        "1",
        "--timeout",
        "20",
    ]);
    assert_eq!(output.status.code(), Some(4), "{}", common::stderr(&output));
    assert!(common::stdout(&output).contains("error  no reply in time: 1"));

    let server = Server::start(&["--unit", "9"]);
    let output = common::run(&["modbus", "bench", &server.target(), "-n", "3"]);
    assert_eq!(output.status.code(), Some(5), "{}", common::stderr(&output));
    assert!(common::stdout(&output).contains("exception 0B"));
}
