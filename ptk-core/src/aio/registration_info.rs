//! [`RegistrationInfo`]: one slot, and the table that hands slots out.

use core::fmt;

use super::access::AccessWord;
use super::readiness::{IoEventInterest, Ready};
use super::waiters::sync::{AtomicBool, AtomicU32, Ordering, const_unless_loom};
use super::waiters::{Gate, Lock};
use crate::os::OwnedFd;

/// What the driver and a registration share: the readiness word and the tasks that wait. One slot of the caller's storage.
///
/// ```text
///        take                    retire                 end of the batch that
///  free ───────► owned by one ───────────► retired ───── could still name it ───► free
///                registration   gate.close()
/// ```
#[repr(C)]
pub struct RegistrationInfo {
    // First, see there.
    #[doc(hidden)]
    pub gate: Gate,
    /// How many registrations share the slot: 2 for a stream that was split into owned halves.
    pub(crate) owners: AtomicU32,
    /// The next slot of the list that this one is in, + 1.
    next: AtomicU32,
    /// Whether the kernel has not been asked about writability yet: a stream asks when somebody first waits for it.
    pub(crate) unasked: AtomicBool,
    /// The registered descriptor of such a stream, when its owner has gone and the other one has not.
    pub(crate) parked: Lock<Parked>,
}

impl RegistrationInfo {
    const_unless_loom! {
        /// A free slot.
        pub fn new() -> Self {
            Self {
                gate: Gate::new(),
                owners: AtomicU32::new(0),
                unasked: AtomicBool::new(false),
                parked: Lock::new(Parked::Nothing),
                next: AtomicU32::new(0),
            }
        }
    }

    /// An event came: marks it, then wakes those whom it concerns. False if the event is of an old generation.
    #[inline]
    pub fn wake(&self, generation: u32, ready: Ready) -> bool {
        self.gate.wake(generation, ready, core::task::Waker::wake)
    }
}

/// A descriptor that was left in a slot. With a tag of its own: an `Option`'s nothing is -1, and slots without a bit set cost a program's file no room.
#[repr(u8)]
#[derive(Default)]
pub(crate) enum Parked {
    #[default]
    Nothing,
    Descriptor(OwnedFd),
}

impl Parked {
    /// What was left, if something was.
    pub(crate) fn take(&mut self) -> Option<OwnedFd> {
        match core::mem::take(self) {
            Self::Nothing => None,
            Self::Descriptor(fd) => Some(fd),
        }
    }
}

impl fmt::Debug for RegistrationInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = IoEventInterest::BOTH | IoEventInterest::PRIORITY;
        f.debug_struct("RegistrationInfo")
            .field("generation", &self.gate.generation())
            .field("ready", &self.gate.look(all).ready())
            .field("waiting", &self.gate.len())
            .finish_non_exhaustive()
    }
}

impl Default for RegistrationInfo {
    fn default() -> Self {
        Self::new()
    }
}

struct Lists {
    /// The first free slot + 1.
    free: u32,
    /// The first retired slot + 1.
    retired: u32,
    /// Slots that were ever used.
    touched: u32,
    used: u32,
    high_water: u32,
}

/// Which slots are free, and which may be soon.
pub struct SlotTable {
    lists: Lock<Lists>,
    /// Whether there are retired slots.
    retired: AtomicBool,
}

impl SlotTable {
    const_unless_loom! {
        /// A table whose slots are all free.
        pub fn new() -> Self {
            Self {
                lists: Lock::new(Lists {
                    free: 0,
                    retired: 0,
                    touched: 0,
                    used: 0,
                    high_water: 0,
                }),
                retired: AtomicBool::new(false),
            }
        }
    }

    /// A free slot and its generation.
    pub fn take(&self, slots: &[RegistrationInfo], ready: Ready) -> Option<(u32, u32)> {
        let index = self.lists.with(|lists| {
            let index = if lists.free != 0 {
                let index = lists.free - 1;
                lists.free = slots[index as usize].next.load(Ordering::Relaxed);
                index
            } else if (lists.touched as usize) < slots.len() {
                lists.touched += 1;
                lists.touched - 1
            } else {
                return None;
            };
            lists.used += 1;
            lists.high_water = lists.high_water.max(lists.used);
            Some(index)
        })?;
        let slot = &slots[index as usize];
        slot.owners.store(1, Ordering::Relaxed);
        Some((index, slot.gate.open(ready)))
    }

    /// The owner of a slot has gone and the kernel has forgotten it. The slot becomes free when no batch can name it any more: at once,
    /// if none is under way, as `batches` knows.
    pub fn retire(&self, slots: &[RegistrationInfo], index: u32, batches: &AccessWord) {
        let slot = &slots[index as usize];
        slot.gate.close();
        self.lists.with(|lists| {
            slot.next.store(lists.retired, Ordering::Relaxed);
            lists.retired = index + 1;
            self.retired.store(true, Ordering::Relaxed);
        });
        // Exchanges of one word come one after the other: either this one sees that no batch is under way, or the one that ends the batch
        // sees this one, and with it that there are retired slots.
        if !batches.is_in_batch() {
            self.release(slots, batches);
        }
    }

    /// The last event of a batch has been processed, and `batches` says so: what was retired becomes free, unless another has begun.
    #[inline(always)]
    pub fn after_batch(&self, slots: &[RegistrationInfo], batches: &AccessWord) {
        if self.retired.load(Ordering::Relaxed) {
            self.release(slots, batches);
        }
    }

    /// Whether slots wait for the end of a batch.
    #[inline(always)]
    pub fn has_retired(&self) -> bool {
        self.retired.load(Ordering::Relaxed)
    }

    #[cold]
    #[inline(never)]
    fn release(&self, slots: &[RegistrationInfo], batches: &AccessWord) {
        self.lists.with(|lists| {
            // Looked at again under the lock: another batch may have begun, and a slot retired during it must stay.
            if batches.is_in_batch() {
                return;
            }
            while lists.retired != 0 {
                let index = lists.retired;
                let next = &slots[index as usize - 1].next;
                lists.retired = next.load(Ordering::Relaxed);
                next.store(lists.free, Ordering::Relaxed);
                lists.free = index;
                lists.used -= 1;
            }
            self.retired.store(false, Ordering::Relaxed);
        });
    }

    /// Slots in use (retired ones too), and the most that ever were.
    pub fn usage(&self) -> (usize, usize) {
        self.lists
            .with(|lists| (lists.used as usize, lists.high_water as usize))
    }
}

impl Default for SlotTable {
    fn default() -> Self {
        Self::new()
    }
}
