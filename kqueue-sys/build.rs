//! Does nothing, unless the feature `bindgen` is on: then it makes the bindings from this machine's own headers.

#[cfg(feature = "bindgen")]
#[path = "build/generator.rs"]
mod generator;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed=wrapper.h");
    #[cfg(feature = "bindgen")]
    generate();
}

#[cfg(feature = "bindgen")]
fn generate() {
    use std::path::{Path, PathBuf};

    println!("cargo::rerun-if-env-changed=LIBCLANG_PATH");
    let variable = |name: &str| std::env::var(name).unwrap_or_else(|_| panic!("Cargo sets {name}"));
    let system = variable("CARGO_CFG_TARGET_OS");
    let out = PathBuf::from(variable("OUT_DIR"));
    let mut arguments = Vec::new();
    if system == "linux" {
        // kqueue-linux says where its header is; see `links` in its manifest.
        arguments.push(format!("-I{}", variable("DEP_PTK_KQUEUE_INCLUDE")));
    }
    let request = generator::Request {
        wrapper: Path::new("wrapper.h"),
        system: &system,
        clang_target: None,
        clang_arguments: &arguments,
        scratch: &out,
    };
    let text = generator::generate(&request).unwrap_or_else(|error| {
        panic!("the feature `bindgen` needs libclang and the system's headers: {error}")
    });
    let path = out.join("bindings.rs");
    std::fs::write(&path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}
