//! [`TaskRoom`] and [`Spawner`]: tasks in static storage, polled by one thread.

use core::cell::{Cell, UnsafeCell};
use core::fmt;
use core::future::Future;
use core::marker::PhantomData;
use core::mem::{self, MaybeUninit};
use core::pin::{Pin, pin};
use core::ptr;
use core::sync::atomic::{AtomicBool, Ordering};
use core::task::{Context, Poll, RawWaker, RawWakerVTable, Waker};

use super::lock::Lock;
use super::ready::{Ready, ReadyQueue};
use crate::aio::current::enter;
use crate::aio::driver::IoDriver;
use crate::aio::worker::Worker;
use crate::error::{Error, ErrorKind, Result};

/// How many tasks an event batch can hand over without the queue.
const BATCH: usize = kqueue_safe::PTK_MAX_KEVENTS;

/// What every task of every room begins with.
#[repr(C)]
struct Header {
    ready: Ready,
    /// Where it is to be told of; set before the first waker is made.
    queue: Cell<Option<&'static Queue>>,
    /// A waker of this header. Made with the queue, and not written any more after that; the room's thread alone reads it.
    waker: UnsafeCell<MaybeUninit<Waker>>,
    /// What its future is polled with, made with the waker: the same for every poll. The room's thread alone touches it.
    context: UnsafeCell<MaybeUninit<Context<'static>>>,
    /// Whether there is a future.
    occupied: Cell<bool>,
    /// The next free place.
    next_free: Cell<Option<Task>>,
}

/// The queue of a room.
struct Queue {
    ready: ReadyQueue,
    /// Who polls.
    worker: Lock<Option<&'static Worker>>,
}

impl Header {
    const fn new() -> Self {
        Self {
            ready: Ready::new(),
            queue: Cell::new(None),
            waker: UnsafeCell::new(MaybeUninit::uninit()),
            context: UnsafeCell::new(MaybeUninit::uninit()),
            occupied: Cell::new(false),
            next_free: Cell::new(None),
        }
    }
}

/// A task: a pointer to the whole of its place, which begins with its header and lives for ever. The main future's is to a header alone.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Task(*const Header);

impl Task {
    #[inline(always)]
    fn header(self) -> &'static Header {
        // SAFETY: tasks are made of headers that live for ever; what others than the room's thread touch of them is atomic, or not written any more.
        unsafe { &*self.0 }
    }

    #[inline]
    fn wake(self) {
        let Some(queue) = self.header().queue.get() else {
            return;
        };
        // SAFETY: tasks and queues are in `static`s, and the queue of a task never changes.
        if unsafe { queue.ready.push(self.0.cast()) } {
            queue.tell();
        }
    }

    /// Where it is to be told of, before anything else is done with it; by the room's thread, once.
    fn belong_to(self, queue: &'static Queue) {
        let header = self.header();
        header.queue.set(Some(queue));
        // SAFETY: the functions of the table get this pointer and no other, see `header`.
        let waker = unsafe { Waker::new(self.0.cast(), &VTABLE) };
        // SAFETY: only this thread touches the cell, and nobody has borrowed the waker, since there was none. Nobody drops it, which would do nothing.
        unsafe { (*header.waker.get()).write(waker) };
        let context = Context::from_waker(self.waker());
        // SAFETY: as for the waker.
        unsafe { (*header.context.get()).write(context) };
    }

    /// A waker, of a task that belongs to a queue; for the room's thread.
    #[inline(always)]
    fn waker(self) -> &'static Waker {
        // SAFETY: `belong_to` has written it, and nobody does so again.
        unsafe { (*self.header().waker.get()).assume_init_ref() }
    }
}

impl Queue {
    #[cold]
    fn tell(&self) {
        if let Some(worker) = self.worker.with(|worker| *worker) {
            worker.notify();
        }
    }
}

static VTABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake, |_| {});

/// # Safety
///
/// None is needed to copy two words; the type of the vtable's field asks for `unsafe`.
unsafe fn clone(data: *const ()) -> RawWaker {
    RawWaker::new(data, &VTABLE)
}

/// # Safety
///
/// `data` comes from [`Task::waker`], as the vtable guarantees.
unsafe fn wake(data: *const ()) {
    Task(data.cast()).wake();
}

/// One task: its header, and room for its future.
#[repr(C, align(16))]
struct Place<const BYTES: usize> {
    header: Header,
    future: UnsafeCell<MaybeUninit<Room<BYTES>>>,
}

#[repr(C, align(16))]
struct Room<const BYTES: usize>([u8; BYTES]);

/// The most that a future of a task may be aligned to.
const ALIGN: usize = 16;

/// Room for up to `TASKS` tasks at a time, all of one `async fn`, each of at most `BYTES` bytes ([`bytes_of`] tells). Belongs into a `static`.
///
/// This is the executor for servers whose connections all do the same: nothing is allocated, a task that an event wakes is polled without a queue in between,
/// and the futures need not be `Send`, since one thread polls them. A room runs once.
///
/// For tasks of several kinds there is `aio::embassy`, behind the feature `embassy`.
///
/// ```
/// use ptk_core::aio::net::{TcpListener, TcpStream};
/// use ptk_core::aio::tasks::{TaskRoom, bytes_of};
/// use ptk_core::aio::{IoDriver, IoSlots};
///
/// async fn echo(stream: TcpStream) {
///     let mut buffer = [0; 64];
///     while let Ok(length @ 1..) = stream.read(&mut buffer).await {
///         if stream.write_all(&buffer[..length]).await.is_err() {
///             break;
///         }
///     }
/// }
///
/// static SLOTS: IoSlots<8> = IoSlots::new();
/// static ECHOES: TaskRoom<2, { bytes_of(echo) }> = TaskRoom::new();
///
/// # fn main() -> ptk_core::Result<()> {
/// let driver = IoDriver::new(&SLOTS)?;
/// ECHOES.run_until(driver, |tasks| async move {
///     let listener = TcpListener::bind("127.0.0.1:0").await?;
///     let client = TcpStream::connect(listener.local_addr()?).await?;
///     let (stream, _) = listener.accept().await?;
///     assert!(tasks.spawn(echo(stream)).is_ok());
///     client.write_all(b"hello").await?;
///     let mut answer = [0; 5];
///     client.read_exact(&mut answer).await?;
///     assert_eq!(&answer, b"hello");
///     Ok(())
/// })?
/// # }
/// ```
pub struct TaskRoom<const TASKS: usize, const BYTES: usize> {
    taken: AtomicBool,
    queue: Queue,
    /// The future of `run_until`: a task like the others, whose future is elsewhere.
    main: Header,
    state: State,
    places: [Place<BYTES>; TASKS],
}

/// What the thread that runs the room keeps.
struct State {
    running: Cell<bool>,
    free: Cell<Option<Task>>,
    /// Places that were ever used.
    touched: Cell<usize>,
    used: Cell<usize>,
}

// SAFETY: `taken` lets one thread, ever, run the room; only that thread touches the cells and the futures, through the run itself and through a `Spawner`,
// which cannot leave it. Others have wakers, which touch the atomics of the headers and of the queue, and `Header::queue`, which is not written any more when there is
// a waker.
unsafe impl<const TASKS: usize, const BYTES: usize> Sync for TaskRoom<TASKS, BYTES> {}

/// How many bytes a task of this function needs, for [`TaskRoom`].
pub const fn bytes_of<A, F: Future<Output = ()>>(_function: fn(A) -> F) -> usize {
    size_of::<F>()
}

impl<const TASKS: usize, const BYTES: usize> TaskRoom<TASKS, BYTES> {
    /// A room that does not run yet.
    pub const fn new() -> Self {
        const { assert!(TASKS > 0, "a room without places") };
        Self {
            taken: AtomicBool::new(false),
            queue: Queue {
                ready: ReadyQueue::new(),
                worker: Lock::new(None),
            },
            main: Header::new(),
            state: State {
                running: Cell::new(false),
                free: Cell::new(None),
                touched: Cell::new(0),
                used: Cell::new(0),
            },
            places: [const {
                Place {
                    header: Header::new(),
                    future: UnsafeCell::new(MaybeUninit::uninit()),
                }
            }; TASKS],
        }
    }

    /// Runs the future that `main` makes, and the tasks that are spawned meanwhile, until that future ends; tasks that have not ended by then are dropped.
    ///
    /// While this runs, `driver` is the [`current`](crate::aio::current()) one of the thread. Several rooms may run on one driver, each on a thread of its own.
    ///
    /// # Errors
    ///
    /// [`AlreadyConnected`](ErrorKind::AlreadyConnected) when the room has run before; those of [`block_on`](crate::aio::block_on()).
    pub fn run_until<F, M>(
        &'static self,
        driver: &'static IoDriver,
        main: impl FnOnce(Spawner<F>) -> M,
    ) -> Result<M::Output>
    where
        F: Future<Output = ()> + 'static,
        M: Future,
    {
        const {
            assert!(
                size_of::<F>() <= BYTES,
                "a task needs more bytes than the room gives it: see `bytes_of`"
            );
            assert!(
                align_of::<F>() <= ALIGN,
                "a task's alignment is more than a room's"
            );
        }
        let worker = Worker::claim(driver)?;
        let _entered = enter(driver)?;
        if self.taken.swap(true, Ordering::Acquire) {
            return Err(Error::new(ErrorKind::AlreadyConnected));
        }
        self.queue
            .worker
            .with(|place| *place = Some(worker.place()));
        let main_task = Task(&raw const self.main);
        main_task.belong_to(&self.queue);
        self.state.running.set(true);
        let run = Run::<F, TASKS, BYTES> {
            room: self,
            main_due: Cell::new(true),
            _futures: PhantomData,
        };
        let mut main = pin!(main(Spawner {
            room: self,
            _futures: PhantomData,
        }));
        let mut batch = [const { MaybeUninit::<Task>::uninit() }; BATCH];
        let mut woken = 0;
        loop {
            for at in 0..woken {
                // SAFETY: the first `woken` places were written, by the closure below.
                run.poll(unsafe { batch.get_unchecked(at).assume_init() });
            }
            woken = 0;
            // Spent before the queue is looked at: a wake that comes after that tells again.
            self.queue.ready.drain(
                || _ = worker.take_notified(),
                |ready| run.poll(Task(ready.cast())),
            );
            if run.main_due.get() {
                run.main_due.set(false);
                if let Poll::Ready(output) = poll_main(main.as_mut(), main_task.waker()) {
                    return Ok(output);
                }
            }
            worker.rest_of_room(&mut |waker| {
                if let Some(place) = batch.get_mut(woken)
                    && let Some(task) = self.own(&waker)
                {
                    place.write(task);
                    woken += 1;
                    // Dropping one of this table does nothing.
                    mem::forget(waker);
                } else {
                    wake_by_value(waker);
                }
            })?;
        }
    }

    /// The task of this room that `waker` is of.
    #[inline(always)]
    fn own(&'static self, waker: &Waker) -> Option<Task> {
        if !is_task(waker) {
            return None;
        }
        let task = Task(waker.data().cast());
        let queue = task.header().queue.get();
        if !ptr::eq(
            queue.map_or(ptr::null(), ptr::from_ref),
            &raw const self.queue,
        ) {
            return None;
        }
        Some(task)
    }
}

/// Whether this is a waker of a room's task: that one need not be dropped.
#[inline(always)]
fn is_task(waker: &Waker) -> bool {
    ptr::eq(waker.vtable(), &VTABLE)
}

/// A clone of `waker`, without a call if it is a task's.
#[inline(always)]
pub(super) fn clone_waker(waker: &Waker) -> Waker {
    copy_of_task(waker).unwrap_or_else(|| waker.clone())
}

/// A clone of `waker` if it is a task's: made without a call, and need not be dropped.
#[inline(always)]
pub(super) fn copy_of_task(waker: &Waker) -> Option<Waker> {
    // SAFETY: it is what `clone` does. Not `then_some`: the compiler would have to drop it.
    is_task(waker).then(|| unsafe { Waker::new(waker.data(), &VTABLE) })
}

/// Apart, so that the loop of the tasks is not the larger for it.
#[inline(never)]
fn poll_main<M: Future>(main: Pin<&mut M>, waker: &Waker) -> Poll<M::Output> {
    main.poll(&mut Context::from_waker(waker))
}

#[cold]
#[inline(never)]
fn wake_by_value(waker: Waker) {
    waker.wake();
}

impl<const TASKS: usize, const BYTES: usize> Default for TaskRoom<TASKS, BYTES> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const TASKS: usize, const BYTES: usize> fmt::Debug for TaskRoom<TASKS, BYTES> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskRoom")
            .field("capacity", &TASKS)
            .field("has_run", &self.taken.load(Ordering::Relaxed))
            .finish_non_exhaustive()
    }
}

/// A room while it runs, on the thread that runs it.
struct Run<F: Future<Output = ()> + 'static, const TASKS: usize, const BYTES: usize> {
    room: &'static TaskRoom<TASKS, BYTES>,
    /// Whether the main future has been woken.
    main_due: Cell<bool>,
    _futures: PhantomData<*const F>,
}

impl<F: Future<Output = ()> + 'static, const TASKS: usize, const BYTES: usize>
    Run<F, TASKS, BYTES>
{
    #[inline(always)]
    fn poll(&self, task: Task) {
        if !task.header().occupied.get() {
            return self.without_future(task);
        }
        // SAFETY: `belong_to` has written it; only this thread touches it, and no poll of this task is under way, see below.
        let cx = unsafe { (*task.header().context.get()).assume_init_mut() };
        // SAFETY: the place is occupied by an `F`, which `spawn` put there to stay; only this thread touches it, and nobody else at this time: a task is polled from
        // the loop of `run_until` only, which does not call itself, since the room has been taken.
        let future = unsafe { Pin::new_unchecked(&mut *self.future(task)) };
        if future.poll(cx).is_ready() {
            self.end(task);
        }
    }

    /// A late wake, or the main future's: that one has no place.
    #[cold]
    #[inline(never)]
    fn without_future(&self, task: Task) {
        if ptr::eq(task.0, &raw const self.room.main) {
            self.main_due.set(true);
        }
    }

    /// Where the future of a task is that is not the main one.
    #[inline(always)]
    fn future(&self, task: Task) -> *mut F {
        let place: *const Place<BYTES> = task.0.cast();
        // SAFETY: it is a pointer to a place of this room, since the room's queue and wakers are of no others.
        unsafe { (*place).future.get().cast() }
    }

    /// A task has ended, or is not to go on.
    #[inline(never)]
    fn end(&self, task: Task) {
        let header = task.header();
        // Before it is dropped: a drop that panics leaves the place empty, and is not repeated.
        header.occupied.set(false);
        // SAFETY: it was occupied, and is not any more; nobody polls it now. It stayed where it was until now.
        unsafe { self.future(task).drop_in_place() };
        let state = &self.room.state;
        header.next_free.set(state.free.replace(Some(task)));
        state.used.set(state.used.get() - 1);
    }
}

impl<F: Future<Output = ()> + 'static, const TASKS: usize, const BYTES: usize> Drop
    for Run<F, TASKS, BYTES>
{
    fn drop(&mut self) {
        self.room.state.running.set(false);
        self.room.queue.worker.with(|worker| *worker = None);
        for place in &self.room.places[..self.room.state.touched.get()] {
            if place.header.occupied.get() {
                self.end(Task((&raw const *place).cast()));
            }
        }
    }
}

/// Puts tasks into a [`TaskRoom`] that runs. It stays on the room's thread.
///
/// ```compile_fail
/// fn needs_send<T: Send>() {}
/// needs_send::<ptk_core::aio::tasks::Spawner<core::future::Ready<()>>>();
/// ```
pub struct Spawner<F: Future<Output = ()> + 'static> {
    room: &'static dyn Spawn,
    _futures: PhantomData<*const F>,
}

impl<F: Future<Output = ()> + 'static> Clone for Spawner<F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<F: Future<Output = ()> + 'static> Copy for Spawner<F> {}

impl<F: Future<Output = ()> + 'static> fmt::Debug for Spawner<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spawner")
            .field("used", &self.used())
            .finish_non_exhaustive()
    }
}

impl<F: Future<Output = ()> + 'static> Spawner<F> {
    /// Adds a task; it is polled for the first time soon.
    ///
    /// # Errors
    ///
    /// The task comes back when no place is free, or when the room runs no more.
    pub fn spawn(&self, task: F) -> core::result::Result<(), F> {
        let Some((new, place)) = self.room.take() else {
            return Err(task);
        };
        // SAFETY: the place is free, and large and aligned enough: `run_until`, which made this spawner, has checked that for `F`. Only this thread touches it.
        unsafe { place.cast::<F>().write(task) };
        new.header().occupied.set(true);
        new.wake();
        Ok(())
    }

    /// How many tasks there are.
    pub fn used(&self) -> usize {
        self.room.used()
    }
}

/// A room, without its numbers.
trait Spawn {
    /// A free place, and where its future goes.
    fn take(&'static self) -> Option<(Task, *mut ())>;

    fn used(&self) -> usize;
}

impl<const TASKS: usize, const BYTES: usize> Spawn for TaskRoom<TASKS, BYTES> {
    fn take(&'static self) -> Option<(Task, *mut ())> {
        let state = &self.state;
        if !state.running.get() {
            return None;
        }
        let task = match state.free.get() {
            Some(task) => {
                state.free.set(task.header().next_free.get());
                task
            }
            None => {
                let place = self.places.get(state.touched.get())?;
                state.touched.set(state.touched.get() + 1);
                let task = Task((&raw const *place).cast());
                task.belong_to(&self.queue);
                task
            }
        };
        state.used.set(state.used.get() + 1);
        let place: *const Place<BYTES> = task.0.cast();
        // SAFETY: it is a pointer to a place of this room.
        Some((task, unsafe { (*place).future.get().cast() }))
    }

    fn used(&self) -> usize {
        self.state.used.get()
    }
}
