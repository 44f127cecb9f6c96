//! What must not compile, and what the compiler says then. The messages are part of the interface.
//!
//! Needs the source tree and cargo, so it runs where this project is built only.
#![cfg(target_os = "linux")]

#[test]
fn refused_with_a_readable_message() {
    // A bare test binary, run away from its source tree, has nothing to compile.
    if !std::path::Path::new("tests/ui").is_dir() {
        return;
    }
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}

/// The tenth sharp edge of the C toolkit that came before: it accepted a second transition for the same state and event.
#[test]
fn edge_10_a_duplicate_transition_does_not_compile() {
    if !std::path::Path::new("tests/ui").is_dir() {
        return;
    }
    trybuild::TestCases::new().compile_fail("tests/ui/duplicate_*.rs");
}
