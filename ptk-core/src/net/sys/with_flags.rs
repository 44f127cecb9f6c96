//! Sockets on systems whose `socket` and `socketpair` take `SOCK_NONBLOCK | SOCK_CLOEXEC` and whose `send` takes `MSG_NOSIGNAL`: all
//! but macOS.

use nix::sys::socket::{
    AddressFamily, MsgFlags, SockFlag, SockType, socket as nix_socket, socketpair,
};

use crate::Result;
use crate::os::{AsFd, OwnedFd};

pub const SEND_FLAGS: MsgFlags = MsgFlags::MSG_NOSIGNAL;

const FLAGS: SockFlag = SockFlag::SOCK_NONBLOCK.union(SockFlag::SOCK_CLOEXEC);

pub fn socket(family: AddressFamily, kind: SockType) -> Result<OwnedFd> {
    Ok(nix_socket(family, kind, FLAGS, None)?)
}

pub fn pair(kind: SockType) -> Result<(OwnedFd, OwnedFd)> {
    Ok(socketpair(AddressFamily::Unix, kind, None, FLAGS)?)
}

/// Nothing to do: each send says `MSG_NOSIGNAL`.
pub fn quieten(_: &impl AsFd) -> Result<()> {
    Ok(())
}
