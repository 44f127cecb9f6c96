//! Tasks in static storage: `embassy-executor`'s on a driver. The pender, which the executor calls for every wake that finds its queue empty,
//! raises the user event when the thread waits in the kernel.
#![cfg(not(loom))]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use embassy_executor::{SendSpawner, Spawner};
use ptk_core::ErrorKind;
use ptk_core::aio::embassy::Executor;
use ptk_core::aio::net::{TcpListener, TcpStream, UnixStream};
use ptk_core::aio::time::sleep;
use ptk_core::aio::{IoDriver, IoSlots, Notify, block_on};

const ROUNDS: usize = 100;

macro_rules! executor {
    () => {{
        static SLOTS: IoSlots<16, 8> = IoSlots::new();
        static EXECUTOR: Executor = Executor::new();
        (&EXECUTOR, IoDriver::new(&SLOTS).unwrap())
    }};
}

static ECHOES: AtomicUsize = AtomicUsize::new(0);
static ECHO_ENDED: Notify = Notify::new();

#[embassy_executor::task(pool_size = 3)]
async fn echo(stream: TcpStream) {
    let mut buffer = [0; 64];
    while let Ok(length @ 1..) = stream.read(&mut buffer).await {
        stream.write_all(&buffer[..length]).await.unwrap();
    }
    drop(stream);
    ECHOES.fetch_add(1, Ordering::SeqCst);
    ECHO_ENDED.notify_one();
}

#[embassy_executor::task]
async fn listen(spawner: Spawner, listener: TcpListener) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        // A connection for which the pool has no place is closed.
        if let Ok(task) = echo(stream) {
            spawner.spawn(task);
        }
    }
}

#[test]
fn a_server_of_tasks_with_a_place_for_each_of_three_connections() {
    let (executor, driver) = executor!();
    executor
        .run_until(driver, |spawner| async move {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            spawner.spawn(listen(spawner, listener).unwrap());
            let mut clients = Vec::new();
            for number in 0..3_u8 {
                let client = TcpStream::connect(address).await.unwrap();
                client.write_all(&[number; 32]).await.unwrap();
                clients.push(client);
            }
            for (number, client) in (0..3_u8).zip(&clients) {
                let mut answer = [0; 32];
                client.read_exact(&mut answer).await.unwrap();
                assert_eq!(answer, [number; 32]);
            }
            let fourth = TcpStream::connect(address).await.unwrap();
            assert_eq!(fourth.read(&mut [0; 1]).await, Ok(0));
            // The place of a task that has ended is free.
            drop(clients.pop());
            while ECHOES.load(Ordering::SeqCst) == 0 {
                ECHO_ENDED.notified().await;
            }
            let fourth = TcpStream::connect(address).await.unwrap();
            fourth.write_all(b"again").await.unwrap();
            fourth.read_exact(&mut [0; 5]).await.unwrap();
            drop((clients, fourth));
            while ECHOES.load(Ordering::SeqCst) < 4 {
                ECHO_ENDED.notified().await;
            }
        })
        .unwrap();
    // The listener's task stays where it is, with its registration.
    assert_eq!((driver.usage().0, driver.timers()), (1, 0));
    let again = executor.run_until(driver, |_| async {}).unwrap_err();
    assert_eq!(again.kind(), ErrorKind::AlreadyConnected);
}

static PING: Notify = Notify::new();
static PONG: Notify = Notify::new();
static PINGS_ENDED: Notify = Notify::new();

#[embassy_executor::task]
async fn answer_pings() {
    for _ in 0..ROUNDS {
        PING.notified().await;
        PONG.notify_one();
    }
    PINGS_ENDED.notify_one();
}

/// Nothing but the user event can end the wait: there is no timer, and no descriptor that moves.
#[test]
fn a_task_is_woken_by_another_thread() {
    let (executor, driver) = executor!();
    let other = thread::spawn(|| {
        let (_, driver) = executor!();
        block_on(driver, async {
            for _ in 0..ROUNDS {
                PING.notify_one();
                PONG.notified().await;
            }
        })
        .unwrap();
    });
    executor
        .run_until(driver, |spawner| {
            spawner.spawn(answer_pings().unwrap());
            PINGS_ENDED.notified()
        })
        .unwrap();
    other.join().unwrap();
    assert_eq!((driver.usage().0, driver.timers()), (0, 0));
}

static SENT_ENDED: Notify = Notify::new();
static SENT: AtomicUsize = AtomicUsize::new(0);

#[embassy_executor::task(pool_size = 2)]
async fn sent(number: usize) {
    SENT.fetch_add(number, Ordering::SeqCst);
    SENT_ENDED.notify_one();
}

#[test]
fn another_thread_spawns_tasks() {
    let (executor, driver) = executor!();
    executor
        .run_until(driver, |spawner| async move {
            let (sender, receiver) = std::sync::mpsc::channel::<SendSpawner>();
            let other = thread::spawn(move || {
                let spawner = receiver.recv().unwrap();
                for number in 1..=ROUNDS {
                    let task = loop {
                        // Until a task before it has ended, its pool is full.
                        match sent(number) {
                            Ok(task) => break task,
                            Err(_) => thread::yield_now(),
                        }
                    };
                    spawner.spawn(task);
                }
            });
            sender.send(spawner.make_send()).unwrap();
            while SENT.load(Ordering::SeqCst) < ROUNDS * (ROUNDS + 1) / 2 {
                SENT_ENDED.notified().await;
            }
            other.join().unwrap();
        })
        .unwrap();
}

static TURNS: AtomicUsize = AtomicUsize::new(0);

#[embassy_executor::task]
async fn wakes_itself() {
    loop {
        TURNS.fetch_add(1, Ordering::SeqCst);
        std::future::poll_fn({
            let mut yielded = false;
            move |cx| {
                if std::mem::replace(&mut yielded, true) {
                    return std::task::Poll::Ready(());
                }
                cx.waker().wake_by_ref();
                std::task::Poll::Pending
            }
        })
        .await;
    }
}

#[test]
fn a_task_that_always_wakes_itself_does_not_keep_others_from_their_events() {
    let (executor, driver) = executor!();
    executor
        .run_until(driver, |spawner| async move {
            spawner.spawn(wakes_itself().unwrap());
            sleep(Duration::from_millis(1)).await;
            let (one, other) = UnixStream::pair().unwrap();
            for _ in 0..ROUNDS {
                one.write_all(b"x").await.unwrap();
                other.read_exact(&mut [0; 1]).await.unwrap();
            }
        })
        .unwrap();
    assert!(TURNS.load(Ordering::SeqCst) > 1);
}
