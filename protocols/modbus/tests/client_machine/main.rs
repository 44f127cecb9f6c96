//! The client machine, byte by byte: every fault that a server can show, deadlines, reconnecting, limits.

mod connection;
mod replies;
mod requests;

use ptk_modbus::client::{
    Action, Backoff, Client, Config, DisconnectReason, Event, Failure, Keepalive, RequestError,
};
use ptk_modbus::codec::{
    Bits, Error, ExceptionCode, Framing, FramingError, Registers, Request, Response, mbap, rtu,
};
use ptk_modbus::{MILLISECOND, SECOND};

const READ: Request<'static> = Request::ReadHoldingRegisters {
    address: 0,
    quantity: 2,
};
/// The right reply to [`READ`], but for its transaction id.
const VALUES: [u8; 6] = [3, 4, 0, 1, 0, 2];

fn reply(id: u16, unit: u8, pdu: &[u8]) -> Vec<u8> {
    let mut bytes = [0; mbap::MAX_FRAME];
    let length = mbap::encode(&mut bytes, id, unit, |out| {
        out[..pdu.len()].copy_from_slice(pdu);
        Ok(pdu.len())
    })
    .unwrap();
    bytes[..length].to_vec()
}

fn connected(config: Config) -> Client {
    let mut client: Client = Client::new(config, 1, 0);
    connect(&mut client, 0);
    client
}

fn connect(client: &mut Client, now: u64) {
    assert_eq!(client.poll_action(now), Some(Action::Connect));
    client.handle_connected(now);
    assert_eq!(client.poll_event(now), Some(Event::Connected));
}

/// Sends everything.
fn flush(client: &mut Client) -> Vec<u8> {
    let bytes = client.poll_transmit().to_vec();
    client.transmitted(bytes.len(), 0);
    bytes
}

fn good(token: u64) -> Option<Event<'static>> {
    let response = Response::ReadHoldingRegisters(Registers::from_words(&[1, 2]));
    Some(Event::Reply {
        token,
        unit: 1,
        response,
        requested: 0,
    })
}

fn failed(token: u64, failure: Failure) -> Option<Event<'static>> {
    Some(Event::Failed { token, failure })
}
