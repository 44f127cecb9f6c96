/*
 * wrapper.h: the one header that bindgen reads, for every system.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Nothing is declared here: each declaration comes from the system's own <sys/event.h>, on Linux from
 * kqueue-linux/include/sys/event.h. kqueue-sys/wrapper.h is a copy of this file, because a header outside the crate's folder would
 * not be in its package; `cargo xtask bindings --check` compares the two.
 */

#include <sys/types.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <sys/event.h>
