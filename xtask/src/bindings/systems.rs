//! Which files there are, and what each is made from.

/// One file of `kqueue-sys/src/bindings/`.
pub struct File {
    /// The file's name, without `.rs`.
    pub name: &'static str,
    /// Whose kernel.
    pub system: &'static str,
    /// Where the declarations come from.
    pub source: Source,
    /// The targets that the file serves; every one must give the same text.
    pub targets: &'static [Target],
}

/// Where declarations come from.
pub enum Source {
    /// C headers in a version of the PyPI package `ziglang`.
    Headers {
        /// The package's version.
        ziglang: &'static str,
        /// The folder with the system's headers, under `ziglang/lib/libc/include`.
        generic: &'static str,
    },
    /// The header of kqueue-linux, on top of the headers of glibc in that version of `ziglang`.
    Linux {
        /// The package's version.
        ziglang: &'static str,
    },
    /// The Rust source of the crate `libc`, for a system whose header is not to be had.
    LibcCrate,
}

/// One target that a file serves.
pub struct Target {
    /// As rustc names it.
    pub rust: &'static str,
    /// As clang names it.
    pub clang: &'static str,
    /// The folder with the processor's headers, under `ziglang/lib/libc/include`.
    pub folder: &'static str,
}

const fn target(rust: &'static str, clang: &'static str, folder: &'static str) -> Target {
    Target {
        rust,
        clang,
        folder,
    }
}

/// The version that gives all headers but one.
pub const ZIGLANG: &str = "0.17.0";
/// The last version with the headers of NetBSD 10, hence with the struct of `__kevent50`.
pub const ZIGLANG_NETBSD_10: &str = "0.15.2";
/// The version of the PyPI package `libclang`.
pub const LIBCLANG: &str = "18.1.1";

/// Every file.
pub const FILES: &[File] = &[
    File {
        name: "macos",
        system: "macOS (SDK 27.0)",
        source: Source::Headers {
            ziglang: ZIGLANG,
            generic: "any-darwin-any",
        },
        targets: &[
            target(
                "aarch64-apple-darwin",
                "aarch64-apple-macosx11.0",
                "any-darwin-any",
            ),
            target(
                "x86_64-apple-darwin",
                "x86_64-apple-macosx11.0",
                "any-darwin-any",
            ),
        ],
    },
    File {
        name: "freebsd64",
        system: "FreeBSD 15, 64-bit",
        source: Source::Headers {
            ziglang: ZIGLANG,
            generic: "generic-freebsd",
        },
        targets: &[
            target(
                "x86_64-unknown-freebsd",
                "x86_64-unknown-freebsd",
                "x86_64-freebsd-none",
            ),
            target(
                "aarch64-unknown-freebsd",
                "aarch64-unknown-freebsd",
                "aarch64-freebsd-none",
            ),
        ],
    },
    File {
        name: "freebsd_i386",
        system: "FreeBSD 15, i386",
        source: Source::Headers {
            ziglang: ZIGLANG,
            generic: "generic-freebsd",
        },
        targets: &[target(
            "i686-unknown-freebsd",
            "i686-unknown-freebsd",
            "x86-freebsd-none",
        )],
    },
    File {
        name: "freebsd_armv7",
        system: "FreeBSD 15, armv7",
        source: Source::Headers {
            ziglang: ZIGLANG,
            generic: "generic-freebsd",
        },
        targets: &[target(
            "armv7-unknown-freebsd",
            "armv7-unknown-freebsd-gnueabihf",
            "arm-freebsd-eabihf",
        )],
    },
    File {
        name: "netbsd_kevent50",
        system: "NetBSD 10.1: the generation of `__kevent50`, which NetBSD 9, 10 and 11 offer",
        source: Source::Headers {
            ziglang: ZIGLANG_NETBSD_10,
            generic: "generic-netbsd",
        },
        targets: &[
            target(
                "x86_64-unknown-netbsd",
                "x86_64-unknown-netbsd",
                "x86_64-netbsd-none",
            ),
            target(
                "aarch64-unknown-netbsd",
                "aarch64-unknown-netbsd",
                "aarch64-netbsd-none",
            ),
        ],
    },
    File {
        name: "netbsd_kevent100",
        system: "NetBSD 11.0: the generation of `__kevent100`",
        source: Source::Headers {
            ziglang: ZIGLANG,
            generic: "generic-netbsd",
        },
        targets: &[
            target(
                "x86_64-unknown-netbsd",
                "x86_64-unknown-netbsd",
                "x86_64-netbsd-none",
            ),
            target(
                "aarch64-unknown-netbsd",
                "aarch64-unknown-netbsd",
                "aarch64-netbsd-none",
            ),
        ],
    },
    File {
        name: "openbsd",
        system: "OpenBSD 7.9",
        source: Source::Headers {
            ziglang: ZIGLANG,
            generic: "generic-openbsd",
        },
        targets: &[
            target(
                "x86_64-unknown-openbsd",
                "x86_64-unknown-openbsd",
                "x86_64-openbsd-none",
            ),
            target(
                "aarch64-unknown-openbsd",
                "aarch64-unknown-openbsd",
                "aarch64-openbsd-none",
            ),
        ],
    },
    File {
        name: "dragonfly",
        system: "DragonFly BSD",
        source: Source::LibcCrate,
        targets: &[target(
            "x86_64-unknown-dragonfly",
            "x86_64-unknown-dragonfly",
            "",
        )],
    },
    File {
        name: "linux",
        system: "Linux, with kqueue-linux",
        source: Source::Linux { ziglang: ZIGLANG },
        targets: &[
            target(
                "x86_64-unknown-linux-gnu",
                "x86_64-unknown-linux-gnu",
                "x86-linux-gnu",
            ),
            target(
                "aarch64-unknown-linux-gnu",
                "aarch64-unknown-linux-gnu",
                "aarch64-linux-gnu",
            ),
        ],
    },
];
