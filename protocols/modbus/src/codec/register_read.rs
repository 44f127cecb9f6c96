//! The request that most are.

use super::{function, limits, request::range};

/// A request to read registers with nothing wrong in it, function 3 or 4: what [`Request::decode`](super::Request::decode) finds in most
/// requests, at a fraction of its price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RegisterRead {
    pub function: u8,
    pub address: u16,
    /// 1 to 125.
    pub quantity: u16,
}

impl RegisterRead {
    /// Decodes a PDU. `None` if it is another request, or one with something wrong in it: [`Request::decode`](super::Request::decode) tells which.
    #[inline]
    pub(crate) fn decode(pdu: &[u8]) -> Option<Self> {
        let &[function, first, second, third, fourth] = pdu else {
            return None;
        };
        if !matches!(
            function,
            function::READ_HOLDING_REGISTERS | function::READ_INPUT_REGISTERS
        ) {
            return None;
        }
        let address = u16::from_be_bytes([first, second]);
        let quantity = u16::from_be_bytes([third, fourth]);
        range(address, quantity.into(), limits::MAX_READ_REGISTERS).ok()?;
        Some(Self {
            function,
            address,
            quantity,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::RegisterRead;
    use crate::codec::Request;

    /// What the general decoder says, in this form.
    fn by_request(pdu: &[u8]) -> Option<RegisterRead> {
        let (address, quantity) = match Request::decode(pdu) {
            Ok(
                Request::ReadHoldingRegisters { address, quantity }
                | Request::ReadInputRegisters { address, quantity },
            ) => (address, quantity),
            _ => return None,
        };
        Some(RegisterRead {
            function: pdu[0],
            address,
            quantity,
        })
    }

    #[test]
    fn agrees_with_the_decoder_of_all_requests() {
        let mut found = 0;
        for function in 0..=255 {
            for address in [0_u16, 1, 0xFF, 0x100, 65410, 65411, 65412, 65535] {
                for quantity in [0_u16, 1, 10, 124, 125, 126, 127, 255, 256, 381, 65535] {
                    let [a, b] = address.to_be_bytes();
                    let [c, d] = quantity.to_be_bytes();
                    let whole = [function, a, b, c, d, 0];
                    for length in 0..=whole.len() {
                        let pdu = &whole[..length];
                        let read = RegisterRead::decode(pdu);
                        assert_eq!(read, by_request(pdu), "{pdu:?}");
                        found += u32::from(read.is_some());
                    }
                }
            }
        }
        assert!(found > 0);
    }
}
