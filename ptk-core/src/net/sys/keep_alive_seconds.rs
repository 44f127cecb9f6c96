//! Keep-alive times in seconds: `TCP_KEEPINTVL` and `TCP_KEEPCNT` as nix has them. The idle time's option is the system file's.

use nix::sys::socket::{SetSockOpt, sockopt};

use super::Idle;
use crate::Result;
use crate::net::KeepAlive;
use crate::os::AsFd;

pub fn set_keep_alive_times(fd: &impl AsFd, times: &KeepAlive) -> Result<()> {
    Idle.set(fd, &times.idle_seconds())?;
    sockopt::TcpKeepInterval.set(fd, &times.interval_seconds())?;
    Ok(sockopt::TcpKeepCount.set(fd, &times.count())?)
}
