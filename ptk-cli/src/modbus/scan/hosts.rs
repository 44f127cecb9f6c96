//! Lists of hosts and unit ids, as the command line has them.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use crate::failure::{Code, Failure};
use crate::modbus::host::resolve;

/// The most addresses of one scan: a /16.
pub const MOST_HOSTS: usize = 65_536;

/// The addresses that a word means, in order.
pub fn hosts(word: &str, port: u16, out: &mut Vec<SocketAddr>) -> Result<(), Failure> {
    let (host, port) = match word.rsplit_once(':') {
        // More colons are an IPv6 address, which is no range.
        Some((host, own)) if !host.contains(':') => {
            let own = own
                .parse()
                .map_err(|_| Failure::usage(word, format!("{own:?} is not a port")))?;
            (host, own)
        }
        _ => (word, port),
    };
    let (first, last) = if let Some((base, bits)) = host.split_once('/') {
        network(base, bits)
            .ok_or_else(|| Failure::usage(word, "not a network such as 10.0.0.0/24 (/16 to /32)"))?
    } else if let Some(range) = range(host) {
        range.ok_or_else(|| Failure::usage(word, "not a range such as 10.0.0.1-20"))?
    } else {
        let address =
            resolve(word, port).map_err(|why| Failure::with(Code::NoConnection, word, why))?;
        out.push(address);
        return Ok(());
    };
    let count = (last - first) as usize + 1;
    if out.len() + count > MOST_HOSTS {
        return Err(Failure::usage(
            word,
            format!("more than {MOST_HOSTS} addresses"),
        ));
    }
    let addresses = (first..=last).map(|ip| IpAddr::from(Ipv4Addr::from_bits(ip)));
    out.extend(addresses.map(|ip| SocketAddr::new(ip, port)));
    Ok(())
}

/// `10.0.0.0/24`: all its hosts, without the network's own address and the broadcast where it has them.
fn network(base: &str, bits: &str) -> Option<(u32, u32)> {
    let base: Ipv4Addr = base.parse().ok()?;
    let bits: u32 = bits.parse().ok().filter(|bits| (16..=32).contains(bits))?;
    let mask = u32::MAX << (32 - bits).min(31);
    let mask = if bits == 32 { u32::MAX } else { mask };
    let (first, last) = (base.to_bits() & mask, base.to_bits() | !mask);
    Some(if bits < 31 {
        (first + 1, last - 1)
    } else {
        (first, last)
    })
}

/// `10.0.0.1-20` or `10.0.0.1-10.0.1.20`. The outer `None`: not meant as a range, for example a name with a hyphen.
fn range(text: &str) -> Option<Option<(u32, u32)>> {
    let (first, last) = text.split_once('-')?;
    let first: Ipv4Addr = first.parse().ok()?;
    let last = match last.parse::<u8>() {
        Ok(byte) => {
            let [a, b, c, _] = first.octets();
            Some(Ipv4Addr::new(a, b, c, byte))
        }
        Err(_) => last.parse().ok(),
    };
    let ends = last.map(|last| (first.to_bits(), last.to_bits()));
    Some(ends.filter(|(first, last)| first <= last && last - first < MOST_HOSTS as u32))
}

/// `1-10,17,255`: each once, in the order of the list.
pub fn units(text: &str) -> Result<Vec<u8>, Failure> {
    let wrong = |part: &str| {
        let why = format!("{part:?} is not a unit id or a range of them (0 to 255)");
        Failure::usage("--units", why)
    };
    let mut units = Vec::new();
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last): (u8, u8) = match (first.parse(), last.parse()) {
            (Ok(first), Ok(last)) if first <= last => (first, last),
            _ => return Err(wrong(part)),
        };
        for unit in first..=last {
            if !units.contains(&unit) {
                units.push(unit);
            }
        }
    }
    Ok(units)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(word: &str) -> Vec<String> {
        let mut out = Vec::new();
        hosts(word, 502, &mut out).expect("hosts");
        out.iter().map(SocketAddr::to_string).collect()
    }

    #[test]
    fn ranges_and_networks() {
        assert_eq!(all("10.0.0.7"), ["10.0.0.7:502"]);
        assert_eq!(all("10.0.0.7:1502"), ["10.0.0.7:1502"]);
        assert_eq!(all("[::1]:1502"), ["[::1]:1502"]);
        assert_eq!(all("::1"), ["[::1]:502"]);
        assert_eq!(all("10.0.0.254-255"), ["10.0.0.254:502", "10.0.0.255:502"]);
        assert_eq!(all("10.0.0.255-10.0.1.0:5"), ["10.0.0.255:5", "10.0.1.0:5"]);
        assert_eq!(all("10.0.0.9/30"), ["10.0.0.9:502", "10.0.0.10:502"]);
        assert_eq!(all("10.0.0.9/31"), ["10.0.0.8:502", "10.0.0.9:502"]);
        assert_eq!(all("10.0.0.9/32"), ["10.0.0.9:502"]);
        assert_eq!(all("10.0.0.0/24").len(), 254);
        assert_eq!(all("10.0.0.0/16").len(), 65_534);
    }

    #[test]
    fn what_is_neither_is_told() {
        for word in [
            "10.0.0.0/8",
            "10.0.0.0/33",
            "x/24",
            "10.0.0.9-5",
            "10.0.0.1-256",
            "10.0.0.1:port",
            "10.0.0.0-10.1.0.0",
        ] {
            let failure = hosts(word, 502, &mut Vec::new()).expect_err(word);
            assert_eq!(failure.code(), 2, "{word}");
        }
        let mut out = Vec::new();
        hosts("10.0.0.0/16", 502, &mut out).expect("a /16");
        assert!(hosts("10.1.0.0/24", 502, &mut out).is_err());
    }

    #[test]
    fn unit_ids() {
        assert_eq!(units("1-3,17,2,255").expect("units"), [1, 2, 3, 17, 255]);
        assert_eq!(units("0-255").expect("units").len(), 256);
        for text in ["", "256", "3-1", "a", "1,,2"] {
            assert!(units(text).is_err(), "{text}");
        }
    }
}
