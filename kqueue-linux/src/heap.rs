//! The timers' deadlines: a binary heap of 16-byte entries; each note knows its place, so that a timer is cancelled in O(log n).

use crate::mem::{Chunks, Zeroed};
use crate::note::Notes;
use crate::sys::Errno;

/// A deadline and whose it is.
#[repr(C)]
#[derive(Clone, Copy)]
struct Entry {
    deadline: u64,
    note: u32,
}

// SAFETY: integers.
unsafe impl Zeroed for Entry {}

/// The heap. A note's `place` is its index here plus one, 0 when it is not in.
pub(crate) struct Heap {
    entries: Chunks<Entry>,
    length: u32,
}

impl Heap {
    /// The earliest deadline.
    pub(crate) fn earliest(&mut self) -> Option<u64> {
        if self.length == 0 {
            None
        } else {
            self.entries.get(0).map(|entry| entry.deadline)
        }
    }

    /// Puts a note in.
    pub(crate) fn insert(
        &mut self,
        notes: &mut Notes,
        note: u32,
        deadline: u64,
    ) -> Result<(), Errno> {
        let at = self.length;
        *self.entries.ensure(at)? = Entry { deadline, note };
        self.length += 1;
        self.up(notes, at);
        Ok(())
    }

    /// Takes a note out, when it is in.
    pub(crate) fn remove(&mut self, notes: &mut Notes, note: u32) {
        let Some(place) = notes.at(note).map(|note| core::mem::take(&mut note.place)) else {
            return;
        };
        if place == 0 || place > self.length {
            return;
        }
        let at = place - 1;
        self.length -= 1;
        if at == self.length {
            return;
        }
        if let Some(last) = self.entries.get(self.length).copied() {
            self.put(notes, at, last);
            self.up(notes, at);
            self.down(notes, at);
        }
    }

    /// Takes the earliest out when its time has come.
    pub(crate) fn pop_due(&mut self, notes: &mut Notes, now: u64) -> Option<u32> {
        if self.earliest()? > now {
            return None;
        }
        let note = self.entries.get(0)?.note;
        self.remove(notes, note);
        Some(note)
    }

    fn put(&mut self, notes: &mut Notes, at: u32, entry: Entry) {
        if let Some(slot) = self.entries.get(at) {
            *slot = entry;
        }
        if let Some(note) = notes.at(entry.note) {
            note.place = at + 1;
        }
    }

    fn up(&mut self, notes: &mut Notes, mut at: u32) {
        let Some(moving) = self.entries.get(at).copied() else {
            return;
        };
        while at > 0 {
            let above = (at - 1) / 2;
            match self.entries.get(above).copied() {
                Some(parent) if parent.deadline > moving.deadline => self.put(notes, at, parent),
                _ => break,
            }
            at = above;
        }
        self.put(notes, at, moving);
    }

    fn down(&mut self, notes: &mut Notes, mut at: u32) {
        let Some(moving) = self.entries.get(at).copied() else {
            return;
        };
        loop {
            let mut below = 2 * at + 1;
            if below >= self.length {
                break;
            }
            let Some(mut child) = self.entries.get(below).copied() else {
                break;
            };
            if below + 1 < self.length
                && let Some(right) = self.entries.get(below + 1).copied()
                && right.deadline < child.deadline
            {
                below += 1;
                child = right;
            }
            if child.deadline >= moving.deadline {
                break;
            }
            self.put(notes, at, child);
            at = below;
        }
        self.put(notes, at, moving);
    }

    /// Gives all memory back.
    pub(crate) fn unmap(&mut self) {
        self.entries.unmap();
        self.length = 0;
    }
}
