//! States and events: enums that can be counted, named, and turned into their code and back.

/// A state or an event: one of a closed set of names, each with a 16-bit code.
///
/// Implemented by [`symbols!`](crate::symbols). The code is what travels through the event loop; it is
/// the variant's discriminant.
pub trait Symbol: Copy + Eq + core::fmt::Debug + 'static {
    /// Each symbol, in the order of declaration.
    const ALL: &'static [Self];
    /// The symbols' names, in the order of [`ALL`](Self::ALL).
    const NAMES: &'static [&'static str];
    /// A type with a constant for each symbol, of the symbol's name: its code, as a pattern can have it.
    #[doc(hidden)]
    type Codes;
    /// The same in 32 bits, as [`Chart::step`](super::Chart) is given a state.
    #[doc(hidden)]
    type Words;
    /// The symbols' codes, in the order of [`ALL`](Self::ALL).
    const CODES: &'static [u16];
    /// The largest code + 1: the width of a table that is indexed by the code.
    const SPAN: usize;

    /// The symbol's code.
    fn code(self) -> u16;

    /// The symbol with that code.
    fn from_code(code: u16) -> Option<Self>;

    /// The symbol's name, as it is written in the program.
    fn name(self) -> &'static str {
        let index = Self::CODES.iter().position(|&code| code == self.code());
        index.map_or("?", |index| Self::NAMES[index])
    }
}

/// The largest code + 1. Codes above 65,534 are refused.
#[doc(hidden)]
pub const fn span(codes: &[u16]) -> usize {
    assert!(!codes.is_empty(), "an enum of symbols needs at least one");
    let mut span = 0;
    let mut index = 0;
    while index < codes.len() {
        assert!(codes[index] < u16::MAX, "a symbol's code is at most 65,534");
        if codes[index] as usize >= span {
            span = codes[index] as usize + 1;
        }
        index += 1;
    }
    span
}

/// Declares an enum of states or of events: a plain `enum`, for which it implements
/// [`machine::Symbol`](crate::machine::Symbol) and `From<..> for u16`.
///
/// Codes count from 0 in the order of declaration, or are given as in any enum; those of states lie below 1,024.
///
/// ```
/// use ptk_core::machine::Symbol;
///
/// ptk_core::symbols! {
///     /// What can happen to a valve.
///     pub enum Event { Open, Close, Jammed = 7 }
/// }
///
/// assert_eq!(u16::from(Event::Jammed), 7);
/// assert_eq!(Event::from_code(1), Some(Event::Close));
/// assert_eq!(Event::from_code(2), None);
/// assert_eq!(Event::Jammed.name(), "Jammed");
/// ```
#[macro_export]
macro_rules! symbols {
    ($(
        $(#[$meta:meta])*
        $visibility:vis enum $name:ident {
            $( $(#[$variant_meta:meta])* $variant:ident $(= $code:expr)? ),+ $(,)?
        }
    )+) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u16)]
        $visibility enum $name {
            $( $(#[$variant_meta])* #[allow(missing_docs)] $variant $(= $code)? ),+
        }

        const _: () = {
            #[allow(missing_docs, missing_debug_implementations)]
            pub struct __PtkCodes;
            #[allow(missing_docs, missing_debug_implementations)]
            pub struct __PtkWords;

            #[allow(missing_docs, non_upper_case_globals)]
            impl __PtkCodes {
                $( pub const $variant: u16 = $name::$variant as u16; )+
            }

            #[allow(missing_docs, non_upper_case_globals)]
            impl __PtkWords {
                $( pub const $variant: u32 = $name::$variant as u32; )+
            }

            impl $crate::machine::Symbol for $name {
                type Codes = __PtkCodes;
                type Words = __PtkWords;
                const ALL: &'static [Self] = &[$( Self::$variant ),+];
                const NAMES: &'static [&'static str] = &[$( ::core::stringify!($variant) ),+];
                const CODES: &'static [u16] = &[$( Self::$variant as u16 ),+];
                const SPAN: usize = $crate::machine::span(Self::CODES);

                #[inline(always)]
                fn code(self) -> u16 {
                    self as u16
                }

                #[inline(always)]
                #[allow(non_upper_case_globals)]
                fn from_code(code: u16) -> ::core::option::Option<Self> {
                    $( const $variant: u16 = $name::$variant as u16; )+
                    match code {
                        $( $variant => ::core::option::Option::Some(Self::$variant), )+
                        _ => ::core::option::Option::None,
                    }
                }
            }
        };

        impl ::core::convert::From<$name> for u16 {
            fn from(symbol: $name) -> u16 {
                symbol as u16
            }
        }
    )+};
}
