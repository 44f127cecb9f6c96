//! Halving groups that a device refuses, and joining them again.

use super::{Group, Tag};

/// Cuts a group in two, by its tags, and returns the second one; both are to be read at once. `None` if it has one tag only.
pub(super) fn halve(group: &mut Group, tags: &[Tag]) -> Option<Group> {
    if group.tags < 2 {
        return None;
    }
    let first = group.tags / 2;
    let mut second = *group;
    second.first_tag += first;
    second.tags -= first;
    second.split_off = true;
    second.missed = 0;
    group.tags = first;
    for half in [group, &mut second] {
        half.in_flight = false;
        half.again = true;
        let own = &tags[half.first_tag..half.first_tag + half.tags];
        // They are sorted by address, but a long one may reach beyond its successors.
        let end = own
            .iter()
            .map(|tag| u32::from(tag.address) + u32::from(tag.points()))
            .max()?;
        half.address = own.first()?.address;
        half.quantity = (end - u32::from(half.address)) as u16;
    }
    Some(second)
}

/// Joins every group that was split off with the one before it, in place; returns how many are left.
pub(super) fn join(groups: &mut [Group]) -> usize {
    if groups.iter().all(|group| !group.split_off) {
        return groups.len();
    }
    groups.sort_unstable_by_key(|group| group.first_tag);
    let mut count = 0_usize;
    for index in 0..groups.len() {
        let group = groups[index];
        if let Some(last) = count.checked_sub(1).filter(|_| group.split_off) {
            let joined: &mut Group = &mut groups[last];
            let end = |group: &Group| u32::from(group.address) + u32::from(group.quantity);
            let end = end(joined).max(end(&group));
            joined.quantity = (end - u32::from(joined.address)) as u16;
            joined.tags += group.tags;
            joined.missed += group.missed;
            joined.again = false;
            // The phase is the same, and what one half has read in this period is not read again.
            joined.due = joined.due.max(group.due);
        } else {
            groups[count] = group;
            count += 1;
        }
    }
    count
}
