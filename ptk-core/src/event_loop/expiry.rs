//! [`Expiry`]: a timer's owner and code, as the timers' table keeps them.

/// What a timer hands back when it expires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Expiry {
    pub(crate) owner: u32,
    pub(crate) code: u16,
}

impl Expiry {
    pub(crate) const fn pack(self) -> u64 {
        (self.owner as u64) << 16 | self.code as u64
    }

    pub(crate) const fn unpack(payload: u64) -> Self {
        Self {
            owner: (payload >> 16) as u32,
            code: payload as u16,
        }
    }
}
