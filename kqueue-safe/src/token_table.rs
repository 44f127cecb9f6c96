//! [`TokenTable`]: hands tokens out so that an old event never reaches a new owner.

use core::fmt;

use crate::{Full, Token};

/// One place of a [`TokenTable`].
#[derive(Clone, Copy, Debug)]
pub struct TokenSlot {
    generation: u32,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Never used, or the last of the free ones.
    Vacant,
    /// Free; the next free one follows.
    VacantBefore(u32),
    Taken,
}

impl TokenSlot {
    /// A place that nobody has: what the caller fills the storage with.
    pub const VACANT: Self = Self {
        generation: 0,
        state: State::Vacant,
    };
}

/// Tokens for as many owners as the caller lends places.
///
/// ```text
///            issue                       retire: the generation grows
///   vacant ─────────► taken, Token(slot.generation) ─────────────────► vacant
///                       │
///                       └─ resolve(token) ─► Some(slot)     an event with a retired token ─► None, counted
/// ```
///
/// A place that is taken again gives a token of another generation, so an event of the former owner that is still on its way (in a
/// buffer, in the kernel) is told apart: [`resolve`](TokenTable::resolve) knows it not, and counts it. A generation returns after 2^32 owners of
/// the same place (2^16 where pointers have 32 bits).
///
/// ```
/// use kqueue_safe::{TokenSlot, TokenTable};
///
/// let mut places = [TokenSlot::VACANT; 8];
/// let mut tokens = TokenTable::new(&mut places);
/// let first = tokens.issue()?;
/// assert_eq!(tokens.resolve(first), Some(0));
///
/// tokens.retire(first);
/// let second = tokens.issue()?;
/// assert_eq!(second.slot(), first.slot());
/// assert_eq!(tokens.resolve(first), None);
/// assert_eq!(tokens.stale_count(), 1);
/// # Ok::<(), kqueue_safe::Error>(())
/// ```
pub struct TokenTable<'s> {
    slots: &'s mut [TokenSlot],
    /// The first place of the list of those that were given back.
    free: Option<u32>,
    /// Places from here on were never taken.
    fresh: u32,
    taken: usize,
    stale: u64,
}

impl<'s> TokenTable<'s> {
    /// A table over storage that the caller lends. Whatever it held is forgotten, except the generations: tokens of an earlier table over
    /// the same storage stay stale. Places beyond [`Token::MAX_SLOT`] are not used.
    pub fn new(slots: &'s mut [TokenSlot]) -> Self {
        for slot in &mut *slots {
            if slot.state == State::Taken {
                slot.generation = next(slot.generation);
            }
            slot.state = State::Vacant;
        }
        Self {
            slots,
            free: None,
            fresh: 0,
            taken: 0,
            stale: 0,
        }
    }

    /// A token that is nobody else's.
    ///
    /// # Errors
    ///
    /// When every place is taken.
    pub fn issue(&mut self) -> Result<Token, Full<()>> {
        let number = match self.free {
            Some(number) => number,
            None => self.fresh,
        };
        if number & Token::MAX_SLOT != number {
            return Err(Full(()));
        }
        let slot = self.slots.get_mut(number as usize).ok_or(Full(()))?;
        if self.free.is_some() {
            self.free = match slot.state {
                State::VacantBefore(following) => Some(following),
                State::Vacant | State::Taken => None,
            };
        } else {
            self.fresh += 1;
        }
        slot.state = State::Taken;
        self.taken += 1;
        Ok(Token::new(number, slot.generation))
    }

    /// Takes a token back. `false` if it is not current: then nothing changes.
    pub fn retire(&mut self, token: Token) -> bool {
        if !self.is_current(token) {
            return false;
        }
        if let Some(slot) = self.slots.get_mut(token.slot() as usize) {
            slot.generation = next(slot.generation);
            slot.state = self.free.map_or(State::Vacant, State::VacantBefore);
            self.free = Some(token.slot());
            self.taken -= 1;
        }
        true
    }

    /// The place of a token's owner, if the token is current. One that is not is counted.
    #[inline]
    pub fn resolve(&mut self, token: Token) -> Option<usize> {
        if self.is_current(token) {
            Some(token.slot() as usize)
        } else {
            self.stale = self.stale.saturating_add(1);
            None
        }
    }

    /// Whether a token was issued and not yet taken back.
    #[inline]
    pub fn is_current(&self, token: Token) -> bool {
        self.slots
            .get(token.slot() as usize)
            .is_some_and(|slot| slot.state == State::Taken && slot.generation == token.generation())
    }

    /// How many tokens [`resolve`](TokenTable::resolve) did not know.
    #[inline]
    pub const fn stale_count(&self) -> u64 {
        self.stale
    }

    /// The number of places that are taken.
    #[inline]
    pub const fn len(&self) -> usize {
        self.taken
    }

    /// Whether none is.
    #[inline]
    pub const fn is_empty(&self) -> bool {
        self.taken == 0
    }

    /// The number of places.
    #[inline]
    pub const fn capacity(&self) -> usize {
        self.slots.len()
    }
}

const fn next(generation: u32) -> u32 {
    generation.wrapping_add(1) & Token::MAX_GENERATION
}

impl fmt::Debug for TokenTable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenTable")
            .field("taken", &self.taken)
            .field("capacity", &self.capacity())
            .field("stale", &self.stale)
            .finish_non_exhaustive()
    }
}
