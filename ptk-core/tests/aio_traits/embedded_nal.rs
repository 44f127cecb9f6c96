//! `embedded-nal-async`'s `TcpConnect`.

use std::net::SocketAddr;

use embedded_io_async::{Error, ErrorKind, Write};
use embedded_nal_async::TcpConnect;
use ptk_core::aio::net::TcpListener;
use ptk_core::aio::traits::Tcp;
use ptk_core::aio::{IoDriverHandle, block_on};

use crate::embedded_io::read_to_end;
use crate::stories::{LARGE, pattern, refusing, second_begins_late};
use crate::util::{driver, join};

/// Says something to a server and listens to its end.
async fn ask<T: TcpConnect>(
    stack: &T,
    server: SocketAddr,
    question: &[u8],
) -> Result<Vec<u8>, T::Error> {
    let mut connection = stack.connect(server).await?;
    connection.write_all(question).await?;
    connection.flush().await?;
    read_to_end(&mut connection).await
}

#[test]
fn a_client_connects_asks_and_is_answered() {
    block_on(driver!(), async {
        let stack = Tcp(IoDriverHandle::current().unwrap());
        for address in ["127.0.0.1:0", "[::1]:0"] {
            let listener = TcpListener::bind(address).await.unwrap();
            let server = listener.local_addr().unwrap();
            let (question, answer) = (pattern(LARGE), pattern(LARGE / 3));
            let serve = async {
                let (stream, _) = listener.accept().await.unwrap();
                let mut asked = vec![0; question.len()];
                stream.read_exact(&mut asked).await.unwrap();
                assert!(asked == question);
                stream.write_all(&answer).await.unwrap();
            };
            // The server looks when the client has had to wait.
            let (answered, ()) = second_begins_late(ask(&stack, server, &question), serve).await;
            assert!(answered.unwrap() == answer);
        }
    })
    .unwrap();
}

#[test]
fn a_refusal_and_a_full_table_are_errors() {
    let driver = driver!(2, 2);
    block_on(driver, async {
        let stack = Tcp(driver.handle());
        let refused = stack.connect(refusing()).await.unwrap_err();
        assert_eq!(Error::kind(&refused), ErrorKind::ConnectionRefused);
        assert_eq!(driver.usage().0, 0);

        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let server = listener.local_addr().unwrap();
        let (one, other) = join(stack.connect(server), stack.connect(server)).await;
        let (_one, other) = (one.unwrap(), other.unwrap());
        let full = stack.connect(server).await.unwrap_err();
        assert_eq!(Error::kind(&full), ErrorKind::OutOfMemory);
        drop(other);
        // A slot that was given back is free after the next batch.
        ptk_core::aio::time::sleep(std::time::Duration::from_millis(1)).await;
        stack.connect(server).await.unwrap();
    })
    .unwrap();
}
