//! The one generator of bindings: `wrapper.h` goes in, the text of a Rust module comes out.
//!
//! `cargo xtask bindings` calls it for the files in `src/bindings/`, and this crate's build script calls it for the host when the feature
//! `bindgen` is on, so both give the same declarations for the same header.

use bindgen::callbacks::{DeriveTrait, ImplementsTrait, IntKind, ParseCallbacks};
use std::path::Path;

#[path = "meanings.rs"]
mod meanings;
#[path = "rewrite.rs"]
mod rewrite;

/// What is read, and for whom.
pub struct Request<'a> {
    /// The header that includes everything.
    pub wrapper: &'a Path,
    /// The target's system, as `target_os` names it.
    pub system: &'a str,
    /// The target's triple as clang spells it, or nothing for the target that Cargo builds for, with headers where clang finds them.
    pub clang_target: Option<&'a str>,
    /// Further arguments for clang: where the system's headers are.
    pub clang_arguments: &'a [String],
    /// A folder that may be written: bindgen compiles there the macros that it cannot evaluate by itself.
    pub scratch: &'a Path,
}

/// Every macro of the header that is a constant for programs.
const CONSTANTS: &str = "(EVFILT|EV|NOTE|KEVENT_FLAG|KQUEUE)_[A-Z0-9_]+";

/// Gives each constant the type of the struct's field that it goes into.
#[derive(Debug)]
struct FieldWidths {
    /// NetBSD's filter and flags have 32 bits, everybody else's 16.
    wide: bool,
}

impl FieldWidths {
    fn kind(&self, name: &str) -> Option<IntKind> {
        if name.starts_with("EVFILT_") {
            Some(if self.wide {
                IntKind::U32
            } else {
                IntKind::I16
            })
        } else if name.starts_with("EV_") {
            Some(if self.wide {
                IntKind::U32
            } else {
                IntKind::U16
            })
        } else if name.starts_with("NOTE_")
            || name.starts_with("KEVENT_FLAG_")
            || name.starts_with("KQUEUE_")
        {
            Some(IntKind::U32)
        } else {
            None
        }
    }
}

impl ParseCallbacks for FieldWidths {
    fn int_macro(&self, name: &str, _value: i64) -> Option<IntKind> {
        self.kind(name)
    }

    fn blocklisted_type_implements_trait(
        &self,
        _name: &str,
        wanted: DeriveTrait,
    ) -> Option<ImplementsTrait> {
        matches!(wanted, DeriveTrait::Copy | DeriveTrait::Debug).then_some(ImplementsTrait::Yes)
    }
}

/// Reads the header and returns the module's text, without a head.
///
/// # Errors
/// What bindgen or clang says when the header cannot be read.
pub fn generate(request: &Request<'_>) -> Result<String, String> {
    let mut builder = bindgen::Builder::default()
        .header(request.wrapper.display().to_string())
        .clang_args(
            request
                .clang_target
                .map(|target| format!("--target={target}")),
        )
        .clang_args(request.clang_arguments)
        .use_core()
        .rust_target(bindgen::RustTarget::stable(85, 0).map_err(|e| e.to_string())?)
        .rust_edition(bindgen::RustEdition::Edition2024)
        .allowlist_recursively(true)
        .allowlist_type("kevent|kevent64_s|timespec")
        .allowlist_function("kqueue|kqueue1|kqueuex|kevent|kevent64")
        .allowlist_var(CONSTANTS)
        .size_t_is_usize(true)
        .derive_debug(true)
        .derive_copy(true)
        .layout_tests(true)
        .generate_comments(false)
        .clang_macro_fallback()
        .clang_macro_fallback_build_dir(request.scratch)
        .disable_header_comment()
        .detect_include_paths(request.clang_target.is_none())
        .parse_callbacks(Box::new(FieldWidths {
            wide: request.system == "netbsd",
        }));
    for (name, _) in rewrite::FIXED {
        builder = builder.blocklist_type(name);
    }
    let text = builder.generate().map_err(|e| e.to_string())?.to_string();
    rewrite::rewrite(&text)
}

/// The steps after bindgen alone, for declarations that were gained in another way.
///
/// # Errors
/// When a declaration is not as bindgen writes it.
#[allow(dead_code)] // the build script has no use for it
pub fn rewrite_text(text: &str) -> Result<String, String> {
    rewrite::rewrite(text)
}
