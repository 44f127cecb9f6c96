//! Bytes to a file or to standard output, on a thread of their own: a disk or a reader that is slow delays no poll.

use std::io::{self, BufWriter, Write};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use ptk_core::event_loop::Stopper;

/// How many chunks wait for a writer that is behind.
const WAITING: usize = 1024;
/// How long the end waits for a reader that takes nothing.
const PATIENCE: Duration = Duration::from_secs(2);

/// The sending end.
pub struct Writer {
    sender: SyncSender<Vec<u8>>,
    thread: JoinHandle<io::Result<()>>,
}

/// How a writer ended.
pub enum Written {
    All,
    /// The writer failed.
    Failed(io::Error),
    /// The reader takes nothing; some chunks were not written.
    Stalled,
}

impl Writer {
    /// Writes to `out`. When it fails, for example since the reader has gone, `stopper` stops the loop.
    pub fn start(out: impl Write + Send + 'static, stopper: Stopper) -> Self {
        let (sender, chunks) = sync_channel(WAITING);
        let thread = std::thread::spawn(move || {
            let result = write(BufWriter::new(out), &chunks);
            if result.is_err() {
                stopper.stop();
            }
            result
        });
        Self { sender, thread }
    }

    /// Hands a chunk over; it comes back if the writer is too far behind. A writer that has failed takes everything.
    pub fn give(&self, chunk: Vec<u8>) -> Result<(), Vec<u8>> {
        match self.sender.try_send(chunk) {
            Ok(()) | Err(TrySendError::Disconnected(_)) => Ok(()),
            Err(TrySendError::Full(chunk)) => Err(chunk),
        }
    }

    /// Writes what is left and waits for it.
    pub fn finish(self) -> Written {
        drop(self.sender);
        let end = Instant::now() + PATIENCE;
        while !self.thread.is_finished() {
            if Instant::now() >= end {
                return Written::Stalled;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        match self.thread.join() {
            Ok(Ok(())) => Written::All,
            Ok(Err(error)) => Written::Failed(error),
            Err(_) => Written::Failed(io::Error::other("the writing thread ended badly")),
        }
    }
}

/// Writes chunks as they come, and flushes whenever there is none.
fn write(mut out: impl Write, chunks: &Receiver<Vec<u8>>) -> io::Result<()> {
    loop {
        let chunk = match chunks.try_recv() {
            Ok(chunk) => chunk,
            Err(TryRecvError::Disconnected) => return out.flush(),
            Err(TryRecvError::Empty) => {
                out.flush()?;
                match chunks.recv() {
                    Ok(chunk) => chunk,
                    Err(_) => return Ok(()),
                }
            }
        };
        out.write_all(&chunk)?;
    }
}
