//! What to read next from one device, and what became of it.
//!
//! A [`Tag`] is a value that is read again and again with a period of its own. [`Poller::new`] sorts the tags and puts
//! neighbours into [`Group`]s that one request can read; from then on each group is due every period, with the phase
//! it began with, however late a read was.
//!
//! ```text
//!  tags ──new──► groups ──poll_request──► Client::request ──► device
//!                  ▲  due += period, always                      │
//!                  │                                             ▼
//!  Observer ◄── tags: value, quality, time ◄──handle_event── Client::poll_event
//! ```
//!
//! One poller and one [`Client`](crate::client::Client) serve one device, or one gateway with its units. Tags and groups
//! lie in the caller's memory. [`Poller::drive`] joins the two machines.
//!
//! ```
//! use ptk_modbus::poller::{Area, Group, Limits, Poller, Tag};
//! use ptk_modbus::value::Kind;
//! use ptk_modbus::{MILLISECOND, SECOND};
//!
//! let mut tags = [
//!     Tag::register(1, Area::HoldingRegisters, 12, Kind::F32, SECOND),
//!     Tag::register(1, Area::HoldingRegisters, 10, Kind::U16, SECOND),
//!     Tag::register(1, Area::HoldingRegisters, 11, Kind::I16, SECOND),
//!     Tag::bit(1, Area::Coils, 0, 100 * MILLISECOND),
//! ];
//! let mut groups = [Group::EMPTY; 4];
//! let poller = Poller::new(&mut tags, &mut groups, Limits::default(), 0).unwrap();
//! // One request reads registers 10 to 13, another one the coil.
//! assert_eq!(poller.groups().len(), 2);
//! assert_eq!(poller.groups()[1].quantity, 4);
//! ```

mod group;
mod machine;
mod observer;
mod plan;
mod split;
mod tag;

pub use group::Group;
pub use machine::{Poller, Read, Statistics, stagger};
pub use observer::Observer;
pub use plan::{Limits, PlanError};
pub use tag::{Area, Cause, Quality, Tag, Value};
