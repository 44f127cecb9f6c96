//! Lines for people: to `log`, `tracing` and `defmt`, each behind the feature of its name. Without them nothing is left of a report.
//!
//! Arguments are numbers and static text, which all three can print.

macro_rules! report {
    ($level:ident, $text:literal $(, $argument:expr)*) => {{
        #[cfg(feature = "log")]
        ::log::$level!(target: "ptk_core", $text $(, $argument)*);
        #[cfg(feature = "tracing")]
        ::tracing::$level!(target: "ptk_core", $text $(, $argument)*);
        #[cfg(feature = "defmt")]
        ::defmt::$level!($text $(, $argument)*);
        #[cfg(not(any(feature = "log", feature = "tracing", feature = "defmt")))]
        {
            $(let _ = &$argument;)*
        }
    }};
}
pub(super) use report;
