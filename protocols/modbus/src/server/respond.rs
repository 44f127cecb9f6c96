//! From a request's PDU to the reply's, written in place.

use super::{Config, Device, RegisterMap, UnitZero, Units, UnknownUnit};
use crate::codec::{
    Bits, BitsMut, Error, ExceptionCode, Registers, RegistersMut, Request, Response, function,
    limits::{MAX_FIFO, MAX_LOG_EVENTS, MAX_PDU},
};
use crate::codec::{FileReads, FileWrites, RegisterRead, SubFunction, Writer};

/// Writes the PDU that answers `pdu` into `out` and returns its length, 0 for no answer.
#[inline(always)]
pub(super) fn answer<U: Units>(
    config: &Config,
    device: &mut Device<U>,
    unit: u8,
    pdu: &[u8],
    out: &mut [u8; MAX_PDU],
) -> usize {
    device.statistics.requests += 1;
    if unit == 0 && config.unit_zero == UnitZero::Broadcast {
        return spread(device, pdu, out);
    }
    if device.diagnostics.is_listen_only() {
        return answer_listening(config, device, unit, pdu, out);
    }
    let map = match device.units.unit(unit) {
        Some(map) => map,
        None => match device.units.direct() {
            Some(map) if is_direct(config, unit) => map,
            _ => return answer_without_map(config, device, is_direct(config, unit), pdu, out),
        },
    };
    let done = match RegisterRead::decode(pdu) {
        Some(read) => read_registers(map, read, out),
        None if is_of_traffic(pdu) => return answer_without_map(config, device, true, pdu, out),
        None => decode_and_execute(map, pdu, out),
    };
    // All at once: no map sees these counters.
    device.diagnostics.message(false);
    device.diagnostics.addressed();
    match done {
        Ok(length) => {
            device.diagnostics.completed();
            length
        }
        Err(why) => exception(device, pdu, why, out),
    }
}

/// Whether a request asks the device about its traffic.
fn is_of_traffic(pdu: &[u8]) -> bool {
    matches!(
        pdu.first(),
        Some(
            &(function::DIAGNOSTICS
                | function::GET_COMM_EVENT_COUNTER
                | function::GET_COMM_EVENT_LOG)
        )
    )
}

/// Reads registers: what most requests are made for.
#[inline]
fn read_registers<M: RegisterMap + ?Sized>(
    map: &mut M,
    read: RegisterRead,
    out: &mut [u8; MAX_PDU],
) -> Result<usize, ExceptionCode> {
    out[0] = read.function;
    registers(out, read.quantity, |values| {
        if read.function == function::READ_HOLDING_REGISTERS {
            map.read_holding_registers(read.address, values)
        } else {
            map.read_input_registers(read.address, values)
        }
    })
}

#[inline(never)]
fn decode_and_execute<M: RegisterMap + ?Sized>(
    map: &mut M,
    pdu: &[u8],
    out: &mut [u8; MAX_PDU],
) -> Result<usize, ExceptionCode> {
    let request = Request::decode(pdu).map_err(Error::exception)?;
    execute(map, &request, pdu, out)
}

#[cold]
#[inline(never)]
fn answer_listening<U: Units>(
    config: &Config,
    device: &mut Device<U>,
    unit: u8,
    pdu: &[u8],
    out: &mut [u8; MAX_PDU],
) -> usize {
    let known = device.units.unit(unit).is_some() || is_direct(config, unit);
    answer_without_map(config, device, known, pdu, out)
}

/// Answers what no map is asked for: a unit that is not `known`, the device's traffic, and anything in listen-only mode.
#[inline(never)]
fn answer_without_map<U>(
    config: &Config,
    device: &mut Device<U>,
    known: bool,
    pdu: &[u8],
    out: &mut [u8; MAX_PDU],
) -> usize {
    device.diagnostics.message(false);
    if !known {
        return match config.unknown_unit {
            UnknownUnit::Silent => unanswered(device),
            UnknownUnit::Exception(why) => exception(device, pdu, why, out),
        };
    }
    device.diagnostics.addressed();
    answer_by_itself(config, device, pdu, out)
}

/// Answers what needs no map: the functions that ask the device about its traffic. In listen-only mode the one that ends it.
#[inline(never)]
fn answer_by_itself<U>(
    config: &Config,
    device: &mut Device<U>,
    pdu: &[u8],
    out: &mut [u8; MAX_PDU],
) -> usize {
    let request = Request::decode(pdu);
    if device.diagnostics.is_listen_only() && !restarts(&request) {
        return unanswered(device);
    }
    let done = match request {
        Err(error) => Err(error.exception()),
        Ok(Request::Diagnostics { sub_function, data }) => {
            diagnostics(config, device, sub_function, data, pdu, out)
        }
        Ok(Request::GetCommEventCounter) => counter(device, out),
        Ok(Request::GetCommEventLog) => log(device, out),
        Ok(_) => Err(ExceptionCode::GatewayPathUnavailable),
    };
    match done {
        Ok(0) => unanswered(device),
        Ok(length) => {
            device.diagnostics.answered();
            length
        }
        Err(why) => exception(device, pdu, why, out),
    }
}

fn is_direct(config: &Config, unit: u8) -> bool {
    unit == 0 && config.unit_zero == UnitZero::Direct || unit == 255 && config.unit_255_is_direct
}

fn restarts(request: &Result<Request<'_>, Error>) -> bool {
    let sub_function = SubFunction::RestartCommunications;
    matches!(request, Ok(Request::Diagnostics { sub_function: sub, .. }) if *sub == sub_function)
}

fn unanswered<U>(device: &mut Device<U>) -> usize {
    device.statistics.unanswered += 1;
    device.diagnostics.not_answered();
    0
}

#[cold]
fn exception<U>(
    device: &mut Device<U>,
    pdu: &[u8],
    why: ExceptionCode,
    out: &mut [u8; MAX_PDU],
) -> usize {
    device.statistics.exceptions += 1;
    device.diagnostics.refused(why);
    out[0] = pdu.first().copied().unwrap_or_default() | function::EXCEPTION_BIT;
    out[1] = why.into();
    2
}

/// Does a broadcast, which nobody answers: a write on every unit (Serial §2.1: "broadcast requests are necessarily writing commands").
#[inline(never)]
fn spread<U: Units>(device: &mut Device<U>, pdu: &[u8], scratch: &mut [u8; MAX_PDU]) -> usize {
    device.diagnostics.message(true);
    if let Ok(request) = Request::decode(pdu)
        && request.is_write()
    {
        device.units.for_each(&mut |map| {
            // A unit that refuses has nobody to tell.
            let _ = execute(map, &request, &[], scratch);
        });
    }
    unanswered(device)
}

/// Repeats the first `count` bytes of the request.
#[inline]
fn echo(pdu: &[u8], count: usize, out: &mut [u8; MAX_PDU]) -> usize {
    let count = count.min(pdu.len());
    out[..count].copy_from_slice(&pdu[..count]);
    count
}

/// Has the map do what is asked and writes the reply. `pdu` is the request itself, for replies that repeat it.
#[inline]
fn execute<M: RegisterMap + ?Sized>(
    map: &mut M,
    request: &Request<'_>,
    pdu: &[u8],
    out: &mut [u8; MAX_PDU],
) -> Result<usize, ExceptionCode> {
    out[0] = request.function();
    match *request {
        Request::ReadHoldingRegisters { address, quantity } => registers(out, quantity, |values| {
            map.read_holding_registers(address, values)
        }),
        Request::ReadInputRegisters { address, quantity } => registers(out, quantity, |values| {
            map.read_input_registers(address, values)
        }),
        Request::ReadCoils { address, quantity } => {
            bits(out, quantity, |values| map.read_coils(address, values))
        }
        Request::ReadDiscreteInputs { address, quantity } => bits(out, quantity, |values| {
            map.read_discrete_inputs(address, values)
        }),
        Request::WriteSingleCoil { address, value } => {
            map.write_coils(address, Bits::from_bools(&[value]))?;
            Ok(echo(pdu, 5, out))
        }
        Request::WriteSingleRegister { address, value } => {
            map.write_holding_registers(address, Registers::from_words(&[value]))?;
            Ok(echo(pdu, 5, out))
        }
        Request::WriteMultipleCoils { address, values } => {
            map.write_coils(address, values)?;
            Ok(echo(pdu, 5, out))
        }
        Request::WriteMultipleRegisters { address, values } => {
            map.write_holding_registers(address, values)?;
            Ok(echo(pdu, 5, out))
        }
        _ => execute_rare(map, request, pdu, out),
    }
}

fn execute_rare<M: RegisterMap + ?Sized>(
    map: &mut M,
    request: &Request<'_>,
    pdu: &[u8],
    out: &mut [u8; MAX_PDU],
) -> Result<usize, ExceptionCode> {
    match *request {
        Request::MaskWriteRegister {
            address,
            and_mask,
            or_mask,
        } => {
            map.mask_write_register(address, and_mask, or_mask)?;
            Ok(echo(pdu, 7, out))
        }
        Request::ReadWriteMultipleRegisters {
            read_address,
            read_quantity,
            write_address,
            values,
        } => registers(out, read_quantity, |reply| {
            map.read_write_registers(read_address, reply, write_address, values)
        }),
        Request::ReadExceptionStatus => {
            out[1] = map.read_exception_status()?;
            Ok(2)
        }
        Request::ReportServerId => {
            let count = map.report_server_id(&mut out[2..])?.min(MAX_PDU - 2);
            out[1] = count as u8;
            Ok(2 + count)
        }
        Request::ReadFileRecord { records } => read_files(map, records, out),
        Request::WriteFileRecord { records } => write_files(map, records, pdu, out),
        Request::ReadFifoQueue { pointer } => {
            let mut bytes = [0; MAX_FIFO * 2];
            let count = map.read_fifo_queue(pointer, &mut RegistersMut::new(&mut bytes))?;
            let bytes = bytes
                .get(..count * 2)
                .ok_or(ExceptionCode::IllegalDataValue)?;
            let response = Response::ReadFifoQueue(Registers::from_even_bytes(bytes));
            response.encode(out).map_err(Error::exception)
        }
        Request::ReadDeviceIdentification { access, object } => {
            let identification = map.device_identification();
            identification
                .ok_or(ExceptionCode::IllegalFunction)?
                .reply(access, object, out)
        }
        Request::Custom { function, data } => {
            let count = map.custom(function, data, &mut out[1..])?;
            Ok(1 + count.min(MAX_PDU - 1))
        }
        // The rest is done before it comes here.
        _ => Err(ExceptionCode::IllegalFunction),
    }
}

/// A reply of registers behind a byte count.
#[inline]
fn registers(
    out: &mut [u8; MAX_PDU],
    quantity: u16,
    fill: impl FnOnce(&mut RegistersMut<'_>) -> Result<(), ExceptionCode>,
) -> Result<usize, ExceptionCode> {
    let bytes = usize::from(quantity) * 2;
    let values = out
        .get_mut(2..2 + bytes)
        .ok_or(ExceptionCode::IllegalDataValue)?;
    fill(&mut RegistersMut::new(values))?;
    out[1] = bytes as u8;
    Ok(2 + bytes)
}

/// A reply of bits behind a byte count.
fn bits(
    out: &mut [u8; MAX_PDU],
    quantity: u16,
    fill: impl FnOnce(&mut BitsMut<'_>) -> Result<(), ExceptionCode>,
) -> Result<usize, ExceptionCode> {
    let bytes = usize::from(quantity).div_ceil(8);
    let packed = out
        .get_mut(2..2 + bytes)
        .ok_or(ExceptionCode::IllegalDataValue)?;
    packed.fill(0);
    let mut values = BitsMut::new(packed, quantity.into());
    fill(&mut values)?;
    out[1] = bytes as u8;
    Ok(2 + bytes)
}

fn read_files<M: RegisterMap + ?Sized>(
    map: &mut M,
    records: FileReads<'_>,
    out: &mut [u8; MAX_PDU],
) -> Result<usize, ExceptionCode> {
    let mut writer = Writer::new(&mut out[2..]);
    for read in records.iter() {
        let bytes = usize::from(read.length) * 2;
        writer.byte(1 + bytes as u8).map_err(Error::exception)?;
        writer.byte(6).map_err(Error::exception)?;
        let values = writer.reserve(bytes).map_err(Error::exception)?;
        map.read_file_record(read.file, read.record, &mut RegistersMut::new(values))?;
    }
    let length = writer.length();
    out[1] = length as u8;
    Ok(2 + length)
}

fn write_files<M: RegisterMap + ?Sized>(
    map: &mut M,
    records: FileWrites<'_>,
    pdu: &[u8],
    out: &mut [u8; MAX_PDU],
) -> Result<usize, ExceptionCode> {
    for write in records.iter() {
        map.write_file_record(write.file, write.record, write.values)?;
    }
    Ok(echo(pdu, pdu.len(), out))
}

fn diagnostics<U>(
    config: &Config,
    device: &mut Device<U>,
    sub: SubFunction,
    data: Registers<'_>,
    pdu: &[u8],
    out: &mut [u8; MAX_PDU],
) -> Result<usize, ExceptionCode> {
    match device
        .diagnostics
        .handle(sub, data, config.allow_listen_only)?
    {
        None => Ok(0),
        Some(None) => Ok(echo(pdu, pdu.len(), out)),
        Some(Some(word)) => {
            let words = [word];
            let data = Registers::from_words(&words);
            Response::Diagnostics {
                sub_function: sub,
                data,
            }
            .encode(out)
            .map_err(Error::exception)
        }
    }
}

fn counter<U>(device: &Device<U>, out: &mut [u8; MAX_PDU]) -> Result<usize, ExceptionCode> {
    let response = Response::GetCommEventCounter {
        status: 0,
        events: device.diagnostics.events,
    };
    response.encode(out).map_err(Error::exception)
}

fn log<U>(device: &Device<U>, out: &mut [u8; MAX_PDU]) -> Result<usize, ExceptionCode> {
    let mut events = [0; MAX_LOG_EVENTS];
    let count = device.diagnostics.copy_log(&mut events);
    let response = Response::GetCommEventLog {
        status: 0,
        events: device.diagnostics.events,
        messages: device.diagnostics.bus_messages,
        log: &events[..count],
    };
    response.encode(out).map_err(Error::exception)
}
