//! [`ToSocketAddr`]: what can be bound or connected to.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

use crate::error::{Error, Result};

/// Something that is an Internet address and a port, without asking anybody.
pub trait ToSocketAddr {
    /// The address.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for a text that is no literal address (`192.0.2.1:80`, `[2001:db8::1]:80`).
    fn to_socket_addr(&self) -> Result<SocketAddr>;
}

impl ToSocketAddr for str {
    fn to_socket_addr(&self) -> Result<SocketAddr> {
        self.parse().map_err(|_| Error::INVALID_INPUT)
    }
}

impl ToSocketAddr for (&str, u16) {
    fn to_socket_addr(&self) -> Result<SocketAddr> {
        let ip: IpAddr = self.0.parse().map_err(|_| Error::INVALID_INPUT)?;
        Ok(SocketAddr::new(ip, self.1))
    }
}

impl<T: ToSocketAddr + ?Sized> ToSocketAddr for &T {
    fn to_socket_addr(&self) -> Result<SocketAddr> {
        (**self).to_socket_addr()
    }
}

impl ToSocketAddr for crate::os::std::string::String {
    fn to_socket_addr(&self) -> Result<SocketAddr> {
        self.as_str().to_socket_addr()
    }
}

macro_rules! addresses {
    ($($type:ty),*) => {
        $(
            impl ToSocketAddr for $type {
                fn to_socket_addr(&self) -> Result<SocketAddr> {
                    Ok((*self).into())
                }
            }
        )*
    };
}

addresses!(
    SocketAddr,
    SocketAddrV4,
    SocketAddrV6,
    (IpAddr, u16),
    (Ipv4Addr, u16),
    (Ipv6Addr, u16)
);
