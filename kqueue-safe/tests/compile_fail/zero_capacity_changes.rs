//! A list without room for a change.

use kqueue_safe::{ChangeList, Exclusive};

static CHANGES: Exclusive<ChangeList<'static, 0>> = Exclusive::new(ChangeList::new());

fn main() {
    let _ = CHANGES.try_borrow();
}
