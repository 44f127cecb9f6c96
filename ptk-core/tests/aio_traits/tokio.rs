//! tokio's `AsyncRead` and `AsyncWrite`.

use std::future::poll_fn;
use std::io::{ErrorKind, IoSlice, Result};
use std::pin::Pin;

use ::tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use ptk_core::aio::block_on;

use crate::stories::{LARGE, pattern, reset, second_begins_late, tcp, through_all};
use crate::util::driver;

async fn read<R: AsyncRead + Unpin>(mut from: R, buffer: &mut [u8]) -> Result<usize> {
    let mut buffer = ReadBuf::new(buffer);
    poll_fn(|cx| Pin::new(&mut from).poll_read(cx, &mut buffer)).await?;
    Ok(buffer.filled().len())
}

async fn read_to_end<R: AsyncRead + Unpin>(mut from: R) -> Result<Vec<u8>> {
    let mut all = Vec::new();
    let mut buffer = vec![0; 40_000];
    loop {
        match read(&mut from, &mut buffer).await? {
            0 => return Ok(all),
            length => all.extend_from_slice(&buffer[..length]),
        }
    }
}

async fn write<W: AsyncWrite + Unpin>(mut to: W, bytes: &[u8]) -> Result<usize> {
    poll_fn(|cx| Pin::new(&mut to).poll_write(cx, bytes)).await
}

async fn write_all<W: AsyncWrite + Unpin>(mut to: W, mut bytes: &[u8]) -> Result<()> {
    while !bytes.is_empty() {
        let written = write(&mut to, bytes).await?;
        bytes = &bytes[written..];
    }
    poll_fn(|cx| Pin::new(&mut to).poll_flush(cx)).await
}

async fn close<W: AsyncWrite + Unpin>(mut to: W) -> Result<()> {
    poll_fn(|cx| Pin::new(&mut to).poll_shutdown(cx)).await
}

async fn write_all_and_close<W: AsyncWrite + Unpin>(mut to: W, bytes: &[u8]) -> Result<()> {
    write_all(&mut to, bytes).await?;
    close(to).await
}

async fn write_vectored<W: AsyncWrite + Unpin>(mut to: W, slices: &[IoSlice<'_>]) -> Result<usize> {
    poll_fn(|cx| Pin::new(&mut to).poll_write_vectored(cx, slices)).await
}

async fn both<S: AsyncRead + AsyncWrite + Unpin>(mut one: S, mut other: S) {
    let small = pattern(100);
    // Here the reader waits first, and there the writer, for a reader that comes late.
    let (read, written) = second_begins_late(
        read_to_end(&mut other),
        write_all_and_close(&mut one, &small),
    )
    .await;
    written.unwrap();
    assert_eq!(read.unwrap(), small);
    // The other direction is open.
    halves(one, other).await;
}

async fn halves<R: AsyncRead + Unpin, W: AsyncWrite + Unpin>(mut from: R, mut to: W) {
    assert_eq!(read(&mut from, &mut []).await.unwrap(), 0);
    let large = pattern(LARGE);
    let (written, read_all) =
        second_begins_late(write_all_and_close(&mut to, &large), read_to_end(&mut from)).await;
    written.unwrap();
    assert!(read_all.unwrap() == large);
    // The end stays the end.
    assert_eq!(read(&mut from, &mut [0; 8]).await.unwrap(), 0);
}

#[test]
fn all_bytes_and_the_end_of_the_stream_arrive() {
    through_all!(both, halves);
}

#[test]
fn one_call_takes_several_buffers() {
    block_on(driver!(), async {
        let (mut one, mut other) = tcp().await;
        let slices = [b"one ".as_slice(), b"", b"two ", b"three"].map(IoSlice::new);
        assert!(one.is_write_vectored());
        assert_eq!(write_vectored(&mut one, &slices).await.unwrap(), 13);
        close(&mut one).await.unwrap();
        assert_eq!(read_to_end(&mut other).await.unwrap(), b"one two three");
    })
    .unwrap();
}

#[test]
fn a_reset_is_an_error_for_both_directions_and_closing_is_none() {
    block_on(driver!(), async {
        let mut stream = reset().await;
        let error = read_to_end(&mut stream).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
        let error = write_all(&mut stream, b"nobody").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BrokenPipe);
        close(&mut stream).await.unwrap();
        close(&mut stream).await.unwrap();
    })
    .unwrap();
}

#[test]
fn more_slices_than_the_system_takes_are_written_in_several_calls() {
    block_on(driver!(), async {
        let (mut one, mut other) = tcp().await;
        let bytes = pattern(3000);
        let mut slices = vec![IoSlice::new(&[]); 1100];
        slices.extend(bytes.chunks(1).map(IoSlice::new));
        let mut rest = &mut slices[..];
        while !rest.is_empty() {
            let written = write_vectored(&mut one, rest).await.unwrap();
            assert_ne!(written, 0);
            IoSlice::advance_slices(&mut rest, written);
        }
        close(&mut one).await.unwrap();
        assert_eq!(read_to_end(&mut other).await.unwrap(), bytes);
    })
    .unwrap();
}
