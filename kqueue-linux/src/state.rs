//! What a kqueue knows, under its lock: descriptors, notes, the ready list, the timers' heap.

use libc::c_int;

use crate::heap::Heap;
use crate::hot::HotTable;
use crate::node::{self, Node, Nodes};
use crate::note::{self, NONE, Note, Notes};
use crate::sys::{self, Errno};

/// The clock of relative timers.
pub(crate) const CLOCK: libc::clockid_t = libc::CLOCK_MONOTONIC;

/// What an epoll entry's `data` says: in the low half a kind in the two highest bits and a generation below, in the high half an index. (In this order, because on x86-64 the
/// kernel's event is packed: what it tells, kind and generation are eight bytes that lie together, and a waiter compares them at once.)
pub(crate) mod tag {
    /// A descriptor: the index is its number.
    pub(crate) const NODE: u64 = 0;
    /// A note with a descriptor of its own (pidfd, signalfd).
    pub(crate) const NOTE: u64 = 1 << 30;
    /// One of the kqueue's own descriptors.
    pub(crate) const OWN: u64 = 2 << 30;
    /// The bits of a kind.
    pub(crate) const KIND: u64 = 3 << 30;
    /// The process-wide descriptor that is always readable: the ready list wants attention.
    pub(crate) const KICK: u64 = OWN;
    /// The timers' descriptor.
    pub(crate) const TIMER: u64 = OWN | 1;
    /// The inotify descriptor.
    pub(crate) const FILES: u64 = OWN | 2;
    /// The index does not fit 16 bits. (A waiter looks at 16 bits of it and at this one, instead of comparing.)
    const HIGH: u64 = 1 << 29;
    /// Bits of a generation.
    pub(crate) const GENERATION: u32 = (1 << 29) - 1;

    /// The whole word.
    #[inline(always)]
    pub(crate) const fn word(kind: u64, generation: u32, index: u32) -> u64 {
        let high = if index >> 16 != 0 { HIGH } else { 0 };
        (index as u64) << 32 | kind | high | (generation & GENERATION) as u64
    }

    /// Generation and index.
    #[inline(always)]
    pub(crate) const fn unpack(word: u64) -> (u32, u32) {
        (word as u32 & GENERATION, (word >> 32) as u32)
    }
}

/// Something on the ready list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Item {
    Side(u32, usize),
    Note(u32),
}

impl Item {
    const fn pack(self) -> u32 {
        match self {
            Item::Side(fd, side) => fd << 2 | side as u32,
            Item::Note(index) => index << 2 | 2,
        }
    }
    const fn unpack(word: u32) -> Self {
        if word & 2 != 0 {
            Item::Note(word >> 2)
        } else {
            Item::Side(word >> 2, (word & 1) as usize)
        }
    }
}

/// First in, first out; linked through the items themselves.
pub(crate) struct ReadyList {
    /// Valid when `length` is not 0.
    head: u32,
    tail: u32,
    pub(crate) length: u32,
}

/// Everything under the lock. All zero, then [`State::start`], is a new kqueue.
pub(crate) struct State {
    pub(crate) nodes: Nodes,
    /// Where plain registrations are published.
    hot: Option<&'static HotTable>,
    /// Where the generations of this kqueue's descriptors begin: events of the kqueue that had this memory before do not match.
    first_generation: u32,
    /// Which of the kqueues that had this memory.
    pub(crate) serial: u32,
    pub(crate) notes: Notes,
    pub(crate) ready: ReadyList,
    pub(crate) heap: Heap,
    /// The timers' descriptor, -1 before the first timer.
    pub(crate) timer_fd: c_int,
    /// The inotify descriptor, -1 before the first file.
    pub(crate) files_fd: c_int,
    /// When the timers' descriptor will fire; `u64::MAX` for never.
    pub(crate) timer_armed: u64,
    /// First note of each inotify watch bucket, plus one; null before the first file.
    pub(crate) watches: *mut u32,
    /// Notes that are looked at in each call ([`note::POLLED`]).
    pub(crate) polled: u32,
    /// EMPTY registrations, for which nothing wakes a waiter.
    pub(crate) empties: u32,
    /// The kick is armed in the epoll.
    pub(crate) kicked: bool,
    /// The ready list, the timers or the polled notes changed: look before the lock is given back.
    pub(crate) dirty: bool,
    /// The last call filled its room with what epoll told, and the ready list had to wait: it comes first in the next one.
    pub(crate) list_first: bool,
    /// Another kqueue watches this one.
    pub(crate) nested: bool,
    /// A registration may wake a waiter without an event for it, now or later.
    pub(crate) fussy: bool,
    /// The highest descriptor that ever had an interest.
    pub(crate) highest_fd: u32,
    /// Epoll tells about files that cannot be named ([`crate::zombie`]).
    pub(crate) zombies: bool,
    /// Registrations that may do so as long as they are there.
    pub(crate) fussy_sides: u32,
    /// Numbers the calls, so that nothing is delivered twice in one.
    pub(crate) call: u32,
    /// Grows with each thing that becomes ready: an outer kqueue with CLEAR looks at it.
    pub(crate) activity: u32,
}

impl State {
    /// Makes zeroed memory a new kqueue.
    pub(crate) fn start(&mut self, hot: &'static HotTable, serial: u32) {
        self.hot = Some(hot);
        self.first_generation = (serial << 12 | 1) & tag::GENERATION;
        self.serial = serial;
        (self.timer_fd, self.files_fd, self.timer_armed) = (-1, -1, u64::MAX);
        (self.kicked, self.dirty, self.list_first, self.fussy) = (false, false, false, false);
        (self.nested, self.fussy_sides) = (false, 0);
        (self.zombies, self.highest_fd) = (false, 0);
        (self.polled, self.empties, self.ready.length, self.activity) = (0, 0, 0, 0);
    }

    /// The descriptor's node, when it was ever registered.
    #[inline(always)]
    pub(crate) fn node(&mut self, fd: u32) -> Option<Node<'_>> {
        self.nodes.get(fd)
    }

    /// Puts something at the end of the ready list, once.
    pub(crate) fn link(&mut self, item: Item) {
        let word = item.pack();
        match item {
            Item::Side(fd, side) => match self.nodes.get(fd) {
                Some(node) if node.sides[side].status & node::LINKED == 0 => {
                    node.sides[side].status |= node::LINKED
                }
                _ => return,
            },
            Item::Note(index) => match self.notes.at(index) {
                Some(note) if note.status & note::LINKED == 0 => note.status |= note::LINKED,
                _ => return,
            },
        }
        if self.ready.length == 0 {
            self.ready.head = word;
        } else {
            match Item::unpack(self.ready.tail) {
                Item::Side(fd, side) => {
                    if let Some(node) = self.nodes.get(fd) {
                        node.sides[side].next = word;
                    }
                }
                Item::Note(index) => {
                    if let Some(note) = self.notes.at(index) {
                        note.next = word;
                    }
                }
            }
        }
        self.ready.tail = word;
        self.ready.length += 1;
        self.dirty = true;
        self.activity = self.activity.wrapping_add(1);
    }

    /// Takes the first off the ready list.
    pub(crate) fn pop(&mut self) -> Option<Item> {
        if self.ready.length == 0 {
            return None;
        }
        let item = Item::unpack(self.ready.head);
        self.ready.length -= 1;
        self.dirty = true;
        match item {
            Item::Side(fd, side) => {
                let side = &mut self.nodes.get(fd)?.sides[side];
                side.status &= !node::LINKED;
                self.ready.head = side.next;
            }
            Item::Note(index) => {
                let note = self.notes.at(index)?;
                note.status &= !note::LINKED;
                self.ready.head = note.next;
                if note.status & note::DEAD != 0 {
                    self.notes.free(index);
                }
            }
        }
        Some(item)
    }

    /// Forgets a descriptor whose number has been closed, or closed and used again. The generation makes late events of the old file harmless.
    pub(crate) fn purge(&mut self, fd: u32) {
        let Some(mut node) = self.nodes.get(fd) else {
            return;
        };
        for side in &mut node.sides {
            side.clear();
        }
        node.generation = node.generation.wrapping_add(1) & tag::GENERATION;
        node.set_armed(0);
        node.quirks = 0;
        let watch = core::mem::take(&mut node.aux);
        if node.kind == node::Kind::File && watch != 0 {
            crate::filter::file::forget(self, watch - 1);
        }
        if let Some(mut node) = self.nodes.get(fd) {
            node.kind = node::Kind::Unknown;
        }
        self.publish(fd);
    }

    /// Brings the kernel's interest in a descriptor up to date. `force` asks even when the events are the same, which makes epoll look again (edges)
    /// and proves that the number still is the registered file. `ENOENT` or `EBADF` when it is not: then it has been forgotten.
    pub(crate) fn arm(&mut self, epfd: c_int, fd: u32, force: bool) -> Result<(), Errno> {
        let first = self.first_generation;
        let Some(mut node) = self.nodes.get(fd) else {
            return Err(libc::ENOENT);
        };
        let events = node.wanted();
        if node.armed() == events && !force {
            return Ok(());
        }
        if node.generation == 0 {
            node.generation = first;
        }
        let word = tag::word(tag::NODE, node.generation, fd);
        let result = if node.armed() == 0 {
            // EEXIST: a registration from before, that could not be removed then.
            sys::epoll_ctl(epfd, libc::EPOLL_CTL_ADD, fd as c_int, events, word).or_else(|errno| {
                match errno {
                    libc::EEXIST => {
                        sys::epoll_ctl(epfd, libc::EPOLL_CTL_MOD, fd as c_int, events, word)
                    }
                    _ => Err(errno),
                }
            })
        } else {
            sys::epoll_ctl(epfd, libc::EPOLL_CTL_MOD, fd as c_int, events, word)
        };
        match result {
            Ok(()) => {
                node.set_armed(events);
                self.highest_fd = self.highest_fd.max(fd);
                self.publish(fd);
                Ok(())
            }
            Err(errno @ (libc::ENOENT | libc::EBADF)) if node.armed() != 0 => {
                self.purge(fd);
                Err(errno)
            }
            Err(errno) => Err(errno),
        }
    }

    /// Publishes a descriptor's registrations as far as they are plain, and takes them back when they are not. Called after every change of them.
    pub(crate) fn publish(&mut self, fd: u32) {
        let (Some(hot), Some(node)) = (self.hot, self.nodes.get(fd)) else {
            return;
        };
        let word = tag::word(tag::NODE, node.generation, fd);
        for (at, side) in node.sides.iter().enumerate() {
            let armed = node.armed() & node::INTEREST[at] == node::INTEREST[at]
                && node.is_edge_triggered() == side.is_clear();
            if armed && side.status & (node::FAST | node::LINKED) == node::FAST {
                hot.publish(word, at, side.flags, side.udata);
            } else {
                hot.withdraw(fd, at);
            }
        }
        for side in [node::READ, node::WRITE] {
            self.fussy |= node.may_wake_for_nothing(side);
            let status = &mut node.sides[side].status;
            let count = *status & (node::USED | node::FAST) == node::USED;
            if count != (*status & node::COUNTED != 0) {
                *status ^= node::COUNTED;
                if count {
                    self.fussy_sides += 1;
                } else {
                    self.fussy_sides -= 1;
                }
            }
        }
    }

    /// Takes the descriptor out of the epoll. `ENOENT` or `EBADF` when the number is not the registered file any more.
    pub(crate) fn disarm(&mut self, epfd: c_int, fd: u32) -> Result<(), Errno> {
        let Some(node) = self.nodes.get(fd) else {
            return Err(libc::ENOENT);
        };
        if node.armed() == 0 {
            return Ok(());
        }
        let result = sys::epoll_ctl(epfd, libc::EPOLL_CTL_DEL, fd as c_int, 0, 0);
        self.purge(fd);
        result
    }

    /// Makes the kernel's side agree with the tables: the kick is armed while something is ready, the timers' descriptor is set for the earliest
    /// deadline. Called before the lock is given back, when [`State::dirty`].
    #[cold]
    pub(crate) fn settle(&mut self, epfd: c_int) -> Result<(), Errno> {
        self.dirty = false;
        let mut result = Ok(());
        if let Some(earliest) = self.heap.earliest()
            && earliest < self.timer_armed
            && self.timer_fd >= 0
        {
            match sys::timerfd_set(self.timer_fd, earliest) {
                Ok(()) => self.timer_armed = earliest,
                Err(errno) => result = Err(errno),
            }
        }
        let want = self.ready.length != 0;
        if want != self.kicked {
            match crate::kick::set(epfd, self.serial, want, self.nested) {
                Ok(()) => self.kicked = want,
                Err(errno) => result = Err(errno),
            }
        }
        result
    }

    /// Must [`State::settle`] be called even though the same call goes on to wait? Not for the kick: that call collects what is ready itself.
    pub(crate) fn needs_settling(&mut self) -> bool {
        self.heap
            .earliest()
            .is_some_and(|earliest| earliest < self.timer_armed)
    }

    /// The note of an index, copied.
    pub(crate) fn note(&mut self, index: u32) -> Option<Note> {
        self.notes.at(index).copied()
    }

    /// Takes a note off the list of what is looked at in each call. (Lists are short: files and EMPTY registrations.)
    pub(crate) fn unpoll(&mut self, index: u32) {
        let Some(gone) = self.note(index) else { return };
        if gone.status & note::POLLED == 0 {
            return;
        }
        if self.polled == index + 1 {
            self.polled = gone.place;
        } else {
            let mut link = self.polled;
            while link != 0 {
                let Some(before) = self.notes.at(link - 1) else {
                    break;
                };
                if before.place == index + 1 {
                    before.place = gone.place;
                    break;
                }
                link = before.place;
            }
        }
        if let Some(note) = self.notes.at(index) {
            note.status &= !note::POLLED;
            note.place = 0;
        }
    }

    /// Puts a note on that list.
    pub(crate) fn poll(&mut self, index: u32) {
        let first = self.polled;
        if let Some(note) = self.notes.at(index)
            && note.status & note::POLLED == 0
        {
            note.status |= note::POLLED;
            note.place = first;
            self.polled = index + 1;
            self.fussy = true;
        }
    }

    /// Gives all memory and all own descriptors back.
    pub(crate) fn tear_down(&mut self) {
        self.notes.for_each(|note| match note.filter {
            crate::abi::EVFILT_PROC if note.handle >= 0 => sys::close(note.handle),
            crate::abi::EVFILT_SIGNAL => crate::filter::signal::lost(note),
            _ => {}
        });
        for fd in [self.timer_fd, self.files_fd] {
            if fd >= 0 {
                sys::close(fd);
            }
        }
        self.nodes.unmap();
        self.notes.unmap();
        self.heap.unmap();
        if let Some(start) = core::ptr::NonNull::new(self.watches) {
            sys::munmap(start.cast(), crate::filter::watch::BYTES);
        }
        self.watches = core::ptr::null_mut();
        if let Some(hot) = self.hot {
            hot.clear();
            self.start(hot, 0);
        }
    }
}

/// No item.
const _: () = assert!(Item::Note(NONE >> 3).pack() != NONE);
