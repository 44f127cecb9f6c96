//! Reading and writing as futures: a registration, a socket, one system call at a time.

use core::future::Future;
use core::hint::cold_path;
use core::ops::{Deref, Range};
use core::task::{Context, Poll};

use super::stream::{Answer, StreamSocket};
use crate::aio::AsyncRegistration;
use crate::aio::call::{AsyncCall, Attempt, Reads, Source, Writes, poll_call, try_call};
use crate::aio::readiness::{IoEventInterest, Ready, ReadyEvent};
use crate::error::{Error, ErrorKind, Result};
use crate::net::{IoSlice, IoSliceMut, Received, Sent};

const READ: IoEventInterest = IoEventInterest::READABLE;
const WRITE: IoEventInterest = IoEventInterest::WRITABLE;

/// Less than was asked for: there is no more.
#[inline]
fn received(received: Received, asked: usize) -> Attempt<usize> {
    match received {
        Received::Data(length) if length < asked => Attempt::Drained(length),
        Received::Data(length) => Attempt::Done(length),
        Received::EndOfStream => Attempt::Ended(0),
        Received::WouldBlock => Attempt::WouldBlock,
    }
}

/// Less than was offered: there is no more room.
#[inline]
fn sent(sent: Sent) -> Attempt<usize> {
    match sent {
        Sent::All(length) => Attempt::Done(length),
        Sent::Partial(length) => Attempt::Drained(length),
        Sent::WouldBlock => Attempt::WouldBlock,
    }
}

/// How many slices the systems take in one call (`IOV_MAX` of all of them).
const SLICES: usize = 1024;

/// The slices that one call moves: from the first that is not empty, as many as the system takes. The caller offers the rest again.
fn window<T: Deref<Target = [u8]>>(slices: &[T]) -> Range<usize> {
    let first = slices
        .iter()
        .position(|slice| !slice.is_empty())
        .unwrap_or(0);
    first..slices.len().min(first + SLICES)
}

#[inline]
pub(super) fn read<'a, B: Source<Inner: StreamSocket>>(
    source: &'a B,
    buffer: &'a mut [u8],
) -> impl Future<Output = Result<usize>> + use<'a, B> {
    AsyncCall::new(source, Reads, move |socket| {
        let answer = socket.receive_answer(buffer);
        if let Answer::Plain(length @ 1..) = answer {
            let length = length as usize;
            return Ok(if length < buffer.len() {
                Attempt::Drained(length)
            } else {
                cold_path();
                Attempt::Done(length)
            });
        }
        cold_path();
        Ok(match answer {
            Answer::Plain(0) => Attempt::Ended(0),
            Answer::Plain(failed) => Attempt::Failed(failed),
            Answer::Told(told) => received(told?, buffer.len()),
        })
    })
}

pub(super) fn peek<'a, B: Source<Inner: StreamSocket>>(
    source: &'a B,
    buffer: &'a mut [u8],
) -> impl Future<Output = Result<usize>> + use<'a, B> {
    AsyncCall::new(source, Reads, move |socket| {
        // What was looked at is still there, however little it was.
        Ok(match socket.peek(buffer)? {
            Received::Data(length) => Attempt::Done(length),
            other => received(other, 0),
        })
    })
}

pub(super) fn read_vectored<'a, 'b: 'a, B: Source<Inner: StreamSocket>>(
    source: &'a B,
    buffers: &'a mut [IoSliceMut<'b>],
) -> impl Future<Output = Result<usize>> + use<'a, 'b, B> {
    let window = window(buffers);
    let buffers = &mut buffers[window];
    AsyncCall::new(source, Reads, move |socket| {
        let asked = buffers.iter().map(|buffer| buffer.len()).sum();
        Ok(received(socket.receive_vectored(buffers)?, asked))
    })
}

pub(super) fn read_exact<'a, B: Source<Inner: StreamSocket>>(
    source: &'a B,
    buffer: &'a mut [u8],
) -> impl Future<Output = Result<usize>> + use<'a, B> {
    let mut filled = 0;
    AsyncCall::new(source, Reads, move |socket| {
        if filled == buffer.len() {
            return Ok(Attempt::Done(filled));
        }
        let rest = &mut buffer[filled..];
        let asked = rest.len();
        Ok(match socket.receive(rest)? {
            Received::Data(length) => {
                filled += length;
                if length == asked {
                    Attempt::Done(filled)
                } else {
                    Attempt::Again(length as isize)
                }
            }
            Received::EndOfStream => return Err(Error::new(ErrorKind::EndOfStream)),
            Received::WouldBlock => Attempt::WouldBlock,
        })
    })
}

#[inline]
pub(super) fn write<'a, B: Source<Inner: StreamSocket>>(
    source: &'a B,
    bytes: &'a [u8],
) -> impl Future<Output = Result<usize>> + use<'a, B> {
    AsyncCall::new(source, Writes, move |socket| Ok(sent(socket.send(bytes)?)))
}

pub(super) fn write_vectored<'a, 'b: 'a, B: Source<Inner: StreamSocket>>(
    source: &'a B,
    slices: &'a [IoSlice<'b>],
) -> impl Future<Output = Result<usize>> + use<'a, 'b, B> {
    let slices = &slices[window(slices)];
    AsyncCall::new(source, Writes, move |socket| {
        Ok(sent(socket.send_vectored(slices)?))
    })
}

#[inline]
pub(super) fn write_all<'a, B: Source<Inner: StreamSocket>>(
    source: &'a B,
    bytes: &'a [u8],
) -> impl Future<Output = Result<()>> + use<'a, B> {
    let mut rest = bytes;
    AsyncCall::new(source, Writes, move |socket| {
        let (answer, bytes) = socket.send_answer(rest);
        if let Answer::Plain(length) = answer
            && length == bytes.len() as isize
        {
            return Ok(Attempt::Done(()));
        }
        cold_path();
        let length = match answer {
            Answer::Plain(length @ 0..) => length,
            Answer::Plain(failed) => return Ok(Attempt::Failed(failed)),
            Answer::Told(told) => match told? {
                Sent::All(_) => return Ok(Attempt::Done(())),
                Sent::Partial(length) => length as isize,
                Sent::WouldBlock => return Ok(Attempt::WouldBlock),
            },
        };
        rest = bytes.get(length as usize..).unwrap_or_default();
        Ok(Attempt::Again(length))
    })
}

pub(super) async fn ready<S: StreamSocket>(
    registration: &AsyncRegistration,
    socket: &S,
    interest: IoEventInterest,
) -> Result<ReadyEvent> {
    if interest.contains(WRITE) && registration.look(WRITE).ready().is_empty() {
        registration.ask_writable(socket.as_fd())?;
    }
    let seen = registration.request_readiness(interest).await;
    if seen.ready() == Ready::SHUTDOWN {
        return Err(Error::new(ErrorKind::Aborted));
    }
    Ok(seen)
}

pub(super) fn try_read<S: StreamSocket>(
    registration: &AsyncRegistration,
    socket: &S,
    buffer: &mut [u8],
) -> Result<usize> {
    try_call(registration, READ, || {
        Ok(received(socket.receive(buffer)?, buffer.len()))
    })
}

pub(super) fn try_write<S: StreamSocket>(
    registration: &AsyncRegistration,
    socket: &S,
    bytes: &[u8],
) -> Result<usize> {
    try_call(registration, WRITE, || Ok(sent(socket.send(bytes)?)))
}

pub(super) fn poll_read<S: StreamSocket>(
    registration: &AsyncRegistration,
    socket: &S,
    cx: &mut Context<'_>,
    buffer: &mut [u8],
) -> Poll<Result<usize>> {
    poll_call(registration, READ, None, cx, || {
        Ok(received(socket.receive(buffer)?, buffer.len()))
    })
}

pub(super) fn poll_write<S: StreamSocket>(
    registration: &AsyncRegistration,
    socket: &S,
    cx: &mut Context<'_>,
    bytes: &[u8],
) -> Poll<Result<usize>> {
    poll_call(registration, WRITE, Some(socket.as_fd()), cx, || {
        Ok(sent(socket.send(bytes)?))
    })
}

pub(super) fn poll_read_vectored<S: StreamSocket>(
    registration: &AsyncRegistration,
    socket: &S,
    cx: &mut Context<'_>,
    buffers: &mut [IoSliceMut<'_>],
) -> Poll<Result<usize>> {
    let window = window(buffers);
    let buffers = &mut buffers[window];
    let asked = buffers.iter().map(|buffer| buffer.len()).sum();
    poll_call(registration, READ, None, cx, || {
        Ok(received(socket.receive_vectored(buffers)?, asked))
    })
}

pub(super) fn poll_write_vectored<S: StreamSocket>(
    registration: &AsyncRegistration,
    socket: &S,
    cx: &mut Context<'_>,
    slices: &[IoSlice<'_>],
) -> Poll<Result<usize>> {
    let slices = &slices[window(slices)];
    poll_call(registration, WRITE, Some(socket.as_fd()), cx, || {
        Ok(sent(socket.send_vectored(slices)?))
    })
}
