//! How exactly a wait ends, where nothing has to be asked for.

/// Nothing to ask for.
pub(super) fn ask_for_exact_waits() {}
