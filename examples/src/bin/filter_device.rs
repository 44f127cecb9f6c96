//! DEVICE: a device changed. Only on the system that this file names.

use std::error::Error;

#[cfg(target_os = "openbsd")]
fn main() -> Result<(), Box<dyn Error>> {
    use std::os::fd::AsFd;
    use std::time::Duration;

    use kqueue_safe::filter::Device;
    use kqueue_safe::{EventBuffer, Kqueue, Token};

    let kq = Kqueue::new()?;
    let mut events: EventBuffer = EventBuffer::new();
    let device = std::fs::File::open("/dev/drm0")?;
    let change = Device::new(device.as_fd()).clear().add(Token::new(0, 0));
    kq.apply_one(change)?;
    println!("waiting 5 seconds");
    for event in kq.wait(&mut events, Some(Duration::from_secs(5)))? {
        println!("{event:?}");
    }
    Ok(())
}

#[cfg(not(target_os = "openbsd"))]
fn main() -> Result<(), Box<dyn Error>> {
    println!("this system has no DEVICE");
    Ok(())
}
