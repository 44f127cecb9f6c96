//! The short way of a connection at rest: a segment of whole requests is served and answered without state, deadlines or the time.

use super::{Connection, Device, Units, batch};

impl<const INPUT: usize, const OUTPUT: usize> Connection<INPUT, OUTPUT> {
    /// Whether nothing waits: no byte in either direction, no deadline, no end, and bytes that come would be MBAP. A connection that is at rest
    /// before a segment and after its replies are sent has no use for the time between.
    #[inline]
    pub(crate) const fn is_at_rest(&self) -> bool {
        self.ordinary && self.input.is_unused() && self.output.is_unused()
    }

    /// Where received bytes go in a connection [at rest](Self::is_at_rest): never empty.
    #[inline]
    pub(crate) const fn rest_buffer(&mut self) -> &mut [u8; INPUT] {
        self.input.whole()
    }

    /// The first `count` bytes of [`rest_buffer`](Self::rest_buffer) were received: serves them. The replies, none if none are due; tell
    /// [`unsent`](Self::unsent) how many bytes of them there are if the socket does not take them all. `None` where there is more to do.
    #[inline(always)]
    pub(crate) fn serve_at_rest<U: Units>(
        &mut self,
        count: usize,
        device: &mut Device<U>,
    ) -> Option<&[u8]> {
        let input = self.input.whole().get(..count)?;
        let answered = batch::answer_all_mbap(&self.config, device, input, self.output.whole());
        if answered.taken == input.len() {
            return self.output.whole().get(..answered.written);
        }
        self.output.filled(answered.written);
        self.input.filled(count);
        self.input.consume(answered.taken);
        self.serve_untimed(device);
        None
    }

    /// All `count` bytes that [`serve_at_rest`](Self::serve_at_rest) gave are still to be sent: there is no rest.
    pub(crate) fn unsent(&mut self, count: usize) {
        self.output.filled(count);
    }
}
