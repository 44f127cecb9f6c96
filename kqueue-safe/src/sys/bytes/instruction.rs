//! The system call's instruction, on Linux.

use core::arch::asm;
use core::ffi::c_int;

use crate::descriptor::RawFd;

/// `__NR_read` and `__NR_sendto`, <asm/unistd_64.h>.
#[cfg(target_arch = "x86_64")]
const NUMBERS: [isize; 2] = [0, 44];

/// `__NR_read` and `__NR_sendto`, <asm-generic/unistd.h>.
#[cfg(target_arch = "aarch64")]
const NUMBERS: [isize; 2] = [63, 206];

/// The answer, and `place` in the register in which the kernel left it: whoever goes on with it need not keep it elsewhere meanwhile.
///
/// # Safety
///
/// `place` is valid for writing `length` bytes.
#[inline(always)]
pub unsafe fn read(fd: RawFd, place: *mut u8, length: usize) -> (isize, *mut u8) {
    let answer: isize;
    let mut place = place;
    // SAFETY: `read(2)` takes three arguments and writes to `place` only, which is the caller's promise. The kernel leaves the stack and
    // all registers but those named alone.
    unsafe {
        #[cfg(target_arch = "x86_64")]
        asm!("syscall", inlateout("rax") NUMBERS[0] => answer, in("rdi") fd as isize, inlateout("rsi") place,
            in("rdx") length, lateout("rcx") _, lateout("r11") _, options(nostack));
        #[cfg(target_arch = "aarch64")]
        asm!("svc 0", in("x8") NUMBERS[0], inlateout("x0") fd as isize => answer, inlateout("x1") place,
            in("x2") length, options(nostack));
    }
    (answer, place)
}

/// The answer, and `place` and `length` in the registers in which the kernel left them.
///
/// # Safety
///
/// `place` is valid for reading `length` bytes.
#[inline(always)]
pub unsafe fn send(
    fd: RawFd,
    place: *const u8,
    length: usize,
    flags: c_int,
) -> (isize, (*const u8, usize)) {
    let answer: isize;
    let (mut place, mut length) = (place, length);
    // SAFETY: `sendto(2)` with no address takes these six arguments and reads `place` only, which is the caller's promise. Registers as in
    // `read`.
    unsafe {
        #[cfg(target_arch = "x86_64")]
        asm!("syscall", inlateout("rax") NUMBERS[1] => answer, in("rdi") fd as isize, inlateout("rsi") place, inlateout("rdx") length,
            in("r10") flags as isize, in("r8") 0_usize, in("r9") 0_usize,
            lateout("rcx") _, lateout("r11") _, options(nostack, readonly));
        #[cfg(target_arch = "aarch64")]
        asm!("svc 0", in("x8") NUMBERS[1], inlateout("x0") fd as isize => answer, inlateout("x1") place, inlateout("x2") length,
            in("x3") flags as isize, in("x4") 0_usize, in("x5") 0_usize, options(nostack, readonly));
    }
    (answer, (place, length))
}
