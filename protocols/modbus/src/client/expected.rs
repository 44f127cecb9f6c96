//! What a reply must look like to be one to a request.

use crate::codec::{Request, Response, SubFunction};

/// As much of a request as is needed to judge its reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Expected {
    pub function: u8,
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

    /// Whether `response` is one to the request; bits come back cut to the quantity that was asked for.
    pub(super) fn accept<'a>(&self, response: Response<'a>) -> Option<Response<'a>> {
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
