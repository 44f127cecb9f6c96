//! Tells the crates that depend on this one where its C header is (`DEP_PTK_KQUEUE_INCLUDE` in their build scripts).

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if let Ok(folder) = std::env::var("CARGO_MANIFEST_DIR") {
        println!("cargo::metadata=include={folder}/include");
    }
}
