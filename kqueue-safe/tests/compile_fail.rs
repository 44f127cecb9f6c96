//! Mistakes that do not compile, with the compiler's words.
//!
//! The words are those of the toolchain that the workspace names as its minimum; set `TRYBUILD=overwrite` to write them anew.
#![cfg(target_os = "linux")]

#[test]
fn mistakes_do_not_compile() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/compile_fail/*.rs");
}
