//! [`Token`]: the integer that travels with a registration.

use core::fmt;

/// What a change gives to the kernel and every event brings back: a slot number and a generation, packed into one pointer-sized integer.
///
/// | pointer width | slot | generation |
/// |---|---|---|
/// | 64 bits | 32 bits (low) | 32 bits (high) |
/// | 32 bits | 16 bits (low) | 16 bits (high) |
///
/// A slot names a place in the caller's own table. The generation is what makes an old event harmless: when a place gets a new owner, its
/// generation grows, and an event that still carries the old one is recognised by comparing. The token is never a pointer and never a
/// bare descriptor; [`TokenTable`](crate::TokenTable) hands tokens out and takes them back.
///
/// ```
/// use kqueue_safe::Token;
///
/// let token = Token::new(3, 7);
/// assert_eq!((token.slot(), token.generation()), (3, 7));
/// assert_eq!(Token::from_raw(token.into_raw()), token);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[repr(transparent)]
pub struct Token(usize);

impl Token {
    /// How many bits the slot has: half of a pointer's.
    pub const SLOT_BITS: u32 = usize::BITS / 2;
    /// How many bits the generation has: the other half.
    pub const GENERATION_BITS: u32 = usize::BITS - Self::SLOT_BITS;
    /// The largest slot number.
    pub const MAX_SLOT: u32 = (usize::MAX >> Self::GENERATION_BITS) as u32;
    /// The largest generation; after it comes 0.
    pub const MAX_GENERATION: u32 = (usize::MAX >> Self::SLOT_BITS) as u32;

    /// Packs a slot and a generation, of which the low [`GENERATION_BITS`](Token::GENERATION_BITS) are kept.
    ///
    /// # Panics
    ///
    /// If `slot` is above [`MAX_SLOT`](Token::MAX_SLOT), which only happens where pointers have 32 bits.
    #[inline]
    pub const fn new(slot: u32, generation: u32) -> Self {
        assert!(
            slot & Self::MAX_SLOT == slot,
            "the slot does not fit into half a pointer"
        );
        Self(slot as usize | ((generation & Self::MAX_GENERATION) as usize) << Self::SLOT_BITS)
    }

    /// The slot.
    #[inline]
    pub const fn slot(self) -> u32 {
        (self.0 & Self::MAX_SLOT as usize) as u32
    }

    /// The generation.
    #[inline]
    pub const fn generation(self) -> u32 {
        (self.0 >> Self::SLOT_BITS) as u32
    }

    /// The same slot, one generation on.
    #[inline]
    pub const fn next_generation(self) -> Self {
        Self::new(self.slot(), self.generation().wrapping_add(1))
    }

    /// A token from an integer of the caller's own making.
    #[inline]
    pub const fn from_raw(raw: usize) -> Self {
        Self(raw)
    }

    /// The integer.
    #[inline]
    pub const fn into_raw(self) -> usize {
        self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({}.{})", self.slot(), self.generation())
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.slot(), self.generation())
    }
}
