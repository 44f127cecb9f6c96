//! Putting neighbouring tags into groups.

use core::fmt;

use super::{Group, Tag};
use crate::codec::limits::{MAX_READ_BITS, MAX_READ_REGISTERS};

/// How much a device lets one request read, and how much one may read in vain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Registers in one request. At first 125, which is also the most.
    pub registers: u16,
    /// Coils or discrete inputs in one request. At first 2000, which is also the most.
    pub bits: u16,
    /// Registers between two tags that are read along to join them. At first 0: a device may refuse a whole request for
    /// one register that it does not have.
    pub register_gap: u16,
    /// The same for bits. At first 0.
    pub bit_gap: u16,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            registers: MAX_READ_REGISTERS,
            bits: MAX_READ_BITS,
            register_gap: 0,
            bit_gap: 0,
        }
    }
}

/// Why tags cannot be polled. The number is the tag's [`Tag::id`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PlanError {
    /// There are more groups than there is room for.
    TooManyGroups,
    /// The tag takes more points than one request may read.
    TooLong(u32),
    /// The tag goes beyond address 65535, or has no points.
    AddressRange(u32),
    /// The tag's period is 0.
    ZeroPeriod(u32),
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooManyGroups => f.write_str("more groups of tags than there is room for"),
            Self::TooLong(id) => write!(f, "tag {id} is longer than one request may read"),
            Self::AddressRange(id) => write!(f, "tag {id} is empty or goes beyond address 65535"),
            Self::ZeroPeriod(id) => write!(f, "tag {id} has a period of 0"),
        }
    }
}

impl core::error::Error for PlanError {}

/// Sorts `tags` and fills `groups`; returns how many groups there are, all due at `start`.
pub(super) fn plan(
    tags: &mut [Tag],
    groups: &mut [Group],
    limits: &Limits,
    start: u64,
) -> Result<usize, PlanError> {
    tags.sort_unstable_by_key(|tag| (tag.unit, tag.area, tag.period, tag.address, tag.id));
    let mut count = 0_usize;
    for (index, tag) in tags.iter().enumerate() {
        let (most, gap) = if tag.area.is_bits() {
            (limits.bits.min(MAX_READ_BITS), limits.bit_gap)
        } else {
            (
                limits.registers.min(MAX_READ_REGISTERS),
                limits.register_gap,
            )
        };
        check(tag, most)?;
        if let Some(group) = count.checked_sub(1).and_then(|last| groups.get_mut(last))
            && joins(group, tag, most, gap)
        {
            let end = (end(group)).max(u32::from(tag.address) + u32::from(tag.points()));
            group.quantity = (end - u32::from(group.address)) as u16;
            group.tags += 1;
            continue;
        }
        *groups.get_mut(count).ok_or(PlanError::TooManyGroups)? = Group {
            unit: tag.unit,
            area: tag.area,
            address: tag.address,
            quantity: tag.points(),
            period: tag.period,
            due: start,
            first_tag: index,
            tags: 1,
            ..Group::EMPTY
        };
        count += 1;
    }
    Ok(count)
}

fn check(tag: &Tag, most: u16) -> Result<(), PlanError> {
    if tag.period == 0 {
        Err(PlanError::ZeroPeriod(tag.id))
    } else if tag.points() == 0 || u32::from(tag.address) + u32::from(tag.points()) > 0x1_0000 {
        Err(PlanError::AddressRange(tag.id))
    } else if tag.points() > most {
        Err(PlanError::TooLong(tag.id))
    } else {
        Ok(())
    }
}

/// The address behind the group's last point.
fn end(group: &Group) -> u32 {
    u32::from(group.address) + u32::from(group.quantity)
}

/// Whether `tag`, which begins nowhere before the group does, can be read along with it.
fn joins(group: &Group, tag: &Tag, most: u16, gap: u16) -> bool {
    let tag_end = u32::from(tag.address) + u32::from(tag.points());
    (group.unit, group.area, group.period) == (tag.unit, tag.area, tag.period)
        && u32::from(tag.address) <= end(group) + u32::from(gap)
        && tag_end.max(end(group)) - u32::from(group.address) <= u32::from(most)
}
