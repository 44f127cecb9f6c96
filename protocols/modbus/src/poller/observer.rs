//! Who is told what a poller finds out.

use super::{Tag, Value};
use crate::client::Event;

/// Is told what a [`Poller`](crate::poller::Poller) finds out. Every method does nothing by default.
///
/// `now` is the time that was given to the poller. `()` is an observer that wants to know nothing.
#[allow(unused_variables)]
pub trait Observer {
    /// A tag was read. `tag` has its new state; `changed` says whether the value is another one, or the first.
    fn sampled(&mut self, tag: &Tag, value: Value<'_>, changed: bool, now: u64) {}

    /// A tag's quality is another one: [`Tag::quality`].
    fn quality_changed(&mut self, tag: &Tag, now: u64) {}

    /// A read was begun `nanoseconds` after it was due: what a histogram of the jitter wants.
    fn began(&mut self, nanoseconds: u64) {}

    /// A read was answered `nanoseconds` after it was begun.
    fn answered(&mut self, nanoseconds: u64) {}

    /// So many periods of a group passed without a read.
    fn missed(&mut self, periods: u64) {}

    /// An event of the client's that is not about the poller's reads.
    fn event(&mut self, event: &Event<'_>, now: u64) {}
}

impl Observer for () {}

impl<O: Observer + ?Sized> Observer for &mut O {
    fn sampled(&mut self, tag: &Tag, value: Value<'_>, changed: bool, now: u64) {
        (**self).sampled(tag, value, changed, now);
    }

    fn quality_changed(&mut self, tag: &Tag, now: u64) {
        (**self).quality_changed(tag, now);
    }

    fn began(&mut self, nanoseconds: u64) {
        (**self).began(nanoseconds);
    }

    fn answered(&mut self, nanoseconds: u64) {
        (**self).answered(nanoseconds);
    }

    fn missed(&mut self, periods: u64) {
        (**self).missed(periods);
    }

    fn event(&mut self, event: &Event<'_>, now: u64) {
        (**self).event(event, now);
    }
}
