//! A machine and a task on one loop and one kqueue: `two_faces`. It ends by itself.
//!
//! The machine answers on a TCP port and ticks; the task connects, talks and sleeps. One wait serves both: what it brings goes to the face that
//! waits for it, and it ends at the earlier of both deadlines. Nothing is allocated.

use std::cell::Cell;
use std::time::Duration;

use ptk_core::Result;
use ptk_core::aio::net::TcpStream;
use ptk_core::aio::time::sleep;
use ptk_core::aio::two_faces::{OneQueue, run};
use ptk_core::aio::{IoDriver, IoSlots};
use ptk_core::event_loop::{Context, Event, EventLoop, Handler, Kind, Watch};
use ptk_core::net::{Received, TcpListener};

static SLOTS: IoSlots<4> = IoSlots::new();

const CLIENT: u16 = 1;
const BYTES: u16 = 2;
const TICK: u16 = 3;

/// The callback face: echoes, in capitals, and counts ticks.
struct Machine<'t> {
    ticks: &'t Cell<u32>,
}

impl Handler<OneQueue> for Machine<'_> {
    fn on_event(&mut self, cx: &mut Context<'_, OneQueue>, event: Event) {
        match (event.code, event.kind) {
            (CLIENT, Kind::Readable(listener)) => {
                while let Ok(Some((client, _))) = cx.accept(listener) {
                    // A client too many is dropped.
                    let _ = cx.attach(client, Watch::new().readable(BYTES));
                }
            }
            (BYTES, Kind::Readable(client)) => {
                let mut buffer = [0; 64];
                match cx.receive(client, &mut buffer) {
                    Ok(Received::Data(length)) => {
                        buffer.make_ascii_uppercase();
                        let _ = cx.send(client, &buffer[..length]);
                    }
                    Ok(Received::WouldBlock) => {}
                    Ok(Received::EndOfStream) | Err(_) => {
                        let _ = cx.close(client);
                    }
                }
            }
            _ => self.ticks.set(self.ticks.get() + 1),
        }
    }
}

fn main() -> Result<()> {
    let driver = IoDriver::new(&SLOTS)?;
    let mut event_loop: EventLoop<4, 4, 16, OneQueue> = EventLoop::on(OneQueue::new(driver)?);
    let listener = TcpListener::bind(([127, 0, 0, 1], 0).into())?;
    let address = listener.local_addr()?;
    event_loop
        .context()
        .attach(listener, Watch::new().readable(CLIENT))
        .map_err(|(error, _)| error)?;
    event_loop
        .context()
        .start_periodic(Duration::from_millis(5), 0, TICK)?;

    let ticks = Cell::new(0);
    let mut machine = Machine { ticks: &ticks };
    run(&mut event_loop, &mut machine, async {
        let stream = TcpStream::connect(address).await?;
        for word in [&b"one"[..], b"wait", b"for", b"both"] {
            stream.write_all(word).await?;
            let mut answer = [0; 8];
            let length = stream.read_exact(&mut answer[..word.len()]).await?;
            println!("{}", String::from_utf8_lossy(&answer[..length]));
            sleep(Duration::from_millis(5)).await;
        }
        while ticks.get() < 3 {
            sleep(Duration::from_millis(1)).await;
        }
        println!("and it ticked");
        Ok(())
    })?
}
