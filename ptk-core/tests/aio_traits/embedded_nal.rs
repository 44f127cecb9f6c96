//! `embedded-nal-async`'s `TcpConnect`, `ConnectedUdp` and `UnconnectedUdp`.

use std::net::SocketAddr;

use embedded_io_async::{Error, ErrorKind, Write};
use embedded_nal_async::{ConnectedUdp, TcpConnect, UnconnectedUdp};
use ptk_core::aio::net::{TcpListener, UdpSocket};
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

/// Sends to an echo and tells how long the answer was, which may be more than fits.
async fn echoed<U: ConnectedUdp>(
    peer: &mut U,
    question: &[u8],
    buffer: &mut [u8],
) -> Result<usize, U::Error> {
    peer.send(question).await?;
    peer.receive_into(buffer).await
}

/// Answers from the address that was sent to; where that is.
async fn echo<U: UnconnectedUdp>(socket: &mut U) -> Result<(SocketAddr, SocketAddr), U::Error> {
    let mut buffer = [0; 2_000];
    let (length, local, remote) = socket.receive_into(&mut buffer).await?;
    socket.send(local, remote, &buffer[..length]).await?;
    Ok((local, remote))
}

#[test]
fn a_datagram_is_told_in_full_length_whatever_fits() {
    block_on(driver!(), async {
        for address in ["127.0.0.1:0", "[::1]:0"] {
            let mut server = UdpSocket::bind(address).await.unwrap();
            let mut client = UdpSocket::bind(address).await.unwrap();
            let ends = (server.local_addr().unwrap(), client.local_addr().unwrap());
            client.connect(ends.0).await.unwrap();
            for length in [0, 1, 7, 8, 9, 1_500] {
                let question = pattern(length);
                let mut buffer = [0; 8];
                let serve = echo(&mut server);
                let ask = echoed(&mut client, &question, &mut buffer);
                let (told, served) = join(ask, serve).await;
                assert_eq!(told.unwrap(), length);
                let fits = length.min(8);
                assert_eq!(buffer[..fits], question[..fits]);
                assert_eq!(served.unwrap(), ends);
            }
        }
    })
    .unwrap();
}

#[test]
fn a_socket_sends_from_its_own_address_only() {
    block_on(driver!(), async {
        let mut one = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let other = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let (own, peer) = (one.local_addr().unwrap(), other.local_addr().unwrap());
        let mut anywhere = own;
        anywhere.set_ip("0.0.0.0".parse().unwrap());
        let mut any_port = own;
        any_port.set_port(0);
        for local in [own, anywhere, any_port, "0.0.0.0:0".parse().unwrap()] {
            UnconnectedUdp::send(&mut one, local, peer, b"hello")
                .await
                .unwrap();
            assert_eq!(other.recv_from(&mut [0; 8]).await.unwrap(), (5, own));
        }
        let mut elsewhere = own;
        elsewhere.set_ip("127.0.0.2".parse().unwrap());
        let mut next_port = own;
        next_port.set_port(own.port() ^ 1);
        for local in [elsewhere, next_port] {
            let refused = UnconnectedUdp::send(&mut one, local, peer, b"hello").await;
            let kind = refused.unwrap_err().kind();
            assert_eq!(kind, ptk_core::ErrorKind::AddressNotAvailable);
        }
    })
    .unwrap();
}
