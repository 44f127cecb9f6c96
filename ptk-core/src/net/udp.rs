//! UDP: [`UdpSocket`], its multicast groups, and the local address of what it receives.

mod arrival;
mod hops;
mod multicast;
mod socket;

pub use arrival::DatagramAt;
pub(super) use hops::{set_unicast_hops, unicast_hops};
pub use socket::{BindOptions, DatagramFrom, UdpSocket};
