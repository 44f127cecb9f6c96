//! The async client and server over loopback: with each other, with the callback face, and with peers that misbehave.

mod calls;
mod connections;

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener as StdListener, TcpStream as StdStream};
use std::pin::{Pin, pin};
use std::task::Poll;
use std::thread;
use std::time::Duration;

use ptk_core::aio::net::{TcpListener, TcpStream};
use ptk_core::aio::{IoDriver, IoSlots, Notify, block_on};
use ptk_modbus::aio::{CallError, Client, Server};
use ptk_modbus::client::{self, Backoff, DisconnectReason, Failure};
use ptk_modbus::codec::{Error, ExceptionCode, Request, Response, limits::MAX_PDU};
use ptk_modbus::glue::Polled;
use ptk_modbus::poller::{Area, Group, Limits, Observer, Poller, Quality, Tag, Value};
use ptk_modbus::server::{self, CloseReason, Device, FullMap, OneUnit};
use ptk_modbus::value::{Kind, WordOrder};
use ptk_modbus::{MILLISECOND, SECOND};

const PATIENT: client::Config = client::Config {
    request_timeout: 60 * SECOND,
    connect_timeout: 60 * SECOND,
    backoff: Backoff {
        first: MILLISECOND,
        most: 10 * MILLISECOND,
        jitter_percent: 50,
    },
    ..client::Config::DEFAULT
};

type Map = &'static mut FullMap;

type Task<'t> = Pin<Box<dyn Future<Output = ()> + 't>>;

/// Runs all of them to their ends.
async fn all(mut tasks: Vec<Task<'_>>) {
    poll_fn(|cx| {
        tasks.retain_mut(|task| task.as_mut().poll(cx).is_pending());
        if tasks.is_empty() {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}

/// Runs `main` to its end with the others beside it.
async fn beside(main: impl Future<Output = ()>, others: Vec<Task<'_>>) {
    let mut main = pin!(main);
    let mut others = pin!(all(others));
    let mut over = false;
    poll_fn(|cx| {
        over = over || others.as_mut().poll(cx).is_ready();
        main.as_mut().poll(cx)
    })
    .await;
}

fn device() -> Box<Server<OneUnit<Map>>> {
    let map: Map = Box::leak(Box::new(FullMap::new()));
    for address in 0..=u16::MAX {
        map.set_holding_register(address, address);
    }
    let device = Device::new(OneUnit::new(1, map));
    Box::new(Server::new(device, server::Config::DEFAULT, 64))
}

/// `count` tasks that serve.
fn workers<'t, M: server::RegisterMap>(
    server: &'t Server<OneUnit<M>>,
    listener: &'t TcpListener,
    count: usize,
) -> Vec<Task<'t>> {
    (0..count)
        .map(|_| Box::pin(server.run(listener)) as Task<'_>)
        .collect()
}

async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a listener");
    let address = listener.local_addr().expect("its address");
    (listener, address)
}
