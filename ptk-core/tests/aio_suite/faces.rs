//! Callbacks and tasks on one thread: a loop whose timer talks to a task, and a task that waits beside it.

use std::cell::Cell;
use std::time::Duration;

use ptk_core::ErrorKind;
use ptk_core::aio::net::TcpStream;
use ptk_core::aio::time::sleep;
use ptk_core::aio::two_faces::{OneQueue, attend, run};
use ptk_core::aio::{AsyncRegistration, IoEventInterest, Notify, block_on};
use ptk_core::event_loop::{Context, Event, EventLoop, Kind, Watch};
use ptk_core::net::{self, Received};
use std::os::fd::AsFd;
use std::pin::pin;

use crate::util::{Count, driver, join};

#[test]
fn a_loop_and_a_task_share_a_thread_and_its_wait() {
    let driver = driver!(8, 8);
    let mut event_loop: EventLoop<4, 4> = EventLoop::new().unwrap();
    event_loop
        .context()
        .start_periodic(Duration::from_millis(2), 0, 0_u16)
        .unwrap();
    let (ticks, heard, told) = (Cell::new(0), Cell::new(0), Notify::new());
    let mut handler = |_: &mut Context<'_>, _: Event| {
        ticks.set(ticks.get() + 1);
        told.notify_one();
    };
    block_on(driver, async {
        let machines = attend(driver.handle(), &mut event_loop, &mut handler, |_, _| {
            heard.get() >= 5
        });
        let task = async {
            while heard.get() < 5 {
                told.notified().await;
                heard.set(heard.get() + 1);
                sleep(Duration::from_micros(100)).await;
            }
        };
        join(machines, task).await.0.unwrap();
    })
    .unwrap();
    assert!(ticks.get() >= 5);
    assert_eq!((driver.usage().0, driver.timers()), (0, 0));
}

type Both = EventLoop<4, 4, 16, OneQueue>;

const TICK: u16 = 1;
const BYTES: u16 = 2;
const CLIENT: u16 = 3;

/// An echo machine on a listener of the loop's, and a task that talks to it, on one thread and one kqueue.
#[test]
fn a_machine_answers_a_task_on_one_kqueue() {
    let driver = driver!(8, 8);
    let mut event_loop: Both = EventLoop::on(OneQueue::new(driver).unwrap());
    let listener = net::TcpListener::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = listener.local_addr().unwrap();
    let mut context = event_loop.context();
    context
        .attach(listener, Watch::new().readable(CLIENT))
        .unwrap();
    context
        .start_periodic(Duration::from_millis(1), 0, TICK)
        .unwrap();
    let ticks = Cell::new(0);
    let mut machine = |cx: &mut Context<'_, OneQueue>, event: Event| match (event.code, event.kind)
    {
        (CLIENT, Kind::Readable(source)) => {
            while let Some((client, _)) = cx.accept(source).unwrap() {
                cx.attach(client, Watch::new().readable(BYTES)).unwrap();
            }
        }
        (BYTES, Kind::Readable(source)) => {
            let mut buffer = [0; 64];
            match cx.receive(source, &mut buffer).unwrap() {
                Received::Data(length) => {
                    let _ = cx.send(source, &buffer[..length]).unwrap();
                }
                Received::EndOfStream => cx.close(source).unwrap(),
                Received::WouldBlock => {}
            }
        }
        (TICK, _) => ticks.set(ticks.get() + 1),
        _ => {}
    };
    let task = async {
        let stream = TcpStream::connect(address).await.unwrap();
        for round in 0..50_u8 {
            stream.write_all(&[round; 33]).await.unwrap();
            let mut answer = [0; 33];
            stream.read_exact(&mut answer).await.unwrap();
            assert_eq!(answer, [round; 33]);
            sleep(Duration::from_micros(200)).await;
        }
        while ticks.get() < 3 {
            sleep(Duration::from_millis(1)).await;
        }
    };
    run(&mut event_loop, &mut machine, task).unwrap();
    assert!(ticks.get() >= 3);
    assert_eq!((driver.usage().0, driver.timers()), (0, 0));
}

/// A turn makes one wait at most, and here one brings what both faces wait for.
#[test]
fn one_wait_serves_both_faces() {
    let driver = driver!(8, 8);
    let mut event_loop: Both = EventLoop::on(OneQueue::new(driver).unwrap());
    let (machines, far) = net::UnixStream::pair().unwrap();
    let (tasks, away) = net::UnixStream::pair().unwrap();
    event_loop
        .context()
        .attach(machines, Watch::new().readable(BYTES))
        .unwrap();
    let registration = AsyncRegistration::new(driver.handle(), tasks.as_fd()).unwrap();
    let told = Cell::new(0);
    let mut machine = |cx: &mut Context<'_, OneQueue>, event: Event| {
        if let Kind::Readable(source) = event.kind {
            let _ = cx.receive(source, &mut [0; 8]).unwrap();
            told.set(told.get() + 1);
        }
    };
    // The loop's registration reaches the kernel with a turn.
    event_loop.turn(&mut machine, Some(Duration::ZERO)).unwrap();
    let (woken, waker) = Count::waker();
    let mut readable = pin!(registration.request_readiness(IoEventInterest::READABLE));
    let mut cx = std::task::Context::from_waker(&waker);
    assert!(readable.as_mut().poll(&mut cx).is_pending());
    let _ = (far.send(b"x").unwrap(), away.send(b"y").unwrap());
    let answered = event_loop
        .turn(&mut machine, Some(Duration::from_secs(60)))
        .unwrap();
    assert_eq!((answered, told.get(), woken.get()), (1, 1, 1));
    driver
        .handle()
        .remove_io_source(tasks.as_fd(), registration.id());
}

/// The deadline of a task ends a wait of the loop's that would last for ever, and the other way round.
#[test]
fn the_earlier_deadline_of_both_faces_ends_the_wait() {
    let driver = driver!(8, 8);
    let mut event_loop: Both = EventLoop::on(OneQueue::new(driver).unwrap());
    let mut machine = |_: &mut Context<'_, OneQueue>, _: Event| {};
    run(
        &mut event_loop,
        &mut machine,
        sleep(Duration::from_millis(2)),
    )
    .unwrap();
    let told = Notify::new();
    event_loop
        .context()
        .start_timer(Duration::from_millis(2), 0, TICK)
        .unwrap();
    let mut machine = |_: &mut Context<'_, OneQueue>, _: Event| told.notify_one();
    let task = async {
        let mut late = pin!(sleep(Duration::from_secs(3600)));
        assert!(crate::util::poll_once(late.as_mut()).is_pending());
        told.notified().await;
    };
    run(&mut event_loop, &mut machine, task).unwrap();
}

#[test]
fn a_wake_from_another_thread_ends_the_wait_of_both_and_the_access_is_exclusive() {
    let driver = driver!(8, 8);
    static WORD: Notify = Notify::new();
    static ANSWER: Notify = Notify::new();
    let mut event_loop: Both = EventLoop::on(OneQueue::new(driver).unwrap());
    let second = OneQueue::new(driver);
    assert_eq!(second.unwrap_err().kind(), ErrorKind::WouldBlock);
    let other = std::thread::spawn(move || {
        // A worker of the same driver: it sleeps while the loop has the access.
        block_on(driver, async {
            for _ in 0..100 {
                WORD.notify_one();
                ANSWER.notified().await;
            }
        })
        .unwrap();
    });
    let mut machine = |_: &mut Context<'_, OneQueue>, _: Event| {};
    let task = async {
        for _ in 0..100 {
            WORD.notified().await;
            ANSWER.notify_one();
        }
    };
    run(&mut event_loop, &mut machine, task).unwrap();
    drop(event_loop);
    other.join().unwrap();
    assert!(driver.try_get_access().is_some());
}
