//! Several workers, and executors of other houses.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use ptk_core::aio::net::{TcpListener, TcpStream};
use ptk_core::aio::time::{now, sleep_in, sleep_until_in};
use ptk_core::aio::{IoDriver, IoDriverHandle, Notify, block_on};
use ptk_core::net::ListenOptions;

use crate::util::{driver, join};

const ROUNDS: usize = 100;

async fn echo(stream: TcpStream) {
    let mut buffer = [0; 256];
    while let Ok(length @ 1..) = stream.read(&mut buffer).await {
        stream.write_all(&buffer[..length]).await.unwrap();
    }
}

async fn talk(handle: IoDriverHandle, address: std::net::SocketAddr) {
    let stream = TcpStream::connect_in(handle, address).await.unwrap();
    let mut buffer = [0; 16];
    for round in 0..ROUNDS {
        stream.write_all(&round.to_le_bytes()).await.unwrap();
        stream.read_exact(&mut buffer[..8]).await.unwrap();
        assert_eq!(buffer[..8], (round as u64).to_le_bytes());
    }
}

async fn story(handle: IoDriverHandle) {
    let listener = TcpListener::bind_in(handle, "127.0.0.1:0", &ListenOptions::new()).unwrap();
    let address = listener.local_addr().unwrap();
    let serve = async {
        let (stream, _) = listener.accept().await.unwrap();
        echo(stream).await;
    };
    join(serve, talk(handle, address)).await;
    sleep_in(handle, Duration::from_millis(1)).await;
}

/// A thread that does nothing but process events, until it is told to stop.
struct Background {
    driver: &'static IoDriver,
    stop: Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Background {
    fn new(driver: &'static IoDriver) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let thread = {
            let stop = stop.clone();
            thread::spawn(move || {
                let mut access = driver.try_get_access().unwrap();
                while !stop.load(Ordering::SeqCst) {
                    driver.process_io(&mut access, None).unwrap();
                }
            })
        };
        Self {
            driver,
            stop,
            thread: Some(thread),
        }
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        self.driver.get_unparker().unpark().unwrap();
        self.thread.take().unwrap().join().unwrap();
    }
}

#[test]
fn workers_share_a_driver() {
    let driver = driver!(64, 16);
    let threads: Vec<_> = (0..4)
        .map(|_| thread::spawn(move || block_on(driver, story(driver.handle())).unwrap()))
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!((driver.usage().0, driver.timers()), (0, 0));
}

/// Two leave in the same moment, one of them called to process events in the place of the other: those that stay must not sleep for ever.
#[test]
fn workers_that_leave_together_leave_the_events_to_the_others() {
    let driver = driver!(4, 16);
    for _ in 0..ROUNDS {
        let soon = now().saturating_add(Duration::from_micros(500));
        let later = soon.saturating_add(Duration::from_micros(500));
        let threads = [soon, soon, later, later].map(|deadline| {
            thread::spawn(move || {
                block_on(driver, sleep_until_in(driver.handle(), deadline)).unwrap();
            })
        });
        for thread in threads {
            thread.join().unwrap();
        }
    }
}

#[test]
fn a_worker_is_woken_by_another_one_that_shares_no_descriptor() {
    static PING: Notify = Notify::new();
    static PONG: Notify = Notify::new();
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let driver = driver!(4, 4);
    let other = thread::spawn(move || {
        block_on(driver, async {
            for _ in 0..ROUNDS {
                PING.notified().await;
                COUNT.fetch_add(1, Ordering::SeqCst);
                PONG.notify_one();
            }
        })
        .unwrap();
    });
    block_on(driver, async {
        for _ in 0..ROUNDS {
            PING.notify_one();
            PONG.notified().await;
        }
    })
    .unwrap();
    other.join().unwrap();
    assert_eq!(COUNT.load(Ordering::SeqCst), ROUNDS);
}

#[test]
fn under_futures_executor() {
    let driver = driver!();
    let _background = Background::new(driver);
    futures_executor::block_on(story(driver.handle()));
}

#[test]
fn under_async_executor() {
    let driver = driver!(32, 16);
    let executor = async_executor::Executor::new();
    let tasks: Vec<_> = (0..3)
        .map(|_| executor.spawn(story(driver.handle())))
        .collect();
    // Our own `block_on` drives it: no further thread.
    block_on(
        driver,
        executor.run(async {
            for task in tasks {
                task.await;
            }
        }),
    )
    .unwrap();
}

#[test]
fn under_tokio_of_both_kinds() {
    let driver = driver!(64, 16);
    let _background = Background::new(driver);
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(story(driver.handle()));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap();
    runtime.block_on(async {
        let tasks: Vec<_> = (0..4)
            .map(|_| tokio::spawn(story(driver.handle())))
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
}
