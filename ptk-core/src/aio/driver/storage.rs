//! [`IoSlots`]: everything that a driver needs, lent by the caller in one `static`.

use kqueue_safe::{EventBuffer, Exclusive, PTK_MAX_KEVENTS};

use super::IoDriver;
use crate::aio::registration_info::{RegistrationInfo, SlotTable};
use crate::aio::waiters::Once;
use crate::timer::SleepSlots;

/// Room for a driver: `SOURCES` registrations, `TIMERS` sleeps, `EVENTS` events for each wait.
///
/// It belongs into a `static`; a driver is made from it by [`IoDriver::new`]. Capacities are visible here and nowhere else. A capacity of zero
/// does not compile.
///
/// ```
/// use ptk_core::aio::{IoDriver, IoSlots};
///
/// static SLOTS: IoSlots<1024> = IoSlots::new();
///
/// let driver = IoDriver::new(&SLOTS)?;
/// assert_eq!(driver.capacity(), 1024);
/// # Ok::<(), ptk_core::Error>(())
/// ```
pub struct IoSlots<
    const SOURCES: usize,
    const TIMERS: usize = 32,
    const EVENTS: usize = PTK_MAX_KEVENTS,
> {
    pub(super) registrations: [RegistrationInfo; SOURCES],
    pub(super) table: SlotTable,
    pub(super) timers: Exclusive<SleepSlots<TIMERS>>,
    pub(super) events: Exclusive<EventBuffer<EVENTS>>,
    pub(super) driver: Once<IoDriver>,
}

impl<const SOURCES: usize, const TIMERS: usize, const EVENTS: usize>
    IoSlots<SOURCES, TIMERS, EVENTS>
{
    /// Empty room.
    pub const fn new() -> Self {
        const {
            assert!(SOURCES > 0, "a driver needs room for at least one source");
            assert!(TIMERS > 0, "a driver needs room for at least one timer");
            assert!(EVENTS > 0, "a driver needs room for at least one event");
            assert!(
                SOURCES < super::FIRST_RESERVED as usize,
                "the slot's number does not fit beside the face's bit in half a pointer"
            );
        };
        Self {
            registrations: [const { RegistrationInfo::new() }; SOURCES],
            table: SlotTable::new(),
            timers: Exclusive::new(SleepSlots::new()),
            events: Exclusive::new(EventBuffer::new()),
            driver: Once::new(),
        }
    }
}

impl<const SOURCES: usize, const TIMERS: usize, const EVENTS: usize> Default
    for IoSlots<SOURCES, TIMERS, EVENTS>
{
    fn default() -> Self {
        Self::new()
    }
}
