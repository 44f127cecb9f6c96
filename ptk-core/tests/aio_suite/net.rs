//! Sockets: what programs do with them.

use std::future::Future;
use std::io::{IoSlice, IoSliceMut};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use ptk_core::ErrorKind;
use ptk_core::aio::net::{
    TcpListener, TcpStream, UdpSocket, UnixDatagram, UnixListener, UnixStream,
};
use ptk_core::aio::{IoDriverHandle, IoEventInterest, block_on};
use ptk_core::net::{self, ListenOptions, UnixAddress};

use crate::util::{driver, join, poll_once};

async fn pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap())
        .await
        .unwrap();
    let (server, peer) = listener.accept().await.unwrap();
    assert_eq!(peer, client.local_addr().unwrap());
    (client, server)
}

#[test]
fn an_echo_of_more_than_the_buffers_hold() {
    const BYTES: usize = 4 << 20;
    let driver = driver!();
    block_on(driver, async {
        let (client, server) = pair().await;
        let echo = async {
            let mut buffer = [0; 4096];
            loop {
                match server.read(&mut buffer).await.unwrap() {
                    0 => break,
                    length => server.write_all(&buffer[..length]).await.unwrap(),
                }
            }
            server.shutdown().await.unwrap();
        };
        let talk = async {
            let (mut client, mut sent, mut got) = (client, 0, 0);
            let (reader, writer) = client.split();
            let send = async {
                let chunk = [7; 10_000];
                while sent < BYTES {
                    sent += writer
                        .write(&chunk[..chunk.len().min(BYTES - sent)])
                        .await
                        .unwrap();
                }
                writer.shutdown().await.unwrap();
            };
            let receive = async {
                let mut buffer = [0; 10_000];
                loop {
                    match reader.read(&mut buffer).await.unwrap() {
                        0 => break,
                        length => got += length,
                    }
                }
            };
            join(send, receive).await;
            got
        };
        assert_eq!(join(echo, talk).await.1, BYTES);
    })
    .unwrap();
    assert_eq!(driver.usage().0, 0);
}

#[test]
fn peek_vectored_and_exact() {
    let driver = driver!();
    block_on(driver, async {
        let (client, server) = pair().await;
        let parts = [IoSlice::new(b"one "), IoSlice::new(b"two")];
        assert_eq!(client.write_vectored(&parts).await.unwrap(), 7);
        let mut head = [0; 3];
        assert_eq!(server.peek(&mut head).await.unwrap(), 3);
        let (mut one, mut two) = ([0; 4], [0; 8]);
        let mut into = [IoSliceMut::new(&mut one), IoSliceMut::new(&mut two)];
        assert_eq!(server.read_vectored(&mut into).await.unwrap(), 7);
        assert_eq!((&one, &two[..3]), (b"one ", &b"two"[..]));
        client.write_all(b"half").await.unwrap();
        client.shutdown().await.unwrap();
        let mut more = [0; 8];
        let error = server.read_exact(&mut more).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::EndOfStream);
        assert_eq!(server.read(&mut more).await.unwrap(), 0);
        assert_eq!(server.try_read(&mut more).unwrap(), 0);
        server.set_nodelay(true).unwrap();
        assert!(server.nodelay().unwrap());
    })
    .unwrap();
}

#[test]
fn owned_halves_in_either_order_of_dropping() {
    let driver = driver!();
    block_on(driver, async {
        for reader_first in [true, false] {
            let (client, server) = pair().await;
            let (reader, writer) = server.into_split().unwrap();
            client.write_all(b"ab").await.unwrap();
            let mut buffer = [0; 8];
            assert_eq!(reader.read(&mut buffer).await.unwrap(), 2);
            if reader_first {
                drop(reader);
                writer.write_all(b"still").await.unwrap();
                assert_eq!(client.read(&mut buffer).await.unwrap(), 5);
                drop(writer);
            } else {
                drop(writer);
                assert_eq!(client.read(&mut buffer).await.unwrap(), 0);
                client.write_all(b"on").await.unwrap();
                assert_eq!(reader.read(&mut buffer).await.unwrap(), 2);
                drop(reader);
            }
        }
    })
    .unwrap();
    assert_eq!(driver.usage().0, 0);
}

#[test]
fn a_refused_connect_and_a_connect_that_is_given_up() {
    let driver = driver!();
    block_on(driver, async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let error = TcpStream::connect(address).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Refused);
        assert!(TcpStream::connect("no address").await.is_err());
    })
    .unwrap();
    assert_eq!(driver.usage().0, 0);
}

#[test]
fn udp_in_both_families() {
    let driver = driver!();
    block_on(driver, async {
        for local in ["127.0.0.1:0", "[::1]:0"] {
            let Ok(one) = UdpSocket::bind(local).await else {
                continue;
            };
            let other = UdpSocket::bind(local).await.unwrap();
            one.connect(other.local_addr().unwrap()).await.unwrap();
            assert_eq!(one.send(b"ping").await.unwrap(), 4);
            let mut buffer = [0; 16];
            assert_eq!(other.peek(&mut buffer).await.unwrap(), 4);
            let (length, from) = other.recv_from(&mut buffer).await.unwrap();
            assert_eq!((length, from), (4, one.local_addr().unwrap()));
            assert_eq!(other.send_to(b"", from).await.unwrap(), 0);
            assert_eq!(one.recv(&mut buffer).await.unwrap(), 0);
        }
    })
    .unwrap();
}

#[test]
fn a_full_queue_of_a_unix_datagram_peer_never_makes_a_task_wait_for_ever() {
    let path = std::env::temp_dir().join(format!("ptk-full-{}", std::process::id()));
    let _ = std::fs::remove_file(&path);
    let address = UnixAddress::from_path(path.as_os_str()).unwrap();
    let driver = driver!();
    block_on(driver, async {
        let one = UnixDatagram::bind(&address).unwrap();
        let unbound = net::UnixDatagram::unbound().unwrap();
        let handle = IoDriverHandle::current().unwrap();
        let stranger = UnixDatagram::from_socket(handle, unbound).unwrap();
        // Not connected to it: told at once, and it can be sent to when it has read.
        let mut filled = 0;
        let full = loop {
            match stranger.send_to(b"datagram", &address).await {
                Ok(_) => filled += 1,
                Err(error) => break error,
            }
            assert!(filled < 1_000_000);
        };
        assert_eq!(full.kind(), ErrorKind::WouldBlock);
        let mut buffer = [0; 8];
        for _ in 0..filled {
            assert_eq!(one.recv(&mut buffer).await.unwrap(), 8);
        }
        assert_eq!(stranger.send_to(b"again", &address).await.unwrap(), 5);
        assert_eq!(one.recv(&mut buffer).await.unwrap(), 5);
        let (friend, other) = UnixDatagram::pair().unwrap();
        // Connected: it waits where the system tells of room, and is told where not.
        let mut filled = 0;
        loop {
            let mut sending = pin!(friend.send(b"datagram"));
            match poll_once(sending.as_mut()) {
                Poll::Ready(Ok(_)) => filled += 1,
                Poll::Ready(Err(error)) => {
                    assert_ne!(std::env::consts::OS, "linux", "{error}");
                    assert_eq!(error.kind(), ErrorKind::WouldBlock);
                    break;
                }
                Poll::Pending if filled == 0 => {
                    // Its first event has not come yet.
                    assert_eq!(sending.await.unwrap(), 8);
                    filled += 1;
                }
                Poll::Pending => {
                    assert_eq!(std::env::consts::OS, "linux");
                    let drain = async {
                        for _ in 0..filled {
                            assert_eq!(other.recv(&mut buffer).await.unwrap(), 8);
                        }
                    };
                    let (sent, ()) = join(sending, drain).await;
                    assert_eq!(sent.unwrap(), 8);
                    filled = 1;
                    break;
                }
            }
            assert!(filled < 1_000_000);
        }
        for _ in 0..filled {
            assert_eq!(other.recv(&mut buffer).await.unwrap(), 8);
        }
        assert_eq!(friend.send(b"again").await.unwrap(), 5);
        assert_eq!(other.recv(&mut buffer).await.unwrap(), 5);
    })
    .unwrap();
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn unix_streams_and_datagrams() {
    let path = std::env::temp_dir().join(format!("ptk-aio-{}", std::process::id()));
    let _ = std::fs::remove_file(&path);
    let address = UnixAddress::from_path(path.as_os_str()).unwrap();
    let driver = driver!();
    block_on(driver, async {
        let listener = UnixListener::bind(&address).unwrap();
        let client = UnixStream::connect(&address).await.unwrap();
        let (server, _) = listener.accept().await.unwrap();
        client.write_all(b"hello").await.unwrap();
        let mut buffer = [0; 8];
        assert_eq!(server.read(&mut buffer).await.unwrap(), 5);
        let (one, other) = UnixDatagram::pair().unwrap();
        one.send(b"a").await.unwrap();
        one.send(b"bc").await.unwrap();
        assert_eq!(other.recv(&mut buffer).await.unwrap(), 1);
        assert_eq!(other.recv(&mut buffer).await.unwrap(), 2);
    })
    .unwrap();
    let _ = std::fs::remove_file(&path);
}

/// Notes who was woken.
struct Note(usize, Arc<Mutex<Vec<usize>>>);

impl Wake for Note {
    fn wake(self: Arc<Self>) {
        self.1.lock().unwrap().push(self.0);
    }
}

#[test]
fn several_tasks_wait_for_one_listener_and_are_served_in_turn() {
    let driver = driver!();
    let listener =
        TcpListener::bind_in(driver.handle(), "127.0.0.1:0", &ListenOptions::new()).unwrap();
    let address = listener.local_addr().unwrap();
    let woken = Arc::new(Mutex::new(Vec::new()));
    let wakers = [0, 1, 2].map(|who| Waker::from(Arc::new(Note(who, woken.clone()))));
    let mut accepts = [0, 1, 2].map(|_| Box::pin(listener.accept()));
    for (accept, waker) in accepts.iter_mut().zip(&wakers) {
        assert!(
            accept
                .as_mut()
                .poll(&mut Context::from_waker(waker))
                .is_pending()
        );
    }
    let mut served = Vec::new();
    let mut access = driver.try_get_access().unwrap();
    for _ in 0..9 {
        let _client = std::net::TcpStream::connect(address).unwrap();
        while woken.lock().unwrap().is_empty() {
            driver.process_io(&mut access, None).unwrap();
        }
        // As an executor does: in the order of the wakes. The first finds the connection and asks again; the others queue again.
        let order = std::mem::take(&mut *woken.lock().unwrap());
        for who in order {
            let mut cx = Context::from_waker(&wakers[who]);
            while accepts[who].as_mut().poll(&mut cx).is_ready() {
                served.push(who);
                accepts[who] = Box::pin(listener.accept());
            }
        }
    }
    assert_eq!(served, [0, 1, 2, 0, 1, 2, 0, 1, 2]);
}

#[test]
fn ready_tells_what_is_there() {
    let driver = driver!();
    block_on(driver, async {
        let (client, server) = pair().await;
        client.write_all(b"x").await.unwrap();
        drop(client);
        let mut buffer = [0; 8];
        assert_eq!(server.read(&mut buffer).await.unwrap(), 1);
        server.ready(IoEventInterest::READABLE).await.unwrap();
        assert_eq!(server.read(&mut buffer).await.unwrap(), 0);
    })
    .unwrap();
}
