//! What a request costs in the Modbus machines, in instructions, without the system calls around them.
//!
//! Without arguments it measures: it runs itself under callgrind with N and with 2N requests for each operation, and prints the instructions
//! of one request (the difference, divided by N). An operation is a whole cycle: bytes into the buffer, served or matched, bytes taken.
//!
//! `cargo run --release -p benches --bin modbus_instructions` (needs valgrind).

use std::hint::black_box;
use std::process::{Command, ExitCode};

use ptk_modbus::client::{self, Client, Event};
use ptk_modbus::codec::{Request, Response};
use ptk_modbus::server::{self, Connection, Device, FullMap, OneUnit};

const ROUNDS: u64 = 2000;

/// An operation and the bytes of its request.
type Operation = (&'static str, fn(u64));

const OPERATIONS: [Operation; 3] = [
    ("server: read 10 holding registers", server_read),
    (
        "server: 16 such reads in one segment, each",
        server_pipeline,
    ),
    ("client: read 10 holding registers", client_read),
];

const READ: [u8; 12] = [0, 1, 0, 0, 0, 6, 1, 3, 0, 0, 0, 10];

fn serve(rounds: u64, segment: &[u8]) {
    let mut map = FullMap::new();
    let mut device = Device::new(OneUnit::new(1, &mut map));
    let mut connection: Connection = Connection::new(server::Config::DEFAULT, 0);
    for now in 0..rounds {
        connection.receive_buffer()[..segment.len()].copy_from_slice(black_box(segment));
        connection.received(segment.len(), now);
        connection.serve(now, &mut device);
        let length = black_box(connection.poll_transmit()).len();
        connection.transmitted(length, now);
        black_box(connection.poll_timeout());
        assert!(connection.poll_close().is_none());
    }
}

fn server_read(rounds: u64) {
    serve(rounds, &READ);
}

fn server_pipeline(rounds: u64) {
    serve(rounds / 16, &READ.repeat(16));
}

fn client_read(rounds: u64) {
    let mut client: Client = Client::new(client::Config::DEFAULT, 1, 0);
    client.poll_action(0);
    client.handle_connected(0);
    let mut reply = [0; 29];
    reply[..9].copy_from_slice(&[0, 0, 0, 0, 0, 23, 1, 3, 20]);
    let request = Request::ReadHoldingRegisters {
        address: 0,
        quantity: 10,
    };
    for now in 0..rounds {
        while let Some(event) = client.poll_event(now) {
            if let Event::Reply {
                response: Response::ReadHoldingRegisters(values),
                ..
            } = event
            {
                black_box(values.get(9));
            }
        }
        client
            .request(now, 1, black_box(&request), now)
            .expect("ready");
        reply[..2].copy_from_slice(&client.poll_transmit()[..2]);
        client.transmitted(12, now);
        client.handle_input(now, black_box(&reply));
        black_box(client.poll_timeout());
    }
}

/// Instructions of the whole program with so many rounds, as callgrind counts them.
fn collected(operation: usize, rounds: u64) -> Option<u64> {
    let program = std::env::current_exe().ok()?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args([operation.to_string(), rounds.to_string()])
        .output()
        .ok()?;
    let text = String::from_utf8(output.stderr).ok()?;
    text.lines()
        .find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok())
}

fn main() -> ExitCode {
    let arguments: Vec<u64> = std::env::args()
        .skip(1)
        .filter_map(|word| word.parse().ok())
        .collect();
    if let [operation, rounds] = arguments[..] {
        OPERATIONS[operation as usize].1(rounds);
        return ExitCode::SUCCESS;
    }
    println!("instructions of one request, user space, without system calls");
    for (index, (name, _)) in OPERATIONS.iter().enumerate() {
        let (Some(one), Some(two)) = (collected(index, ROUNDS), collected(index, 2 * ROUNDS))
        else {
            eprintln!("modbus_instructions: cannot run valgrind");
            return ExitCode::FAILURE;
        };
        println!("{:>8}  {name}", two.saturating_sub(one) / ROUNDS);
    }
    ExitCode::SUCCESS
}
