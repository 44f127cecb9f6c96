//! Client and server to `.await`: the machines of this crate on the toolkit's async driver, without the heap.
//!
//! ```text
//!  tasks ── request().await ──►┐                              ┌◄── Server::run, one task a connection
//!                              │ Client ◄─ run() ─► TcpStream ┊ TcpStream ◄─► Server::serve ─► server::Device
//!  tasks ◄── response ─────────┘   │                          ┊                  │
//!                                  ▼                          ┊                  ▼
//!                            client::Client                   ┊          server::Connection
//! ```
//!
//! The state machines are those that [`glue`](crate::glue) runs on the callback loop; here is only what moves bytes, time and results
//! between them, sockets and tasks. Everything belongs to one thread, as the tasks that use it do: embassy's executor in static storage
//! (`ptk_core::aio::embassy`), [`block_on`](ptk_core::aio::block_on), or any other executor's tasks that stay on their thread.
//! Feature `event-loop`, on by default.
//!
//! | name | what it is |
//! |---|---|
//! | [`Client`] | a connection to one device, kept up by itself; any number of tasks ask through it |
//! | [`CallError`] | why a call has no answer |
//! | [`Server`] | a device and its counters; a task for each connection serves it |
//!
//! ```
//! use ptk_core::aio::net::TcpListener;
//! use ptk_core::aio::{IoDriver, IoSlots, block_on};
//! use ptk_modbus::aio::{Client, Server};
//! use ptk_modbus::server::{Device, FullMap, OneUnit};
//! use ptk_modbus::{client, server};
//!
//! static SLOTS: IoSlots<8> = IoSlots::new();
//!
//! let server = Server::new(Device::new(OneUnit::new(1, FullMap::new())), server::Config::DEFAULT, 4);
//! block_on(IoDriver::new(&SLOTS)?, async {
//!     let listener = TcpListener::bind("127.0.0.1:0").await?;
//!     let client: Client = Client::new(listener.local_addr()?, client::Config::DEFAULT, 1);
//!     // A program with an executor would spawn a task for the server; here both run side by side.
//!     let session = client.during(async {
//!         client.write_register(1, 7, 1234).await.expect("written");
//!         let mut values = [0; 2];
//!         client.read_holding_registers(1, 6, &mut values).await.expect("read");
//!         assert_eq!(values, [0, 1234]);
//!     });
//!     server.during(&listener, session).await;
//!     Ok::<(), ptk_core::Error>(())
//! })??;
//! # Ok::<(), ptk_core::Error>(())
//! ```

mod alarm;
mod calls;
mod client;
mod first;
mod requests;
mod server;
mod standby;

pub use calls::CallError;
pub use client::Client;
pub use server::Server;
