//! Listener, accept loop, echo tasks, UDP and sleeps, with the names that users of other runtimes know: `async_story`. It ends by itself.
//!
//! What differs from a program on a runtime with a heap: the storage is named (`SLOTS`, `pool_size`), and tasks are spawned by `spawner.spawn`.

use std::time::Duration;

use embassy_executor::Spawner;
use ptk_core::aio::embassy::Executor;
use ptk_core::aio::io::{AsyncReadExt, AsyncWriteExt};
use ptk_core::aio::net::{NetResult, TcpListener, TcpStream, UdpSocket};
use ptk_core::aio::time::{interval, sleep, timeout};
use ptk_core::aio::{IoDriver, IoSlots};

static SLOTS: IoSlots<32> = IoSlots::new();
static EXECUTOR: Executor = Executor::new();

#[embassy_executor::task(pool_size = 4)]
async fn echo(mut socket: TcpStream) {
    let mut buffer = [0; 1024];
    loop {
        let length = match AsyncReadExt::read(&mut socket, &mut buffer).await {
            Ok(0) => return,
            Ok(length) => length,
            Err(error) => return eprintln!("echo: {error}"),
        };
        if let Err(error) = AsyncWriteExt::write_all(&mut socket, &buffer[..length]).await {
            return eprintln!("echo: {error}");
        }
    }
}

#[embassy_executor::task]
async fn accept_loop(listener: TcpListener, spawner: Spawner) {
    loop {
        match listener.accept().await {
            Ok((socket, _)) => {
                if let Ok(task) = echo(socket) {
                    spawner.spawn(task);
                }
            }
            Err(error) => {
                eprintln!("accept: {error}");
                sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn story(spawner: Spawner) -> NetResult<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    spawner.spawn(accept_loop(listener, spawner).expect("one listener"));

    let client = TcpStream::connect(address).await?;
    let mut ticks = interval(Duration::from_millis(10));
    for round in 0..3_u8 {
        ticks.tick().await;
        client.write_all(&[round; 4]).await?;
        let mut answer = [0; 4];
        timeout(Duration::from_secs(5), client.read_exact(&mut answer)).await??;
        println!("echoed {answer:?}");
    }

    let one = UdpSocket::bind("127.0.0.1:0").await?;
    let other = UdpSocket::bind("127.0.0.1:0").await?;
    one.send_to(b"datagram", other.local_addr()?).await?;
    let mut buffer = [0; 16];
    let (length, from) = other.recv_from(&mut buffer).await?;
    println!("{length} bytes from {from}");
    Ok(())
}

fn main() -> NetResult<()> {
    EXECUTOR.run_until(IoDriver::new(&SLOTS)?, story)?
}
