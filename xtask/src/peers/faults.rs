//! pymodbus's faults: `ptk modbus read` says what is wrong in one line and believes nothing; the library's client goes on and reads right.

use std::time::Duration;

use ptk_core::aio::{self, IoDriver, IoSlots};
use ptk_modbus::aio::{CallError, Client};
use ptk_modbus::client::{Config, DisconnectReason, Failure};
use ptk_modbus::codec::{Error, ExceptionCode, limits::MAX_PDU};
use ptk_modbus::poller::Area;
use ptk_modbus::{MILLISECOND, SECOND};

use super::expect;
use super::process::finish;
use super::programs::Programs;

/// A fault, and how `ptk` must end that meets it: its exit code, and what its line says, one of these.
struct Fault {
    name: &'static str,
    code: i32,
    says: &'static [&'static str],
}

const fn fault(name: &'static str, code: i32, says: &'static [&'static str]) -> Fault {
    Fault { name, code, says }
}

/// `ptk --help` has the exit codes: 4 no reply, 5 an exception, 6 no reply to the request or not Modbus.
const FAULTS: [Fault; 10] = [
    fault("silence", 4, &["no reply in time"]),
    // Nobody's reply is thrown away.
    fault("transaction", 4, &["no reply in time"]),
    // The request and what came of its reply have the same time; on a busy machine both are over at once.
    fault(
        "short",
        4,
        &["no reply in time", "reply not finished in time"],
    ),
    fault("busy", 5, &["exception 06, server device busy"]),
    fault(
        "protocol",
        6,
        &["not Modbus: protocol id 0x1234 is not Modbus"],
    ),
    fault(
        "length",
        6,
        &["not Modbus: frame length 65535 is not within 2 to 254"],
    ),
    fault("unit", 6, &["unit 14 answered instead"]),
    fault("function", 6, &["reply to function 4 instead"]),
    fault("fewer", 6, &["reply does not fit the request"]),
    fault("count", 6, &["malformed reply: byte count 10 does not fit"]),
];

/// `ptk modbus read` with every fault, one request and several: the exit code, and one line that names the device and says what was wrong.
pub fn each(programs: &Programs) -> Result<(), String> {
    for Fault { name, code, says } in FAULTS {
        // After as many whole answers.
        for after in ["0", "2"] {
            let (_server, address) = programs.pymodbus_server(&[name, "-1", after])?;
            let address = address.to_string();
            // Milliseconds. Silence has to be waited for; nothing else is in a hurry.
            let patience = if code == 4 { "500" } else { "20000" };
            let command = ["modbus", "read", &address, "--unit", "1"];
            let mut words = command.to_vec();
            words.extend(["--timeout", patience]);
            // The third request, of 254 registers, is for 4.
            let points = if after == "0" { "4" } else { "254" };
            words.extend(["holding", "0", points]);
            let finished = finish(&mut programs.ptk(&words))?;
            let line = |says: &&str| finished.stderr == format!("ptk: {address}: {says}\n");
            let right = finished.status.code() == Some(code)
                && says.iter().any(line)
                && finished.stdout.is_empty();
            let expected = format!("exit code {code} and {says:?} of fault \"{name}\"");
            expect(right, &expected, &finished)?;
        }
    }
    Ok(())
}

/// Whether this is how a call must fail under the fault.
fn fits(fault: &str, failed: CallError) -> bool {
    match (fault, failed) {
        // Half a reply is silence, until the rest should have been there.
        ("silence" | "transaction", CallError::Failed(Failure::TimedOut)) => true,
        ("short", CallError::Failed(why)) => matches!(
            why,
            Failure::TimedOut | Failure::Disconnected(DisconnectReason::FrameTimeout)
        ),
        ("protocol" | "length", CallError::Failed(Failure::Disconnected(why))) => {
            matches!(why, DisconnectReason::Framing(_))
        }
        ("unit", CallError::Failed(Failure::WrongUnit { answered: 14 })) => true,
        ("function", CallError::Failed(Failure::WrongFunction { answered: 4 })) => true,
        ("fewer", CallError::Failed(Failure::Mismatch)) => true,
        ("count", CallError::Failed(Failure::Malformed(Error::ByteCount(_)))) => true,
        ("busy", CallError::Exception(ExceptionCode::ServerDeviceBusy)) => true,
        _ => false,
    }
}

/// The first answer has the fault. The call for it fails as it must, and later ones on the same client bring the right values.
pub fn goes_on(programs: &Programs) -> Result<(), String> {
    static SLOTS: IoSlots<8> = IoSlots::new();
    let driver = IoDriver::new(&SLOTS).map_err(|error| error.to_string())?;
    for Fault { name: fault, .. } in FAULTS {
        let (_server, address) = programs.pymodbus_server(&[fault, "1"])?;
        let config = Config {
            request_timeout: 20 * SECOND,
            frame_timeout: 200 * MILLISECOND,
            ..Config::DEFAULT
        };
        let client: Client = Client::new(address, config, 1);
        let story = async {
            let mut reply = [0; MAX_PDU];
            let read = Area::HoldingRegisters.read(10, 3);
            // Silence has to be waited for; no other call is in a hurry.
            let patience = match fault {
                "silence" | "transaction" => Duration::from_secs(2),
                _ => Duration::from_secs(20),
            };
            let failed = client.request_within(1, &read, &mut reply, patience).await;
            match failed {
                Err(failed) if fits(fault, failed) => {}
                other => return Err(format!("fault \"{fault}\": {other:?}")),
            }
            for first in 0..20_u16 {
                let mut values = [0; 3];
                let read = client.read_holding_registers(1, first, &mut values).await;
                let expected = [5 * first, 5 * first + 5, 5 * first + 10];
                if read.is_err() || values != expected {
                    return Err(format!("after fault \"{fault}\": {read:?}, {values:?}"));
                }
            }
            Ok(())
        };
        let ended = aio::block_on(driver, client.during(story));
        ended.map_err(|error| error.to_string())??;
        let statistics = client.statistics();
        let once = statistics.connections <= 2 && statistics.bad_replies <= 1;
        expect(once, "one fault", &format!("{fault}: {statistics:?}"))?;
    }
    Ok(())
}
