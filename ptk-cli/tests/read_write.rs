//! `ptk modbus read` and `write`: tables, types, orders, forms, mbpoll's way of saying it, and the exit codes.

mod common;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;

use common::{Server, complain, fail, finish, listener, refusing, start, stderr, succeed};
use serde_json::Value;

/// Runs `read` with these words after the device.
fn read(server: &Server, words: &[&str]) -> String {
    let target = server.target();
    succeed(&[&["modbus", "read", &target], words].concat())
}

fn write(server: &Server, words: &[&str]) -> String {
    let target = server.target();
    succeed(&[&["modbus", "write", &target], words].concat())
}

#[test]
fn every_type_round_trips_in_every_order() {
    let server = Server::start(&[]);
    for (kind, value) in [
        ("u16", "65535"),
        ("i16", "-32768"),
        ("u32", "4294967295"),
        ("i32", "-2147483648"),
        ("u64", "18446744073709551615"),
        ("i64", "-9223372036854775808"),
        ("f32", "0.1"),
        ("f64", "-1234.5678"),
        ("hex", "0xBEEF"),
    ] {
        for order in ["abcd", "badc", "cdab", "dcba"] {
            let table = format!("holding:{kind}");
            let said = write(&server, &[&table, "100", value, "--order", order]);
            assert_eq!(said, "1 written\n");
            let said = read(&server, &[&table, "100", "--order", order]);
            assert_eq!(said, format!("100: {value}\n"), "{kind} {order}");
        }
    }
}

#[test]
fn orders_lie_as_they_are_called() {
    let server = Server::start(&[]);
    for (order, registers) in [
        ("abcd", ["0xAABB", "0xCCDD"]),
        ("badc", ["0xBBAA", "0xDDCC"]),
        ("cdab", ["0xCCDD", "0xAABB"]),
        ("dcba", ["0xDDCC", "0xBBAA"]),
    ] {
        write(
            &server,
            &["holding:u32", "0", "0xAABBCCDD", "--order", order],
        );
        let said = read(&server, &["holding:hex", "0", "2"]);
        assert_eq!(said, format!("0: {}\n1: {}\n", registers[0], registers[1]));
    }
}

#[test]
fn several_values_are_counted_as_values() {
    let server = Server::start(&[]);
    assert_eq!(
        write(&server, &["holding:f32", "10", "1.5", "-2", "1e3"]),
        "3 written\n"
    );
    assert_eq!(
        read(&server, &["holding:f32", "10", "3"]),
        "10: 1.5\n12: -2\n14: 1000\n"
    );
    // More than one request takes.
    let values: Vec<String> = (0..200).map(|n| n.to_string()).collect();
    let mut words = vec!["holding:u32", "1000"];
    words.extend(values.iter().map(String::as_str));
    assert_eq!(write(&server, &words), "200 written\n");
    let said = read(&server, &["holding:u32", "1000", "200"]);
    assert_eq!(said.lines().count(), 200);
    assert_eq!(said.lines().last(), Some("1398: 199"));
}

#[test]
fn strings() {
    let server = Server::start(&[]);
    write(&server, &["holding:string", "0", "pump 7"]);
    assert_eq!(read(&server, &["holding:string", "0", "8"]), "0: pump 7\n");
    assert_eq!(read(&server, &["holding:hex", "0"]), "0: 0x7075\n");
    write(&server, &["holding:string", "0", "ab", "--order", "badc"]);
    assert_eq!(read(&server, &["holding:hex", "0"]), "0: 0x6261\n");
}

#[test]
fn mbpolls_way_of_saying_it() {
    let server = Server::start(&["--unit", "7"]);
    // Counted from 1, low word first.
    write(&server, &["-a", "7", "-t", "4:float", "-r", "1", "12.5"]);
    assert_eq!(
        read(&server, &["-a", "7", "holding:hex", "0", "2"]),
        "0: 0x0000\n1: 0x4148\n"
    );
    assert_eq!(
        read(&server, &["-a", "7", "-t", "4:float", "-r", "1"]),
        "1: 12.5\n"
    );
    assert_eq!(
        read(
            &server,
            &[
                "-a",
                "7",
                "-t",
                "4:float",
                "--zero-based",
                "-r",
                "0",
                "-c",
                "1"
            ]
        ),
        "0: 12.5\n"
    );
    // With -B the high word first.
    write(
        &server,
        &["-a", "7", "-t", "4:int", "-B", "-r", "11", "-5", "6"],
    );
    assert_eq!(
        read(&server, &["-a", "7", "holding:i32", "10", "2"]),
        "10: -5\n12: 6\n"
    );
    write(&server, &["-a", "7", "-t", "0", "-r", "3", "1", "0", "1"]);
    assert_eq!(
        read(&server, &["-a", "7", "-t", "0", "-r", "3", "-c", "3"]),
        "3: 1\n4: 0\n5: 1\n"
    );
    assert_eq!(
        read(&server, &["-a", "7", "coils", "2", "3"]),
        "2: 1\n3: 0\n4: 1\n"
    );
    assert_eq!(
        read(&server, &["-a", "7", "-t", "1", "-c", "2"]),
        "1: 0\n2: 0\n"
    );
    assert_eq!(read(&server, &["-a", "7", "-t", "3:hex"]), "1: 0x0000\n");
    // The port apart from the device.
    let port = server.address.port().to_string();
    let said = succeed(&[
        "modbus",
        "read",
        "127.0.0.1",
        "-p",
        &port,
        "-a",
        "7",
        "-t",
        "4:int16",
    ]);
    assert_eq!(said, "1: 0\n");
}

#[test]
fn forms() {
    let server = Server::start(&[]);
    write(&server, &["holding:f32", "0", "0.1", "NaN"]);
    let json: Value =
        serde_json::from_str(&read(&server, &["holding:f32", "0", "2", "--json"])).expect("JSON");
    assert_eq!(json["values"], serde_json::json!([0.1, null]));
    assert_eq!(json["table"], "holding");
    assert_eq!(json["type"], "f32");
    assert_eq!(json["order"], "abcd");
    assert_eq!(json["start"], 0);
    assert_eq!(json["unit"], 1);
    assert_eq!(json["device"], server.target());
    assert_eq!(
        read(&server, &["holding:f32", "0", "2", "--format", "csv"]),
        "address,value\n0,0.1\n2,NaN\n"
    );
    write(&server, &["holding:string", "20", "a,\"b\""]);
    assert_eq!(
        read(&server, &["holding:string", "20", "3", "-f", "csv"]),
        "address,value\n20,\"a,\"\"b\"\"\"\n"
    );
    let json: Value = serde_json::from_str(&write(&server, &["coils", "5", "on", "off", "--json"]))
        .expect("JSON");
    assert_eq!(json["written"], 2);
    assert_eq!(json["start"], 5);
    assert_eq!(
        write(&server, &["coils", "5", "1", "-f", "csv"]),
        "address,written\n5,1\n"
    );
}

#[test]
fn code_2_what_cannot_be_meant() {
    let nobody = refusing();
    for words in [
        &["holding"][..],
        &[],
        &["registers", "0", "1"],
        &["holding:f31", "0"],
        &["coils:u16", "0"],
        &["holding", "65536"],
        &["holding", "-1"],
        &["holding", "x"],
        &["holding", "65535", "2"],
        &["holding:f64", "65533"],
        &["holding", "0", "0"],
        &["holding", "0", "65537"],
        &["holding", "0", "1", "1"],
        &["-t", "4", "-r", "0"],
        &["-t", "4", "-r", "65537"],
        &["-t", "4", "holding", "0"],
        &["-t", "2"],
        &["-c", "2", "holding", "0"],
        &["holding", "0", "--order", "acbd"],
        &["holding", "0", "-B", "--order", "cdab"],
        &["holding", "0", "--unit", "256"],
        &["holding", "0", "--timeout", "0"],
        &["holding", "0", "--json", "--format", "csv"],
    ] {
        fail(2, &[&["modbus", "read", &nobody], words].concat());
    }
    for words in [
        &["holding", "0"][..],
        &["input", "0", "1"],
        &["discrete", "0", "1"],
        &["holding", "0", "65536"],
        &["holding", "0", "-32769"],
        &["holding", "0", "0x10000"],
        &["holding:i16", "0", "32768"],
        &["holding:u32", "0", "-1"],
        &["holding:f32", "0", "ten"],
        &["holding:string", "0", "a", "b"],
        &["holding", "65535", "1", "2"],
        &["coils", "0", "2"],
    ] {
        fail(2, &[&["modbus", "write", &nobody], words].concat());
    }
    let said = complain(2, &["modbus", "read", &nobody, "holding:f31", "0"]);
    assert!(said.contains("not a type; there are: u16, i16"), "{said}");
    assert!(complain(2, &["modbus", "write", &nobody, "coils", "0", "2"]).contains("0 or 1"));
}

#[test]
fn code_3_no_connection() {
    let said = complain(3, &["modbus", "read", &refusing(), "coils", "0", "1"]);
    assert!(said.contains("refused"), "{said}");
    complain(3, &["modbus", "write", &refusing(), "coils", "0", "1"]);
    complain(3, &["modbus", "read", "127.0.0.1:99999", "coils", "0", "1"]);
}

#[test]
fn code_4_no_reply() {
    // Connections come up, since the kernel accepts them, and nobody answers.
    let (_held, address) = listener();
    let target = address.to_string();
    let said = complain(
        4,
        &[
            "modbus",
            "read",
            &target,
            "coils",
            "0",
            "1",
            "--timeout",
            "50",
        ],
    );
    assert!(said.contains("no reply in time"), "{said}");

    let said = complain(4, &["modbus", "read", &answering(b""), "coils", "0", "1"]);
    assert!(
        said.contains("closed by peer") || said.contains("reset"),
        "{said}"
    );
}

#[test]
fn code_5_an_exception() {
    let server = Server::start(&["--unit", "7"]);
    let target = server.target();
    let said = complain(5, &["modbus", "read", &target, "coils", "0", "1"]);
    assert!(
        said.ends_with("exception 0B, gateway target device failed to respond\n"),
        "{said}"
    );
    complain(5, &["modbus", "write", &target, "coils", "0", "1"]);
}

#[test]
fn code_6_a_bad_reply() {
    // Not Modbus; another unit; another function; too few registers.
    for reply in [
        &b"HTTP/1.1 400 Bad Request\r\n\r\n"[..],
        &[0, 1, 0, 0, 0, 5, 9, 3, 2, 0, 7],
        &[0, 1, 0, 0, 0, 5, 1, 4, 2, 0, 7],
        &[0, 1, 0, 0, 0, 7, 1, 3, 4, 0, 7, 0, 8],
    ] {
        complain(
            6,
            &["modbus", "read", &answering(reply), "holding", "0", "1"],
        );
    }
}

#[test]
fn code_1_the_system_refuses() {
    let (_held, address) = listener();
    let said = complain(1, &["modbus", "serve", "--listen", &address.to_string()]);
    assert!(said.contains("in use"), "{said}");
}

#[test]
fn a_closed_pipe_ends_it_quietly() {
    let server = Server::start(&[]);
    let mut child = start(&["modbus", "read", &server.target(), "holding", "0", "65536"]);
    drop(child.stdout.take());
    let output = finish(child);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(stderr(&output), "");
}

/// A server that answers the first request with these bytes and ends the connection.
fn answering(reply: &'static [u8]) -> String {
    let (listener, address) = listener();
    thread::spawn(move || -> std::io::Result<()> {
        let (mut stream, _): (TcpStream, _) = listener.accept()?;
        let mut request = [0; 12];
        stream.read_exact(&mut request)?;
        stream.write_all(reply)?;
        if !reply.is_empty() {
            // The client ends the connection when it has judged the reply.
            let _ = stream.read(&mut request);
        }
        Ok(())
    });
    address.to_string()
}
