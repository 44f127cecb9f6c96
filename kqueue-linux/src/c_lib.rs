//! What a library for C needs besides: somewhere for a panic to end. (Nothing here panics on what a program passes; a bug would.)

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    // SAFETY: takes no argument and does not return.
    unsafe { libc::abort() }
}
