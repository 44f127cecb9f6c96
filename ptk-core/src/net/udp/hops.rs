//! Hop limits of unicast packets, for sockets of either family.

use nix::sys::socket::{GetSockOpt, SetSockOpt};

use crate::net::address::{self, Family};
use crate::net::{options, transfer};
use crate::os::AsFd;
use crate::{Error, Result};

pub(in crate::net) fn unicast_hops(fd: &impl AsFd) -> Result<u32> {
    let hops = match family(fd)? {
        Family::V4 => options::IpTtl.get(fd)?,
        Family::V6 => options::Ipv6UnicastHops.get(fd)?,
    };
    Ok(u32::try_from(hops).unwrap_or(0))
}

pub(in crate::net) fn set_unicast_hops(fd: &impl AsFd, hops: u32) -> Result<()> {
    if !(1..=255).contains(&hops) {
        return Err(Error::INVALID_INPUT);
    }
    let hops = hops as i32;
    match family(fd)? {
        Family::V4 => Ok(options::IpTtl.set(fd, &hops)?),
        Family::V6 => Ok(options::Ipv6UnicastHops.set(fd, &hops)?),
    }
}

fn family(fd: &impl AsFd) -> Result<Family> {
    Ok(Family::of(&address::local(transfer::raw(fd))?))
}
