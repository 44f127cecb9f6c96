//! The atomics and cells that loom can watch: loom's own under `--cfg loom`, `core`'s otherwise.

#[cfg(not(loom))]
pub use core::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicUsize, fence};
#[cfg(loom)]
pub use loom::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicUsize, fence};

pub use core::sync::atomic::Ordering;

/// `core::cell::UnsafeCell` with the calls of loom's.
#[cfg(not(loom))]
pub struct UnsafeCell<T: ?Sized>(core::cell::UnsafeCell<T>);

#[cfg(not(loom))]
impl<T> UnsafeCell<T> {
    pub const fn new(value: T) -> Self {
        Self(core::cell::UnsafeCell::new(value))
    }
}

#[cfg(not(loom))]
impl<T: ?Sized> UnsafeCell<T> {
    /// The place, for a look or a change; whether either is allowed is the caller's to know.
    #[inline(always)]
    pub fn with_mut<R>(&self, f: impl FnOnce(*mut T) -> R) -> R {
        f(self.0.get())
    }
}

#[cfg(loom)]
pub use loom::cell::UnsafeCell;

/// `const fn` where the atomics can be made in constants, `fn` under loom.
macro_rules! const_unless_loom {
    ($(#[$meta:meta])* $vis:vis fn $name:ident() -> $type:ty $body:block) => {
        $(#[$meta])*
        #[cfg(not(loom))]
        $vis const fn $name() -> $type $body

        $(#[$meta])*
        #[cfg(loom)]
        $vis fn $name() -> $type $body
    };
}
pub(crate) use const_unless_loom;

/// What a spinning thread does between two looks: a few pauses, then the rest of its time slice goes to the thread that it waits for.
#[cfg(not(loom))]
#[inline]
pub fn pause(turn: u32) {
    if turn < 64 {
        core::hint::spin_loop();
    } else {
        let _ = nix::sched::sched_yield();
    }
}

/// Where threads wait for a bit that another one holds for a handful of instructions: they spin. It has no state of its own.
///
/// In a model, which cannot follow a spin to its end, they sleep: whoever lets go of the bit does so under a mutex and wakes them.
pub struct Turnstile {
    #[cfg(loom)]
    waiting: (loom::sync::Mutex<()>, loom::sync::Condvar),
}

impl Turnstile {
    const_unless_loom! {
        /// Nobody waits.
        pub fn new() -> Self {
            Self {
                #[cfg(loom)]
                waiting: (loom::sync::Mutex::new(()), loom::sync::Condvar::new()),
            }
        }
    }

    /// Tries until it succeeds.
    #[cfg(not(loom))]
    pub fn wait_until(&self, mut succeeds: impl FnMut() -> bool) {
        let mut turn = 0;
        while !succeeds() {
            pause(turn);
            turn = turn.saturating_add(1);
        }
    }

    /// Tries until it succeeds.
    #[cfg(loom)]
    pub fn wait_until(&self, mut succeeds: impl FnMut() -> bool) {
        let mut guard = self.waiting.0.lock().unwrap();
        while !succeeds() {
            guard = self.waiting.1.wait(guard).unwrap();
        }
    }

    /// Lets go of the bit.
    #[inline(always)]
    pub fn pass(&self, let_go: impl FnOnce()) {
        #[cfg(loom)]
        let _guard = self.waiting.0.lock().unwrap();
        let_go();
        #[cfg(loom)]
        self.waiting.1.notify_all();
    }
}

/// A load that comes after this thread's last exchange in the one order that all threads agree on: with it, of two threads that each change one word and
/// then look at the other's, at least one sees the other.
///
/// That is what `SeqCst` says. Loom does not model the order of `SeqCst` loads, only that of exchanges of one word, so it is given an exchange.
#[inline]
pub fn load_after_exchange(word: &AtomicUsize) -> usize {
    #[cfg(not(loom))]
    return word.load(Ordering::SeqCst);
    #[cfg(loom)]
    return word.fetch_or(0, Ordering::SeqCst);
}
