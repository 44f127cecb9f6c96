//! Installs the C library and compiles C programs against it: one example of our own and two that know nothing of Linux.

use std::ffi::OsString;

use super::*;

/// An installation for one test; cargo gives tests no scratch folder in a binary's unit tests.
fn installed(name: &str) -> PathBuf {
    let prefix = root().join("target/c-lib-tests").join(name);
    install(&prefix).unwrap();
    prefix
}

fn output(command: &mut Command) -> String {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(
        output.status.success(),
        "{command:?}: {}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// The flags that the pkg-config file gives, read without the program `pkg-config`, which not every system has.
fn flags(prefix: &Path, keys: &[&str]) -> Vec<OsString> {
    let text = fs::read_to_string(prefix.join("lib/pkgconfig/ptk-kqueue.pc")).unwrap();
    let variable = |name: &str| {
        let start = format!("{name}=");
        text.lines()
            .find_map(|line| line.strip_prefix(&start))
            .unwrap()
            .to_owned()
    };
    let top = variable("prefix");
    assert_eq!(Path::new(&top), prefix.canonicalize().unwrap());
    let mut flags = Vec::new();
    for key in keys {
        let value = text
            .lines()
            .find_map(|line| line.strip_prefix(&format!("{key}: ")))
            .unwrap();
        let value = value
            .replace("${libdir}", &variable("libdir"))
            .replace("${includedir}", &variable("includedir"));
        flags.extend(
            value
                .split_whitespace()
                .map(|flag| flag.replace("${prefix}", &top).into()),
        );
    }
    flags
}

/// Compiles with every warning an error, against the static or the shared library, and returns what the program printed.
fn compile_and_run(prefix: &Path, source: &str, shared: bool) -> String {
    let stem = Path::new(source)
        .file_stem()
        .unwrap()
        .to_string_lossy()
        .into_owned();
    let program = prefix.join(format!(
        "{stem}-{}",
        if shared { "shared" } else { "static" }
    ));
    let mut compiler = Command::new("cc");
    compiler
        .args(["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-o"])
        .arg(&program)
        .arg(root().join(source));
    if shared {
        compiler.args(flags(prefix, &["Cflags", "Libs"]));
    } else {
        compiler
            .args(flags(prefix, &["Cflags"]))
            .arg(prefix.join("lib/libptk-kqueue.a"));
        compiler.args(flags(prefix, &["Libs.private"]));
    }
    output(&mut compiler);
    output(Command::new(&program).env("LD_LIBRARY_PATH", prefix.join("lib")))
}

#[test]
fn c_programs_compile_without_warnings_and_run() {
    let prefix = installed("programs");
    let example =
        "pipe: 5 bytes announced, 5 read, registered as \"the pipe\"\ntimer\nwoken, notes 0x7\n";
    let echo = "800000 bytes echoed, 8 connections closed\n8 children, 0 failed; signals: 1; idle timers: silent\n";
    for shared in [false, true] {
        assert_eq!(
            compile_and_run(&prefix, "conformance/c/layout.c", shared),
            "layout holds\n"
        );
        assert_eq!(
            compile_and_run(&prefix, "kqueue-linux/examples/c/example.c", shared),
            example
        );
        assert_eq!(
            compile_and_run(&prefix, "conformance/c/echo.c", shared),
            echo
        );
    }
}

#[test]
fn the_shared_library_has_its_name_and_exports_the_three_calls_only() {
    let prefix = installed("symbols");
    let library = prefix.join("lib/libptk-kqueue.so");
    let symbols = output(
        Command::new("nm")
            .args(["-D", "--defined-only", "--format=posix"])
            .arg(&library),
    );
    let mut names: Vec<_> = symbols
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["kevent", "kqueue", "kqueue1"]);
    let dynamic = output(Command::new("readelf").arg("-d").arg(&library));
    assert!(
        dynamic.contains(&format!("Library soname: [{SONAME}]")),
        "{dynamic}"
    );
}

#[test]
fn the_header_is_a_cxx_header_too() {
    let header = root().join("kqueue-linux/include/sys/event.h");
    if Command::new("c++").arg("--version").output().is_err() {
        eprintln!("no C++ compiler here: not looked at");
        return;
    }
    output(
        Command::new("c++")
            .args([
                "-x",
                "c++",
                "-std=c++17",
                "-Wall",
                "-Wextra",
                "-Werror",
                "-fsyntax-only",
            ])
            .arg(&header),
    );
}
