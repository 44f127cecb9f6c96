//! `ptk modbus serve` with a map file: units, kinds, types, orders, rights, simulated values, and mistakes.

mod common;

use common::{Server, complain, fail, file, succeed};

const MAP: &str = r#"
vendor = "ACME"
[[unit]]
id = 1
[[unit.coils]]
start = 0
values = [true, false, 1, 0]
[[unit.coils]]
start = 10
count = 2
value = true
access = "ro"
[[unit.discrete]]
start = 5
count = 3
value = 1
[[unit.input]]
start = 0
type = "i32"
order = "badc"
values = [-2]
[[unit.holding]]
start = 0
count = 3
value = 7
[[unit.holding]]
start = 3
type = "i16"
values = [-1, 0x7F]
[[unit.holding]]
start = 10
type = "u32"
values = [0xAABBCCDD]
[[unit.holding]]
start = 12
type = "u32"
order = "cdab"
values = [0xAABBCCDD]
[[unit.holding]]
start = 14
type = "u32"
order = "badc"
values = [0xAABBCCDD]
[[unit.holding]]
start = 16
type = "u32"
order = "dcba"
values = [0xAABBCCDD]
[[unit.holding]]
start = 20
type = "f32"
values = [12.5]
[[unit.holding]]
start = 22
type = "f64"
values = [-0.5]
[[unit.holding]]
start = 26
type = "u64"
values = ["18446744073709551615"]
[[unit.holding]]
start = 30
type = "i64"
values = [-9223372036854775808]
[[unit.holding]]
start = 40
type = "string"
length = 8
value = "pump"
[[unit.holding]]
start = 50
access = "wo"
[[unit]]
id = 7
[[unit.holding]]
start = 0
value = 70
"#;

fn serve(name: &str, map: &str) -> Server {
    let path = file(name, map).display().to_string();
    Server::start(&["--map", &path])
}

fn read(server: &Server, words: &[&str]) -> Vec<u16> {
    let target = server.target();
    let printed = succeed(&[&["modbus", "read", &target], words].concat());
    let value = |line: &str| line.split_once(": ").expect("a value").1.parse();
    printed
        .lines()
        .map(|line| value(line).expect("a number"))
        .collect()
}

#[test]
fn every_kind_type_and_order() {
    let server = serve("kinds.toml", MAP);
    assert_eq!(read(&server, &["coils", "0", "4"]), [1, 0, 1, 0]);
    assert_eq!(read(&server, &["coils", "10", "2"]), [1, 1]);
    assert_eq!(read(&server, &["discrete", "5", "3"]), [1, 1, 1]);
    assert_eq!(read(&server, &["input", "0", "2"]), [0xFFFF, 0xFEFF]);
    // Two ranges that touch are read as one.
    assert_eq!(
        read(&server, &["holding", "0", "5"]),
        [7, 7, 7, 0xFFFF, 0x7F]
    );
    assert_eq!(
        read(&server, &["holding", "10", "8"]),
        [
            0xAABB, 0xCCDD, 0xCCDD, 0xAABB, 0xBBAA, 0xDDCC, 0xDDCC, 0xBBAA
        ]
    );
    assert_eq!(read(&server, &["holding", "20", "2"]), [0x4148, 0]);
    assert_eq!(read(&server, &["holding", "22", "4"]), [0xBFE0, 0, 0, 0]);
    assert_eq!(read(&server, &["holding", "26", "4"]), [0xFFFF; 4]);
    assert_eq!(read(&server, &["holding", "30", "4"]), [0x8000, 0, 0, 0]);
    assert_eq!(
        read(&server, &["holding", "40", "4"]),
        [0x7075, 0x6D70, 0, 0]
    );
    assert_eq!(read(&server, &["holding", "0", "1", "--unit", "7"]), [70]);
    // The first unit is the device itself.
    assert_eq!(read(&server, &["holding", "0", "1", "--unit", "255"]), [7]);
    let said = server.interrupt();
    assert!(said.contains("13 requests"), "{said}");
}

#[test]
fn rights_and_absent_points_are_refused() {
    let server = serve("rights.toml", MAP);
    let target = server.target();
    let refused = |words: &[&str]| {
        let said = complain(5, &[&["modbus"], words].concat());
        assert!(said.contains("illegal data address"), "{said}");
    };
    refused(&["write", &target, "coils", "10", "0"]);
    refused(&["read", &target, "holding", "50", "1"]);
    refused(&["read", &target, "holding", "5", "1"]);
    refused(&["read", &target, "holding", "4", "2"]);
    refused(&["read", &target, "discrete", "4", "1"]);
    // The second half is absent: nothing of it is written.
    refused(&["write", &target, "coils", "3", "1", "1"]);
    assert_eq!(read(&server, &["coils", "3", "1"]), [0]);
    succeed(&["modbus", "write", &target, "holding", "50", "1"]);
    succeed(&["modbus", "write", &target, "holding", "2", "1", "2"]);
    assert_eq!(read(&server, &["holding", "1", "3"]), [7, 1, 2]);
    let said = complain(
        5,
        &[
            "modbus", "read", &target, "holding", "0", "1", "--unit", "9",
        ],
    );
    assert!(said.contains("exception 0B"), "{said}");
}

#[test]
fn simulated_values_move_within_their_bounds() {
    let map = r#"
[[unit]]
id = 1
[[unit.input]]
start = 0
simulate = { kind = "counter", period = "10ms", max = 3 }
[[unit.input]]
start = 1
type = "i16"
simulate = { kind = "sine", period = "50ms", amplitude = 100, offset = -50 }
[[unit.input]]
start = 2
simulate = { kind = "ramp", period = "50ms", min = 10, max = 20 }
[[unit.input]]
start = 3
count = 2
simulate = { kind = "noise", period = "10ms", min = 100, max = 200 }
[[unit.discrete]]
start = 0
simulate = { kind = "counter", period = "10ms" }
[[unit.discrete]]
start = 1
simulate = { kind = "noise", period = "10ms" }
"#;
    let server = serve("simulated.toml", map);
    let mut seen: Vec<std::collections::BTreeSet<u16>> = vec![Default::default(); 7];
    // Each moves, sooner or later.
    while seen.iter().any(|values| values.len() < 2) {
        let mut values = read(&server, &["input", "0", "5"]);
        values.extend(read(&server, &["discrete", "0", "2"]));
        assert!(values[0] <= 3, "{values:?}");
        assert!((-150..=50).contains(&(values[1] as i16)), "{values:?}");
        assert!((10..=20).contains(&values[2]), "{values:?}");
        assert!((100..=200).contains(&values[3]), "{values:?}");
        assert!(values[5] <= 1 && values[6] <= 1, "{values:?}");
        for (seen, value) in seen.iter_mut().zip(values) {
            seen.insert(value);
        }
    }
}

#[test]
fn check_prints_what_the_file_holds() {
    let path = file("check-map.toml", MAP).display().to_string();
    let printed = succeed(&["modbus", "serve", "--check", "--map", &path]);
    assert_eq!(
        printed,
        "unit 1  6 coils, 3 discrete inputs, 2 input registers, 32 holding registers\n\
         unit 7  0 coils, 0 discrete inputs, 0 input registers, 1 holding registers\n"
    );
}

#[test]
fn bad_files_are_told_with_line_and_key() {
    for (text, place, why) in [
        ("", "1: the file", "no [[unit]]"),
        ("[[unit]]\n", "1: unit[0]", "\"id\" is missing"),
        (
            "[[unit]]\nid = 256\n",
            "2: unit[0].id",
            "not within 0 to 255",
        ),
        (
            "[[unit]]\nid = 1\n[[unit]]\nid = 1\n",
            "3: unit[1]",
            "two units 1",
        ),
        (
            "[[unit]]\nid = 1\nholdings = 1\n",
            "3: unit[0].holdings",
            "no such key",
        ),
        (
            "[[unit]]\nid = 1\nholding = 1\n",
            "3: unit[0].holding",
            "must be tables",
        ),
        (
            "[[unit]]\nid = 1\n[[unit.holding]]\nstart = 0\ncount = 4\n[[unit.holding]]\nstart = 3\n",
            "6: unit[0].holding[1]",
            "lies over the range 0 to 3",
        ),
        (
            "[[unit]]\nid = 1\n[[unit.holding]]\nstart = 0\nvalues = [1, 70000]\n",
            "5: unit[0].holding[0].values[1]",
            "70000 is no value of type u16",
        ),
        (
            "[[unit]]\nid = 1\n[[unit.holding]]\nstart = 65535\ntype = \"f32\"\n",
            "3: unit[0].holding[0]",
            "the last address is 65535",
        ),
        (
            "[[unit]]\nid = 1\n[[unit.coils]]\nstart = 0\nvalue = 2\n",
            "5: unit[0].coils[0].value",
            "2 is no bit",
        ),
        (
            "[[unit]]\nid = 1\n[[unit.input]]\nstart = 0\naccess = \"rw\"\n",
            "3: unit[0].input[0]",
            "inputs can only be read",
        ),
        (
            "[[unit]]\nid = 1\n[[unit.holding]]\nstart = 0\ntype = \"string\"\nlength = 2\nvalue = \"abc\"\n",
            "7: unit[0].holding[0].value",
            "longer than 2 characters",
        ),
        (
            "[[unit]]\nid = 1\n[[unit.input]]\nstart = 0\nsimulate = { kind = \"saw\" }\n",
            "5: unit[0].input[0].simulate",
            "none of ramp, sine, noise, counter",
        ),
        (
            "[[unit]]\nid = 1\n[[unit.input]]\nstart = 0\nsimulate = { kind = \"ramp\", amplitude = 1 }\n",
            "5: unit[0].input[0].simulate.amplitude",
            "no such key",
        ),
        (
            "[[unit]]\nid = 1\n[[unit.holding]]\nstart = 0\naccess = \"rw\"\nsimulate = { kind = \"ramp\" }\n",
            "3: unit[0].holding[0]",
            "cannot be written",
        ),
    ] {
        let path = file("bad-map.toml", text).display().to_string();
        let said = complain(
            2,
            &["modbus", "serve", "--listen", "127.0.0.1:0", "--map", &path],
        );
        assert!(
            said.contains(&format!("bad-map.toml:{place}: ")),
            "{text}: {said}"
        );
        assert!(said.contains(why), "{text}: {said}");
    }
    fail(
        2,
        &[
            "modbus",
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--map",
            "x",
            "--unit",
            "2",
        ],
    );
    fail(2, &["modbus", "serve", "--check"]);
    fail(2, &["modbus", "serve"]);
}
