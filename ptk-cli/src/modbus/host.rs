//! Devices by name and address.

use std::net::{IpAddr, SocketAddr, ToSocketAddrs};

/// The first address of `HOST` or `HOST:PORT`, where HOST is a name, an IPv4 address, or an IPv6 address in brackets (or without, if
/// there is no port). `port` counts where the text has none.
pub fn resolve(text: &str, port: u16) -> Result<SocketAddr, String> {
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    let inner = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    if let Ok(ip) = inner.unwrap_or(text).parse::<IpAddr>() {
        return Ok(SocketAddr::new(ip, port));
    }
    let found = if text.contains(':') {
        text.to_socket_addrs()
    } else {
        (text, port).to_socket_addrs()
    };
    let mut found = found.map_err(|error| error.to_string())?;
    found
        .next()
        .ok_or_else(|| "the name has no address".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_with_and_without_ports() {
        let shown = |text| resolve(text, 502).map(|address| address.to_string());
        assert_eq!(shown("10.0.0.7"), Ok("10.0.0.7:502".to_owned()));
        assert_eq!(shown("10.0.0.7:1502"), Ok("10.0.0.7:1502".to_owned()));
        assert_eq!(shown("::1"), Ok("[::1]:502".to_owned()));
        assert_eq!(shown("[::1]"), Ok("[::1]:502".to_owned()));
        assert_eq!(shown("[::1]:1502"), Ok("[::1]:1502".to_owned()));
        assert!(shown("127.0.0.1:99999").is_err());
    }
}
