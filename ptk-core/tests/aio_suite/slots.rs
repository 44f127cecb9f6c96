//! Registrations that come and go while another thread processes events.

use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use ptk_core::ErrorKind;
use ptk_core::aio::{AsyncRegistration, BridgedFd};
use ptk_core::net::UnixStream;

use crate::util::driver;

#[test]
fn removal_from_any_thread_while_another_polls() {
    static STOP: AtomicBool = AtomicBool::new(false);
    let driver = driver!(64, 1);
    let poller = thread::spawn(move || {
        let mut access = driver.try_get_access().unwrap();
        while !STOP.load(Ordering::SeqCst) {
            driver
                .process_io(&mut access, Some(Duration::from_millis(5)))
                .unwrap();
        }
    });
    let threads: Vec<_> = (0..3)
        .map(|_| {
            thread::spawn(move || {
                for _ in 0..500 {
                    let (near, far) = UnixStream::pair().unwrap();
                    // The table may be full of slots whose batch has not ended: an error, and then a free slot.
                    let near = loop {
                        let (near, far_too) = match near.as_fd().try_clone_to_owned() {
                            Ok(fd) => (UnixStream::try_from(fd).unwrap(), &far),
                            Err(_) => continue,
                        };
                        let _ = far_too;
                        match BridgedFd::new(driver.handle(), near) {
                            Ok(bridged) => break bridged,
                            Err(_) => thread::yield_now(),
                        }
                    };
                    let _ = far.send(b"x");
                    drop(near);
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    STOP.store(true, Ordering::SeqCst);
    driver.get_unparker().unpark().unwrap();
    poller.join().unwrap();
    assert_eq!(driver.usage().0, 0);
}

#[test]
fn a_slot_is_reused_only_after_the_batch_that_could_still_name_it() {
    let driver = driver!(1, 1);
    let handle = driver.handle();
    let (one, other) = UnixStream::pair().unwrap();
    let first = AsyncRegistration::new(handle, one.as_fd()).unwrap();
    driver.begin_batch();
    handle.remove_io_source(one.as_fd(), first.id());
    assert!(AsyncRegistration::new(handle, other.as_fd()).is_err());
    driver.end_batch();
    let second = AsyncRegistration::new(handle, other.as_fd()).unwrap();
    handle.remove_io_source(other.as_fd(), second.id());
}

#[test]
fn a_refused_registration_leaves_nothing_behind() {
    let driver = driver!(1, 1);
    let path = std::env::temp_dir().join(format!("ptk-aio-file-{}", std::process::id()));
    let file = std::fs::File::create(&path).unwrap();
    // Whether a file can be watched differs; either way the slot comes back.
    for _ in 0..3 {
        if let Ok(registration) = AsyncRegistration::new(driver.handle(), file.as_fd()) {
            driver
                .handle()
                .remove_io_source(file.as_fd(), registration.id());
        }
        assert_eq!(driver.usage().0, 0);
    }
    let _ = std::fs::remove_file(&path);
}

#[test]
fn an_unpark_before_the_wait_ends_it() {
    let driver = driver!(1, 1);
    let mut access = driver.try_get_access().unwrap();
    driver.get_unparker().unpark().unwrap();
    driver.process_io(&mut access, None).unwrap();
    // And from another thread, during it.
    let thread = thread::spawn(move || driver.get_unparker().unpark().unwrap());
    driver.process_io(&mut access, None).unwrap();
    thread.join().unwrap();
}

#[test]
fn the_access_of_another_driver_is_refused() {
    let (one, other) = (driver!(4, 4), driver!(4, 4));
    let mut access = other.try_get_access().unwrap();
    let refused = one.process_io(&mut access, Some(Duration::ZERO));
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::InvalidInput);
}
