//! What a reply must look like to be one to a request.

use super::Failure;
use crate::codec::{Registers, Request, Response, SubFunction, function};

/// As much of a request as is needed to judge its reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Expected {
    function: u8,
    shape: Shape,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// This many bits.
    Bits(u16),
    /// This many registers.
    Registers(u16),
    /// These words behind the function code.
    Echo(u16, u16),
    /// The same, three of them.
    LongEcho(u16, u16, u16),
    /// Diagnostics: this sub-function, and its data if it is to be repeated.
    Diagnostics(SubFunction, Option<u16>),
    /// Nothing that the request could tell.
    Any,
}

impl Expected {
    pub(super) fn new(request: &Request<'_>) -> Self {
        let shape = match *request {
            Request::ReadCoils { quantity, .. } | Request::ReadDiscreteInputs { quantity, .. } => {
                Shape::Bits(quantity)
            }
            Request::ReadHoldingRegisters { quantity, .. }
            | Request::ReadInputRegisters { quantity, .. } => Shape::Registers(quantity),
            Request::ReadWriteMultipleRegisters { read_quantity, .. } => {
                Shape::Registers(read_quantity)
            }
            Request::WriteSingleCoil { address, value } => Shape::Echo(address, value.into()),
            Request::WriteSingleRegister { address, value } => Shape::Echo(address, value),
            Request::WriteMultipleCoils { address, values } => {
                Shape::Echo(address, values.len() as u16)
            }
            Request::WriteMultipleRegisters { address, values } => {
                Shape::Echo(address, values.len() as u16)
            }
            Request::MaskWriteRegister {
                address,
                and_mask,
                or_mask,
            } => Shape::LongEcho(address, and_mask, or_mask),
            Request::Diagnostics { sub_function, data } => {
                let echoed = sub_function == SubFunction::ReturnQueryData;
                Shape::Diagnostics(sub_function, data.get(0).filter(|_| echoed))
            }
            _ => Shape::Any,
        };
        Self {
            function: request.function(),
            shape,
        }
    }

    /// The response in `pdu`, if it is one to the request, or an exception to it.
    pub(super) fn judge<'a>(&self, pdu: &'a [u8]) -> Result<Response<'a>, Failure> {
        if let Some(response) = self.registers(pdu) {
            return Ok(response);
        }
        self.judge_any(pdu)
    }

    /// The registers that were asked for with function 3 or 4, if these they are: most replies, found in one look.
    fn registers<'a>(&self, pdu: &'a [u8]) -> Option<Response<'a>> {
        let Shape::Registers(quantity) = self.shape else {
            return None;
        };
        let (&[code, bytes], values) = pdu.split_first_chunk()?;
        let length = usize::from(quantity) * 2;
        if code != self.function || usize::from(bytes) != length || values.len() != length {
            return None;
        }
        let values = Registers::from_even_bytes(values);
        match code {
            function::READ_HOLDING_REGISTERS => Some(Response::ReadHoldingRegisters(values)),
            function::READ_INPUT_REGISTERS => Some(Response::ReadInputRegisters(values)),
            _ => None,
        }
    }

    #[inline(never)]
    fn judge_any<'a>(&self, pdu: &'a [u8]) -> Result<Response<'a>, Failure> {
        let response = Response::decode(pdu).map_err(Failure::Malformed)?;
        if response.function() != self.function {
            let answered = response.function();
            return Err(Failure::WrongFunction { answered });
        }
        if let Response::Exception { .. } = response {
            // It fits whatever was asked.
            return Ok(response);
        }
        self.accept(response).ok_or(Failure::Mismatch)
    }

    /// Whether `response` is one to the request; bits come back cut to the quantity that was asked for.
    fn accept<'a>(&self, response: Response<'a>) -> Option<Response<'a>> {
        let fits = match (self.shape, response) {
            (Shape::Bits(quantity), Response::ReadCoils(bits)) => {
                let whole = bits.len() == usize::from(quantity).next_multiple_of(8);
                return whole
                    .then(|| bits.first(quantity.into()))?
                    .map(Response::ReadCoils);
            }
            (Shape::Bits(quantity), Response::ReadDiscreteInputs(bits)) => {
                let whole = bits.len() == usize::from(quantity).next_multiple_of(8);
                let bits = whole.then(|| bits.first(quantity.into()))?;
                return bits.map(Response::ReadDiscreteInputs);
            }
            (
                Shape::Registers(quantity),
                Response::ReadHoldingRegisters(values)
                | Response::ReadInputRegisters(values)
                | Response::ReadWriteMultipleRegisters(values),
            ) => values.len() == usize::from(quantity),
            (Shape::Echo(first, second), Response::WriteSingleCoil { address, value }) => {
                (address, u16::from(value)) == (first, second)
            }
            (Shape::Echo(first, second), Response::WriteSingleRegister { address, value }) => {
                (address, value) == (first, second)
            }
            (
                Shape::Echo(first, second),
                Response::WriteMultipleCoils { address, quantity }
                | Response::WriteMultipleRegisters { address, quantity },
            ) => (address, quantity) == (first, second),
            (
                Shape::LongEcho(first, second, third),
                Response::MaskWriteRegister {
                    address,
                    and_mask,
                    or_mask,
                },
            ) => (address, and_mask, or_mask) == (first, second, third),
            (Shape::Diagnostics(sub, word), Response::Diagnostics { sub_function, data }) => {
                sub == sub_function && (word.is_none() || data.get(0) == word)
            }
            (shape, _) => shape == Shape::Any,
        };
        fits.then_some(response)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Replies of all kinds to a request for registers, right and wrong.
    #[test]
    fn one_look_and_a_decoder_of_everything_say_the_same() {
        let requests = [
            Request::ReadHoldingRegisters {
                address: 0,
                quantity: 3,
            },
            Request::ReadInputRegisters {
                address: 0,
                quantity: 1,
            },
            Request::ReadInputRegisters {
                address: 0,
                quantity: 125,
            },
            Request::ReadCoils {
                address: 0,
                quantity: 17,
            },
            Request::ReadWriteMultipleRegisters {
                read_address: 0,
                read_quantity: 3,
                write_address: 0,
                values: Registers::from_words(&[1]),
            },
        ];
        let mut right = 0;
        for request in requests {
            let expected = Expected::new(&request);
            for code in [0, 1, 2, 3, 4, 5, 23, 0x83, 0x84, 0xFF] {
                for bytes in [0, 1, 2, 3, 5, 6, 7, 8, 250, 251] {
                    for length in [0, 1, 2, 3, 5, 6, 7, 8, 250, 251] {
                        let mut pdu = [9; 253];
                        pdu[..2].copy_from_slice(&[code, bytes]);
                        for pdu in [&pdu[..2 + length], &pdu[..length.min(2)]] {
                            let verdict = expected.judge(pdu);
                            assert_eq!(verdict, expected.judge_any(pdu), "{request:?} {pdu:?}");
                            right += u32::from(verdict.is_ok());
                        }
                    }
                }
            }
        }
        assert!(right > 0);
    }
}
