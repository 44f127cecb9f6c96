//! The macro that reads like the state chart.

/// Declares a [`Chart`](crate::machine::Chart): a type without fields, whose table is checked and indexed
/// while compiling.
///
/// ```text
/// transitions! {
///     [pub] chart NAME {
///         states: ENUM, events: ENUM,            both made by symbols!
///         [data: TYPE,]                          what the machine remembers; () when left out
///         [context<'a>: TYPE,]                   what actions reach the outside with; () when left out
///         [unhandled: PATH,]                     called for an event without a row, as an action is
///         [coverage: exhaustive,]                refuse a state without a row for some event
///         start: STATE;
///
///         table [NAME] {                         several are tried in order: shared behaviour comes last
///             STATE + EVENT;                                       taken, and nothing is done
///             STATE + EVENT / ACTION;                              internal: the state stays
///             STATE + EVENT [GUARD] / ACTION => STATE;             only if the guard agrees
///             STATE | STATE + EVENT => STATE;                      one row for several states
///             * + EVENT / ACTION => STATE >> MACHINE;              in any state; another machine takes over
///         }
///         [entry { STATE / ACTION; }]
///         [exit { STATE / ACTION; }]
///     }
/// }
/// ```
///
/// Rows are tried from the top; put the event that comes most often into the first one, which is found with the fewest instructions. Guards are `fn(&Data, Event) -> bool`, actions are
/// `fn(&mut Data, &mut Cx<'_, '_, NAME>, Event)`; closures without captures will do for both. `MACHINE` is a
/// `u16` of the caller's choice, see [`Outcome::hand_over`](crate::machine::Outcome::hand_over).
///
/// # What does not compile
///
/// A row that is never taken, because an earlier one for the same state and event has no guard; a state that
/// no chain of transitions reaches from the start; with `coverage: exhaustive`, a state that has no
/// row without a guard for some event; two entry or exit actions of one state. The compiler's message
/// names the chart, the state and the event.
///
/// ```compile_fail
/// ptk_core::symbols! {
///     enum State { Off, On }
///     enum Event { Press }
/// }
/// ptk_core::transitions! {
///     chart Lamp {
///         states: State, events: Event, start: Off;
///         table {
///             Off + Press => On;
///             Off + Press => Off; // duplicate transition for state `Off` and event `Press`
///             On + Press => Off;
///         }
///     }
/// }
/// ```
///
/// See the [module](crate::machine) for a whole example.
#[macro_export]
macro_rules! transitions {
    (
        $(#[$meta:meta])*
        $visibility:vis chart $name:ident {
            states: $state:ty, events: $event:ty,
            $(data: $data:ty,)?
            $(context $(<$life:lifetime>)?: $context:ty,)?
            $(unhandled: $unhandled:path,)?
            $(coverage: $coverage:ident,)?
            start: $start:ident;
            $(table $($table:ident)? {$(
                $($from:tt)|+ + $on:ident $([$guard:expr])? $(/ $action:expr)?
                    $(=> $to:ident $(>> $machine:expr)?)?;
            )*})+
            $(entry {$( $entered:ident / $entry:expr; )*})?
            $(exit {$( $left:ident / $exit:expr; )*})?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug)]
        $visibility struct $name;

        const _: () = {
            const SHAPES: &[$crate::machine::Shape] = &[$($(
                $crate::machine::Shape {
                    from: $crate::__ptk_from!($state; $($from)+),
                    event: <$event>::$on as u16,
                    to: $crate::__ptk_option!($(<$state>::$to as u16)?),
                    guarded: $crate::__ptk_given!($($guard)?),
                },
            )*)+];

            const VERDICT: $crate::machine::Text = $crate::machine::check(&$crate::machine::Blueprint {
                chart: ::core::stringify!($name),
                states: $crate::machine::Names::of::<$state>(),
                events: $crate::machine::Names::of::<$event>(),
                start: <$state>::$start as u16,
                shapes: SHAPES,
                exhaustive: $crate::__ptk_exhaustive!($($coverage)?),
                entries: &[$($( <$state>::$entered as u16 ),*)?],
                exits: &[$($( <$state>::$left as u16 ),*)?],
            });
            const _: () = if !VERDICT.is_empty() {
                ::core::panic!("{}", VERDICT.as_str())
            };

            impl $crate::machine::Chart for $name {
                type State = $state;
                type Event = $event;
                type Data = $crate::__ptk_type!($($data)?);
                $crate::__ptk_context!{ $($(<$life>)? $context)? }

                const NAME: &'static str = ::core::stringify!($name);
                const START: $state = <$state>::$start;
                const START_CODE: u16 = <$state>::$start as u16;
                const TABLE: &'static $crate::machine::Table = &$crate::machine::Table {
                    shapes: SHAPES,
                };
                const LABELS: $crate::machine::Labels = $crate::machine::Labels {
                    rows: $crate::__ptk_labels!(
                        $( [$($table)?] {$( [$($guard)?] [$($action)?] [$($($machine)?)?] )*} )+
                    ),
                    entry: &[$($(
                        (<$state>::$entered as u16, ::core::stringify!($entry)),
                    )*)?],
                    exit: &[$($(
                        (<$state>::$left as u16, ::core::stringify!($exit)),
                    )*)?],
                };

                #[inline(always)]
                fn step<R: $crate::machine::Report<Self>, T: $crate::machine::Trace<Self>>(
                    step: &mut $crate::machine::Step<'_, '_, Self, R, T>,
                    word: u32,
                    code: u16,
                ) -> bool {
                    match (word, code) {
                        $($(
                            (
                                $crate::__ptk_pattern!($state; $($from)+),
                                <<$event as $crate::machine::Symbol>::Codes>::$on,
                            ) $(if step.agrees(<$event>::$on, $guard))? => {
                                // What the first row is about is the usual case: found by comparing, not through a table of jumps.
                                if <$event>::$on as u16 != SHAPES[0].event {
                                    ::core::hint::cold_path();
                                }
                                step.take(
                                    <$event>::$on,
                                    $crate::__ptk_option!($(<$state>::$to)?),
                                    $crate::__ptk_option!($($($machine)?)?),
                                    $crate::__ptk_option!($($action)?),
                                );
                            }
                        )*)+
                        _ => return false,
                    }
                    true
                }

                #[inline(always)]
                fn entry(
                    state: $state,
                ) -> ::core::option::Option<$crate::machine::Action<Self>> {
                    match state {
                        $($( <$state>::$entered => ::core::option::Option::Some($entry), )*)?
                        #[allow(unreachable_patterns)]
                        _ => ::core::option::Option::None,
                    }
                }

                #[inline(always)]
                fn exit(
                    state: $state,
                ) -> ::core::option::Option<$crate::machine::Action<Self>> {
                    match state {
                        $($( <$state>::$left => ::core::option::Option::Some($exit), )*)?
                        #[allow(unreachable_patterns)]
                        _ => ::core::option::Option::None,
                    }
                }

                $(
                    fn unhandled(
                        data: &mut Self::Data,
                        cx: &mut $crate::machine::Cx<'_, '_, Self>,
                        event: Self::Event,
                    ) {
                        $unhandled(data, cx, event);
                    }
                )?
            }
        };
    };
}

/// The codes of the states that a row is for; none for any.
#[doc(hidden)]
#[macro_export]
macro_rules! __ptk_from {
    ($state:ty; *) => { &[] };
    ($state:ty; $($from:ident)+) => { &[$( <$state>::$from as u16 ),+] };
}

/// The states that a row is for, as a pattern.
#[doc(hidden)]
#[macro_export]
macro_rules! __ptk_pattern {
    ($state:ty; *) => { 0..=0xffff };
    ($state:ty; $($from:ident)+) => { $( <<$state as $crate::machine::Symbol>::Words>::$from )|+ };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __ptk_option {
    () => {
        ::core::option::Option::None
    };
    ($value:expr) => {
        ::core::option::Option::Some($value)
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __ptk_given {
    () => {
        false
    };
    ($($anything:tt)+) => {
        true
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __ptk_exhaustive {
    () => {
        false
    };
    (exhaustive) => {
        true
    };
}

/// The names in the rows, one table after the other.
#[doc(hidden)]
#[macro_export]
macro_rules! __ptk_labels {
    ($( [$($table:ident)?] $rows:tt )+) => {
        $crate::__ptk_labels!(@ [] $( [$($table)?] $rows )+)
    };
    (@ [$($done:tt)*] $table:tt {$( $guard:tt $action:tt $machine:tt )*} $($more:tt)*) => {
        $crate::__ptk_labels!(@ [$($done)* $( $table $guard $action $machine )*] $($more)*)
    };
    (@ [$( [$($table:tt)?] [$($guard:expr)?] [$($action:expr)?] [$($machine:expr)?] )*]) => {
        &[$(
            $crate::machine::Label {
                table: ::core::concat!($(::core::stringify!($table))?),
                guard: ::core::concat!($(::core::stringify!($guard))?),
                action: ::core::concat!($(::core::stringify!($action))?),
                hand_over: ::core::concat!($(::core::stringify!($machine))?),
            },
        )*]
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __ptk_type {
    () => {
        ()
    };
    ($given:ty) => {
        $given
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __ptk_context {
    () => {
        type Context<'context> = ();
    };
    (<$life:lifetime> $given:ty) => {
        type Context<$life> = $given;
    };
    ($given:ty) => {
        type Context<'context> = $given;
    };
}
