//! State machines whose transition tables the compiler checks.
//!
//! Three things make a machine. An enum of states and one of events ([`symbols!`](crate::symbols)); a
//! chart with the rows ([`transitions!`](crate::transitions)); and a [`Machine`], which holds the current
//! state, the caller's data and a bounded queue.
//!
//! ```text
//!  symbols! ──► State, Event ─┐
//!                             ├─► transitions! ──► a Chart ──► Machine<Chart, QUEUE>
//!  guards, actions (plain fn) ┘   checked, indexed             handle(context, event) ──► Outcome
//! ```
//!
//! The state changes before the row's action runs. Events that an action [raises](Cx::raise) queue up and
//! are handled, in order, before [`handle`](Machine::handle) returns. An event without a row is
//! reported in the [`Outcome`] and by [`Chart::unhandled`]. The rows are compiled into one `match` over state and event:
//! finding one is a jump, and its action a direct call, or none where the compiler puts it in place.
//!
//! What actions reach the outside with is the chart's [`Context`](Chart::Context). Make it a trait object,
//! as here, and the machine runs on an event loop in life and against a recorder in a test:
//!
//! ```
//! use ptk_core::machine::{Cx, Machine};
//!
//! ptk_core::symbols! {
//!     pub enum State { Idle, Connecting, Online }
//!     pub enum Event { Connect, Writable, Readable, Tick, Closed }
//! }
//!
//! /// What the client asks of the outside.
//! pub trait Link {
//!     fn open(&mut self);
//!     fn send(&mut self, bytes: &[u8]);
//! }
//!
//! #[derive(Default)]
//! pub struct Client { received: u32 }
//!
//! ptk_core::transitions! {
//!     /// Connects, greets and counts what comes back; greets again on each tick.
//!     pub chart ClientChart {
//!         states: State, events: Event,
//!         data: Client,
//!         context<'a>: dyn Link + 'a,
//!         start: Idle;
//!
//!         table session {
//!             Idle       + Connect  / open  => Connecting;
//!             Connecting + Writable / greet => Online;
//!             Online     + Readable / count;
//!             Online     + Tick     / greet;
//!         }
//!         table common {
//!             * + Closed => Idle;
//!             * + Tick;
//!         }
//!     }
//! }
//!
//! fn open(_: &mut Client, cx: &mut Cx<'_, '_, ClientChart>, _: Event) {
//!     cx.context.open();
//! }
//!
//! fn greet(_: &mut Client, cx: &mut Cx<'_, '_, ClientChart>, _: Event) {
//!     cx.context.send(b"hello");
//! }
//!
//! fn count(client: &mut Client, _: &mut Cx<'_, '_, ClientChart>, _: Event) {
//!     client.received += 1;
//! }
//!
//! // A test stands in for the outside.
//! impl Link for Vec<Vec<u8>> {
//!     fn open(&mut self) {}
//!     fn send(&mut self, bytes: &[u8]) { self.push(bytes.to_vec()); }
//! }
//! let mut sent: Vec<Vec<u8>> = Vec::new();
//! let mut client = Machine::<ClientChart>::new(Client::default());
//! for event in [Event::Connect, Event::Writable, Event::Readable, Event::Tick] {
//!     assert!(client.handle(&mut sent, event).is_handled());
//! }
//! assert_eq!(client.state(), State::Online);
//! assert_eq!(client.data.received, 1);
//! assert_eq!(sent, [b"hello", b"hello"]);
//! assert!(!client.handle(&mut sent, Event::Writable).is_handled());
//! ```
//!
//! Charts that hand over to each other run in a [`Relay`]; a [`Trace`] sees each step; the feature `chart` draws a
//! chart for Mermaid or Graphviz.

mod check;
mod cx;
mod macros;
#[cfg(feature = "chart")]
mod picture;
mod queue;
mod relay;
mod run;
mod symbol;
mod table;
mod text;
mod trace;

#[doc(hidden)]
pub use check::{Blueprint, Names, check};
pub use cx::Cx;
#[cfg(feature = "chart")]
pub use picture::{graphviz, mermaid};
pub use queue::QueueFull;
pub use relay::{Receiver, Relay};
pub use run::{CHAIN_LIMIT, Machine, Outcome};
#[doc(hidden)]
pub use run::{Report, Step};
pub use symbol::Symbol;
#[doc(hidden)]
pub use symbol::span;
#[doc(hidden)]
pub use table::Shape;
pub use table::{Action, Chart, Guard, Label, Labels, Table};
#[doc(hidden)]
pub use text::Text;
pub use trace::{Trace, TraceWith, Untraced};

#[cfg(test)]
mod tests;
