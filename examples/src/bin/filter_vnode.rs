//! VNODE: a file is written to, renamed, and removed.

use std::error::Error;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::fd::AsFd;

use kqueue_safe::{EventBuffer, EventKind, Kqueue, Token, Vnode, VnodeNotes};

fn main() -> Result<(), Box<dyn Error>> {
    let kq = Kqueue::new()?;
    let mut events: EventBuffer = EventBuffer::new();
    let path = std::env::temp_dir().join(format!("filter_vnode-{}", std::process::id()));
    let other = path.with_extension("renamed");
    let mut file = OpenOptions::new().create(true).append(true).open(&path)?;

    let watch = VnodeNotes::WRITE | VnodeNotes::EXTEND | VnodeNotes::RENAME | VnodeNotes::DELETE;
    let watched = file.try_clone()?;
    kq.apply_one(
        Vnode::new(watched.as_fd(), watch)
            .clear()
            .add(Token::new(0, 0)),
    )?;

    let mut show = |what: &str| -> Result<(), Box<dyn Error>> {
        for event in kq.wait(&mut events, None)? {
            if let EventKind::Vnode { notes } = event.kind() {
                println!("{what}: {notes:?}");
            }
        }
        Ok(())
    };
    file.write_all(b"a line\n")?;
    show("appended")?;
    fs::rename(&path, &other)?;
    show("renamed")?;
    fs::remove_file(&other)?;
    show("removed")
}
