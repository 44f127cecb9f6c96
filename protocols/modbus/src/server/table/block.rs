//! Ranges in the caller's memory.

/// What peers may do with a range.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Access {
    /// Read and write.
    #[default]
    ReadWrite,
    /// Read only: a write is refused with exception 02.
    ReadOnly,
    /// Write only: a read is refused with exception 02.
    WriteOnly,
}

impl Access {
    #[inline]
    pub(super) const fn reads(self) -> bool {
        !matches!(self, Self::WriteOnly)
    }

    pub(super) const fn writes(self) -> bool {
        !matches!(self, Self::ReadOnly)
    }
}

/// A range of registers.
#[derive(Debug)]
pub struct RegisterBlock<'a> {
    /// The address of the first register.
    pub start: u16,
    /// The registers.
    pub values: &'a mut [u16],
    /// What peers may do with them. Input registers are never written.
    pub access: Access,
}

impl<'a> RegisterBlock<'a> {
    /// The registers `values`, the first of them at address `start`.
    pub const fn new(start: u16, values: &'a mut [u16], access: Access) -> Self {
        Self {
            start,
            values,
            access,
        }
    }
}

/// A range of coils or discrete inputs.
#[derive(Debug)]
pub struct BitBlock<'a> {
    /// The address of the first bit.
    pub start: u16,
    /// The bits.
    pub values: &'a mut [bool],
    /// What peers may do with them. Discrete inputs are never written.
    pub access: Access,
}

impl<'a> BitBlock<'a> {
    /// The bits `values`, the first of them at address `start`.
    pub const fn new(start: u16, values: &'a mut [bool], access: Access) -> Self {
        Self {
            start,
            values,
            access,
        }
    }
}
