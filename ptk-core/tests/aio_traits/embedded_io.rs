//! `embedded-io-async`'s `Read` and `Write`.

use embedded_io_async::{Error, ErrorKind, Read, ReadExactError, Write};
use ptk_core::aio::block_on;

use crate::stories::{LARGE, pattern, reset, second_begins_late, through_all};
use crate::util::driver;

pub async fn read_to_end<R: Read>(from: &mut R) -> Result<Vec<u8>, R::Error> {
    let mut all = Vec::new();
    let mut buffer = vec![0; 40_000];
    loop {
        match from.read(&mut buffer).await? {
            0 => return Ok(all),
            length => all.extend_from_slice(&buffer[..length]),
        }
    }
}

pub async fn write_all<W: Write>(to: &mut W, bytes: &[u8]) -> Result<(), W::Error> {
    to.write_all(bytes).await?;
    to.flush().await
}

/// The trait cannot close: the end of the stream is sent when the value is dropped.
async fn write_all_and_drop<W: Write>(mut to: W, bytes: &[u8]) -> Result<(), W::Error> {
    write_all(&mut to, bytes).await
}

async fn both<S: Read + Write>(mut one: S, mut other: S) {
    let small = pattern(100);
    let mut buffer = [0; 100];
    assert_eq!(other.read(&mut []).await.unwrap(), 0);
    let (read, written) =
        second_begins_late(other.read_exact(&mut buffer), write_all(&mut one, &small)).await;
    written.unwrap();
    read.unwrap();
    assert_eq!(buffer[..], small);
    let large = pattern(LARGE);
    let (written, read) =
        second_begins_late(write_all_and_drop(one, &large), read_to_end(&mut other)).await;
    written.unwrap();
    assert!(read.unwrap() == large);
    // Fewer bytes than asked for are the end, not an error of the stream.
    let short = other.read_exact(&mut buffer).await.unwrap_err();
    assert!(matches!(short, ReadExactError::UnexpectedEof));
}

async fn halves<R: Read, W: Write>(mut from: R, mut to: W) {
    let large = pattern(LARGE);
    let mut buffer = vec![0; LARGE];
    let (written, read) =
        second_begins_late(write_all(&mut to, &large), from.read_exact(&mut buffer)).await;
    written.unwrap();
    read.unwrap();
    assert!(buffer == large);
}

#[test]
fn all_bytes_and_the_end_of_the_stream_arrive() {
    through_all!(both, halves);
}

#[test]
fn a_reset_is_an_error_for_both_directions() {
    block_on(driver!(), async {
        let mut stream = reset().await;
        let error = read_to_end(&mut stream).await.unwrap_err();
        assert_eq!(Error::kind(&error), ErrorKind::ConnectionReset);
        let error = write_all(&mut stream, b"nobody").await.unwrap_err();
        assert_eq!(Error::kind(&error), ErrorKind::BrokenPipe);
    })
    .unwrap();
}
