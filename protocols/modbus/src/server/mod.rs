//! A Modbus server: what it serves, and one connection of it.
//!
//! ```text
//!            Connection                                   Device
//!  ┌──────────────────────────────────┐        ┌─────────────────────────────┐
//!  │ bytes ─► frames ─► requests ─────┼─ serve ┼─► Units ─► RegisterMap      │
//!  │ bytes ◄─ frames ◄─ replies ◄─────┼────────┼── diagnostics, statistics   │
//!  └──────────────────────────────────┘        └─────────────────────────────┘
//!    one for each TCP connection                 one, shared by all of them
//! ```
//!
//! - [`Connection`] is the machine: it takes bytes and time and gives bytes, deadlines and a reason to close.
//! - [`Device`] is what all connections serve: the units, and the counters of function 8.
//! - [`RegisterMap`] is what a unit can do. Three come ready-made: [`FullMap`] with every point there is,
//!   [`TableMap`] with ranges, access rights and a hook on writes, and any type of yours.
//! - [`Units`] says which unit ids there are: [`OneUnit`], [`AnyUnit`], [`UnitTable`].

mod batch;
mod close;
mod config;
mod connection;
mod device;
mod diagnostics;
mod full;
mod identification;
mod map;
mod respond;
#[cfg(feature = "event-loop")]
mod rest;
mod table;
mod units;

pub use close::CloseReason;
pub use config::{Config, UnitZero, UnknownUnit};
pub use connection::Connection;
pub use device::{Device, Statistics};
pub use diagnostics::Diagnostics;
pub use full::FullMap;
pub use identification::DeviceIdentification;
pub use map::RegisterMap;
pub use table::{Access, BitBlock, NoHook, OnWrite, RegisterBlock, TableMap, Write};
pub use units::{AnyUnit, OneUnit, UnitTable, Units};
