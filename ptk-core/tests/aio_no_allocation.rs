//! Proof that the async face does not allocate: the global allocator of this program aborts as soon as the driver runs. (Not a test harness: that
//! one allocates. It prints its own result line.)
#![allow(unsafe_code)]

#[cfg(loom)]
fn main() {}

#[cfg(not(loom))]
fn main() {
    story::run();
}

#[cfg(not(loom))]
mod story {
    use std::alloc::{GlobalAlloc, Layout, System};
    use std::future::Future;
    use std::pin::pin;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::task::Poll;
    use std::time::Duration;

    use ptk_core::aio::net::{TcpListener, TcpStream, UdpSocket, UnixStream};
    use ptk_core::aio::tasks::{TaskRoom, bytes_of};
    use ptk_core::aio::time::{interval, sleep, timeout};
    use ptk_core::aio::{IoDriver, IoSlots, Notify, block_on};
    use ptk_core::net::{IoSlice, IoSliceMut};

    struct Aborting;

    static ARMED: AtomicBool = AtomicBool::new(false);

    // SAFETY: hands everything to the system's allocator, whose contract is the same, or aborts.
    unsafe impl GlobalAlloc for Aborting {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            if ARMED.load(Ordering::Relaxed) {
                std::process::abort();
            }
            // SAFETY: the caller keeps the contract of `GlobalAlloc::alloc`, which is passed on unchanged.
            unsafe { System.alloc(layout) }
        }

        unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
            // SAFETY: the caller got `pointer` from `alloc` above with this layout, and so from the system's allocator.
            unsafe { System.dealloc(pointer, layout) }
        }
    }

    #[global_allocator]
    static ALLOCATOR: Aborting = Aborting;

    static SLOTS: IoSlots<16, 2> = IoSlots::new();
    #[cfg(feature = "embassy")]
    static SLOTS_OF_TASKS: IoSlots<16, 2> = IoSlots::new();
    static NOTIFY: Notify = Notify::new();

    async fn both<A: Future, B: Future>(a: A, b: B) {
        let (mut a, mut b) = (pin!(a), pin!(b));
        let (mut left, mut right) = (false, false);
        std::future::poll_fn(|cx| {
            left = left || a.as_mut().poll(cx).is_ready();
            right = right || b.as_mut().poll(cx).is_ready();
            if left && right {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }

    async fn tcp() -> ptk_core::Result<()> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let client = TcpStream::connect(listener.local_addr()?).await?;
        let (server, _) = listener.accept().await?;
        let (reader, writer) = server.into_split().map_err(|(_, error)| error)?;
        let echo = async {
            let mut buffer = [0; 512];
            while let Ok(length @ 1..) = reader.read(&mut buffer).await {
                if writer.write_all(&buffer[..length]).await.is_err() {
                    break;
                }
            }
        };
        let talk = async {
            let client = client;
            let mut answer = [0; 64];
            for round in 0..100_u8 {
                client.write_all(&[round; 64]).await.unwrap();
                client.read_exact(&mut answer).await.unwrap();
                assert_eq!(answer, [round; 64]);
            }
            drop(client);
        };
        both(echo, talk).await;
        Ok(())
    }

    async fn all() -> ptk_core::Result<()> {
        tcp().await?;
        let (one, other) = UnixStream::pair()?;
        one.write_all(b"x").await?;
        other.read_exact(&mut [0; 1]).await?;
        let slices = [IoSlice::new(b"several "), IoSlice::new(b"slices")];
        assert_eq!(one.write_vectored(&slices).await?, 14);
        let (mut front, mut back) = ([0; 3], [0; 32]);
        let mut buffers = [IoSliceMut::new(&mut front), IoSliceMut::new(&mut back)];
        assert_eq!(other.read_vectored(&mut buffers).await?, 14);
        assert_eq!((&front, &back[..11]), (b"sev", &b"eral slices"[..]));
        let socket = UdpSocket::bind("127.0.0.1:0").await?;
        socket.send_to(b"self", socket.local_addr()?).await?;
        socket.recv_from(&mut [0; 8]).await?;
        // More sleeps than slots.
        let millisecond = Duration::from_millis(1);
        both(
            sleep(millisecond),
            both(sleep(millisecond), sleep(millisecond)),
        )
        .await;
        let mut ticks = interval(millisecond);
        ticks.tick().await;
        ticks.tick().await;
        let never = timeout(millisecond, std::future::pending::<()>());
        assert!(never.await.is_err());
        both(NOTIFY.notified(), async { NOTIFY.notify_one() }).await;
        Ok(())
    }

    static SLOTS_OF_ROOM: IoSlots<16, 2> = IoSlots::new();
    static ROOM: TaskRoom<2, { bytes_of(echo) }> = TaskRoom::new();

    async fn echo(stream: UnixStream) {
        let mut buffer = [0; 64];
        while let Ok(length @ 1..) = stream.read(&mut buffer).await {
            if stream.write_all(&buffer[..length]).await.is_err() {
                break;
            }
        }
    }

    /// The same stories beside tasks in a room.
    fn in_a_room() -> ptk_core::Result<()> {
        let driver = IoDriver::new(&SLOTS_OF_ROOM)?;
        ROOM.run_until(driver, |tasks| async move {
            for round in 0..100_u8 {
                let (one, other) = UnixStream::pair()?;
                let Ok(()) = tasks.spawn(echo(other)) else {
                    unreachable!("one place is free: the task of the round before last has ended");
                };
                one.write_all(&[round; 64]).await?;
                let mut answer = [0; 64];
                one.read_exact(&mut answer).await?;
                assert_eq!(answer, [round; 64]);
            }
            all().await
        })?
    }

    /// The same stories beside a task in static storage, which answers through a stream.
    #[cfg(feature = "embassy")]
    mod tasks {
        use super::{SLOTS_OF_TASKS, all};
        use ptk_core::aio::embassy::Executor;
        use ptk_core::aio::net::UnixStream;
        use ptk_core::aio::{IoDriver, Notify};

        static EXECUTOR: Executor = Executor::new();
        static ENDED: Notify = Notify::new();

        #[embassy_executor::task]
        async fn echo(stream: UnixStream) {
            let mut buffer = [0; 64];
            while let Ok(length @ 1..) = stream.read(&mut buffer).await {
                if stream.write_all(&buffer[..length]).await.is_err() {
                    break;
                }
            }
            ENDED.notify_one();
        }

        pub fn run() -> ptk_core::Result<()> {
            let driver = IoDriver::new(&SLOTS_OF_TASKS)?;
            EXECUTOR.run_until(driver, |spawner| async move {
                let (one, other) = UnixStream::pair()?;
                spawner.spawn(echo(other).unwrap());
                let mut answer = [0; 64];
                for round in 0..100_u8 {
                    one.write_all(&[round; 64]).await?;
                    one.read_exact(&mut answer).await?;
                    assert_eq!(answer, [round; 64]);
                }
                drop(one);
                ENDED.notified().await;
                all().await
            })?
        }
    }

    pub fn run() {
        // What the standard library sets up for the thread's handle is not ours.
        let _ = std::thread::current();
        ARMED.store(true, Ordering::SeqCst);
        let result = IoDriver::new(&SLOTS).and_then(|driver| block_on(driver, all()));
        let of_room = in_a_room();
        #[cfg(feature = "embassy")]
        let of_tasks = tasks::run();
        ARMED.store(false, Ordering::SeqCst);
        result.unwrap().unwrap();
        of_room.unwrap();
        #[cfg(feature = "embassy")]
        of_tasks.unwrap();
        println!("test aio_no_allocation ... ok");
    }
}
