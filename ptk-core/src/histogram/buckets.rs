//! Which bucket a value falls into, and which values a bucket holds.

/// Buckets for each power of two, as a power of two.
const BITS: u32 = 5;

/// The bucket of a value: the value itself below 64; above, the exponent and the five bits after the first.
#[inline]
pub(super) const fn bucket(value: u64) -> usize {
    let shift = shift(value);
    ((shift as usize) << BITS) + (value >> shift) as usize
}

/// The largest value in a bucket.
pub(super) const fn upper(bucket: usize) -> u64 {
    let shift = (bucket >> BITS).saturating_sub(1) as u32;
    let lower = ((bucket - ((shift as usize) << BITS)) as u64) << shift;
    lower + ((1 << shift) - 1)
}

/// How many of a value's low bits its bucket does not tell.
const fn shift(value: u64) -> u32 {
    (u64::BITS - value.leading_zeros()).saturating_sub(BITS + 1)
}
