//! The steps after bindgen, on texts small enough to see; and what must hold of every checked-in file.

use super::{first_difference, generator, path, systems};

const TEXT: &str = "\
pub const EVFILT_READ: i16 = -1;
pub const EV_ERROR: u16 = 16384;
pub const NOTE_PCTRLMASK: u32 = 18446744073708503040;
pub type __time_t = ::core::ffi::c_long;
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct kevent {
    pub ident: __uintptr_t,
    pub filter: i16,
    pub flags: u16,
    pub fflags: u32,
    pub data: __time_t,
    pub udata: *mut ::core::ffi::c_void,
}
unsafe extern \"C\" {
    #[link_name = \"\\u{1}__kevent50\"]
    pub fn kevent(
        kq: ::core::ffi::c_int,
        changelist: *const kevent,
        nchanges: ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
}
";

#[test]
fn names_of_one_header_go_away_and_values_fit_their_fields() {
    let text = generator::rewrite_text(TEXT).expect("the text is as bindgen writes it");
    assert!(text.contains("pub const EV_ERROR: u16 = 0x4000;"));
    assert!(
        text.contains("pub const NOTE_PCTRLMASK: u32 = 0xfff0_0000;"),
        "cut to 32 bits as C does"
    );
    assert!(text.contains("pub ident: usize,") && text.contains("pub data: ::core::ffi::c_long,"));
    assert!(!text.contains("__time_t") && !text.contains("__uintptr_t"));
    assert!(
        text.contains("pub type count_t = ::core::ffi::c_int;")
            && text.contains("pub type filter_t = i16;")
    );
    assert!(text.contains("(\"EVFILT_READ\", EVFILT_READ as i64),"));
    assert!(
        text.contains("#[link_name = \"\\u{1}__kevent50\"]"),
        "the symbol's version stays"
    );
}

#[test]
fn what_does_not_fit_is_refused() {
    for (constant, reason) in [
        ("EVFILT_READ: i16 = -1", "EVFILT_READ: i16 = 40000"),
        ("EV_ERROR: u16 = 16384", "EV_ERROR: u16 = 65536"),
        ("EV_ERROR: u16 = 16384", "EV_ERROR: f32 = 1"),
    ] {
        let text = TEXT.replace(constant, reason);
        assert!(generator::rewrite_text(&text).is_err(), "{reason}");
    }
    let without = TEXT.replace("    pub udata: *mut ::core::ffi::c_void,\n", "");
    assert!(generator::rewrite_text(&without).is_err(), "no udata");
}

#[test]
fn the_first_difference_has_its_line() {
    assert_eq!(first_difference("a\nb\n", "a\nb\n"), None);
    assert_eq!(first_difference("a\nb\n", "a\nc\n"), Some((2, "b", "c")));
    assert_eq!(first_difference("a\n", "a\nc\n"), Some((2, "(end)", "c")));
}

#[test]
fn every_constant_of_every_file_has_a_meaning() {
    for file in systems::FILES {
        let text = std::fs::read_to_string(path(file.name)).expect("the file is checked in");
        assert!(text.contains("// sha256:"), "{}: no provenance", file.name);
        for line in text.lines() {
            assert!(
                !line.ends_with("of this system's `<sys/event.h>`."),
                "{}: {line}",
                file.name
            );
        }
    }
}

/// Constants that `kqueue-safe` gives no typed name, each with its reason.
fn without_a_typed_name(file: &str, constant: &str) -> bool {
    match constant {
        // Counts filters; the kernel's own.
        "EVFILT_SYSCOUNT" | "EVFILT_THREADMARKER" => true,
        // Arguments of kevent64 and kqueuex, not fields.
        "KEVENT_FLAG_NONE"
        | "KEVENT_FLAG_IMMEDIATE"
        | "KEVENT_FLAG_ERROR_EVENTS"
        | "KQUEUE_CLOEXEC" => true,
        // Refused by these systems, so not offered.
        "NOTE_TRACK" | "NOTE_TRACKERR" | "NOTE_CHILD" => matches!(file, "macos" | "linux"),
        "NOTE_FORK" | "NOTE_EXEC" => file == "linux",
        _ => false,
    }
}

/// The same for this system alone, with values, is `kqueue-safe/tests/constants.rs`; here are all systems, by name.
#[test]
fn every_constant_of_every_file_has_a_typed_name() {
    let safe = crate::tools::root().join("kqueue-safe/src");
    let read = |name: &str| {
        std::fs::read_to_string(safe.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    };
    let portable = read("flags.rs") + &read("filter/mod.rs") + &read("filter/user.rs");
    let mut missing = Vec::new();
    for file in systems::FILES {
        let system = file
            .name
            .split(['_', '6'])
            .next()
            .expect("a name has a beginning");
        let typed = portable.clone() + &read(&format!("system/{system}.rs"));
        let bindings = std::fs::read_to_string(path(file.name)).expect("the file is checked in");
        for line in bindings.lines() {
            let Some((constant, _)) = line
                .strip_prefix("pub const ")
                .and_then(|rest| rest.split_once(':'))
            else {
                continue;
            };
            let named = [format!("kqueue_sys::{constant};"), format!("= {constant},")];
            if constant != "CONSTANTS"
                && !without_a_typed_name(file.name, constant)
                && !named.iter().any(|name| typed.contains(name))
            {
                missing.push(format!("{}: {constant}", file.name));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}
