//! What several of the measurements share.

pub mod no_count;
pub mod plain_heap;
pub mod random;
pub mod timers;
