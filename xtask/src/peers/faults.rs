//! pymodbus's faults: `ptk modbus read` says what is wrong in one line and believes nothing; the library's client goes on and reads right.

use std::time::Duration;

use ptk_core::aio::{self, IoDriver, IoSlots};
use ptk_modbus::aio::{CallError, Client};
use ptk_modbus::client::{Config, DisconnectReason, Failure};
use ptk_modbus::codec::{ExceptionCode, limits::MAX_PDU};
use ptk_modbus::poller::Area;
use ptk_modbus::{MILLISECOND, SECOND};

use super::expect;
use super::programs::Programs;
use super::ptk::mistake;

const FAULTS: [&str; 7] = [
    "silence",
    "transaction",
    "protocol",
    "short",
    "length",
    "unit",
    "busy",
];

pub fn each(programs: &Programs) -> Result<(), String> {
    for fault in FAULTS {
        let (_server, address) = programs.pymodbus_server(&[fault])?;
        let address = address.to_string();
        let line = mistake(
            programs,
            &[
                "modbus", "read", &address, "--unit", "1", "holding", "0", "4",
            ],
        )
        .map_err(|why| format!("fault \"{fault}\": {why}"))?;
        if fault == "busy" {
            let known = line.contains("busy") || line.contains("06");
            expect(known, "exception 6, busy", &line)?;
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
        ("busy", CallError::Exception(ExceptionCode::ServerDeviceBusy)) => true,
        _ => false,
    }
}

/// The first answer has the fault. The call for it fails as it must, and later ones on the same client bring the right values.
pub fn goes_on(programs: &Programs) -> Result<(), String> {
    static SLOTS: IoSlots<8> = IoSlots::new();
    let driver = IoDriver::new(&SLOTS).map_err(|error| error.to_string())?;
    for fault in FAULTS {
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
