//! The event that is being handled, on a real kernel: what its handler may do to its source, and what is known of it afterwards.

use ptk_core::buffer::Chunk;
use ptk_core::event_loop::{Context, Event, EventLoop, Kind, Watch};
use ptk_core::net::{Received, ReceivedBytes, Sent, UnixStream};

const DATA: u16 = 5;
const OTHER: u16 = 9;
const END: u16 = 11;

fn byte_waits() -> (UnixStream, UnixStream) {
    let (here, there) = UnixStream::pair().unwrap();
    assert_eq!(there.send(b"x").unwrap(), Sent::All(1));
    (here, there)
}

#[test]
fn an_event_is_what_it_was_when_its_source_changes_or_goes() {
    let mut event_loop: EventLoop = EventLoop::new().unwrap();
    let watch = Watch::new().owner(3).readable(DATA);
    let (first, _first_peer) = byte_waits();
    let source = event_loop.context().attach(first, watch).unwrap();
    let expected = Event {
        owner: 3,
        code: DATA,
        kind: Kind::Readable(source),
    };
    let mut told = 0;
    let mut handler = |cx: &mut Context, event: Event| {
        told += 1;
        assert_eq!(
            (event, cx.event(), cx.source()),
            (expected, expected, Some(source))
        );
        cx.rewatch(source, Watch::new().owner(4).readable(OTHER))
            .unwrap();
        assert_eq!(cx.event(), expected);
        cx.close(source).unwrap();
        assert_eq!((cx.event(), cx.source()), (expected, Some(source)));
        // Another source takes the slot; the event is still the old one's.
        let (next, peer) = UnixStream::pair().unwrap();
        let next = cx
            .attach(next, Watch::new().owner(5).readable(OTHER))
            .unwrap();
        assert_eq!(next.slot(), source.slot());
        assert_eq!(cx.event(), expected);
        assert!(cx.receive(source, &mut [0; 4]).unwrap_err().kind() == ptk_core::ErrorKind::Stale);
        assert_eq!(cx.receive(next, &mut [0; 4]).unwrap(), Received::WouldBlock);
        drop(peer);
        cx.close(next).unwrap();
    };
    event_loop.run_until_idle(&mut handler).unwrap();
    assert_eq!(told, 1);
    assert_eq!(event_loop.context().event(), expected);
}

#[test]
fn the_last_event_is_known_after_the_turn() {
    let mut event_loop: EventLoop = EventLoop::new().unwrap();
    let (stream, _peer) = byte_waits();
    let source = event_loop
        .context()
        .attach(stream, Watch::new().readable(DATA))
        .unwrap();
    let mut handler = |cx: &mut Context, _: Event| {
        assert_eq!(cx.receive(source, &mut [0; 4]).unwrap(), Received::Data(1));
    };
    event_loop.run_until_idle(&mut handler).unwrap();
    assert_eq!(event_loop.context().source(), Some(source));
}

/// Bytes taken from another source do not count for the one that was told.
#[test]
fn who_takes_nothing_rests_whatever_it_took_elsewhere() {
    let mut event_loop: EventLoop = EventLoop::new().unwrap();
    let watch = Watch::new().readable(DATA);
    let (lazy, _lazy_peer) = byte_waits();
    let (other, other_peer) = UnixStream::pair().unwrap();
    let lazy = event_loop.context().attach(lazy, watch).unwrap();
    let other = event_loop.context().attach(other, watch).unwrap();
    let mut told = 0;
    let mut handler = |cx: &mut Context, event: Event| {
        told += 1;
        assert_eq!(event.source(), Some(lazy));
        assert_eq!(
            cx.receive(other, &mut [0; 4]).unwrap(),
            Received::WouldBlock
        );
    };
    event_loop.run_until_idle(&mut handler).unwrap();
    assert_eq!((told, event_loop.counters().unconsumed), (1, 1));
    // Taking it at last lets the source be told again.
    let mut cx = event_loop.context();
    assert_eq!(cx.receive(lazy, &mut [0; 4]).unwrap(), Received::Data(1));
    assert_eq!(other_peer.send(b"y").unwrap(), Sent::All(1));
    let mut handler = |cx: &mut Context, event: Event| {
        assert_eq!(event.source(), Some(other));
        assert_eq!(cx.receive(other, &mut [0; 4]).unwrap(), Received::Data(1));
    };
    event_loop.run_until_idle(&mut handler).unwrap();
}

#[test]
fn a_source_paused_in_the_same_batch_hears_nothing() {
    let mut event_loop: EventLoop = EventLoop::new().unwrap();
    let watch = Watch::new().readable(DATA);
    let (one, _one_peer) = byte_waits();
    let (two, _two_peer) = byte_waits();
    let one = event_loop.context().attach(one, watch).unwrap();
    let two = event_loop.context().attach(two, watch).unwrap();
    let mut told = Vec::new();
    let mut handler = |cx: &mut Context, event: Event| {
        let source = event.source().unwrap();
        assert_eq!(cx.receive(source, &mut [0; 4]).unwrap(), Received::Data(1));
        told.push(source);
        cx.pause(if source == one { two } else { one }).unwrap();
    };
    event_loop.run_until_idle(&mut handler).unwrap();
    let first = told[0];
    assert_eq!(told.len(), 1);
    let second = if first == one { two } else { one };
    event_loop.context().resume(second).unwrap();
    let mut told = Vec::new();
    let mut handler = |cx: &mut Context, event: Event| {
        told.push(event.source().unwrap());
        assert_eq!(cx.receive(second, &mut [0; 4]).unwrap(), Received::Data(1));
    };
    event_loop.run_until_idle(&mut handler).unwrap();
    assert_eq!(told, [second]);
}

#[test]
fn the_end_of_a_stream_is_told_once_by_receive() {
    let mut event_loop: EventLoop = EventLoop::new().unwrap();
    let (stream, peer) = byte_waits();
    drop(peer);
    let source = event_loop
        .context()
        .attach(stream, Watch::new().readable(DATA))
        .unwrap();
    let mut received = Vec::new();
    let mut handler = |cx: &mut Context, _: Event| {
        received.push(cx.receive(source, &mut [0; 4]).unwrap());
    };
    event_loop.run_until_idle(&mut handler).unwrap();
    assert_eq!(received, [Received::Data(1), Received::EndOfStream]);
}

/// The end arrives between the event and the receive: what was told as bytes is the end.
#[test]
fn whoever_watches_for_the_end_is_told_although_a_receive_told_it_before() {
    for by_chunk in [false, true] {
        let mut event_loop: EventLoop = EventLoop::new().unwrap();
        let (stream, peer) = byte_waits();
        let watch = Watch::new().readable(DATA).closed(END);
        let source = event_loop.context().attach(stream, watch).unwrap();
        let mut peer = Some(peer);
        let mut told = Vec::new();
        let mut handler = |cx: &mut Context, event: Event| {
            told.push(event.code);
            if peer.take().is_some() {
                // A handler that takes no notice of what the second receive says.
                assert_eq!(cx.receive(source, &mut [0; 4]), Ok(Received::Data(1)));
                let end = if by_chunk {
                    cx.receive_chunk(source, &mut Chunk::<4>::new())
                        .map(|end| end == ReceivedBytes::EndOfStream)
                } else {
                    cx.receive(source, &mut [0; 4])
                        .map(|end| end == Received::EndOfStream)
                };
                assert_eq!(end, Ok(true));
            }
        };
        event_loop.run_until_idle(&mut handler).unwrap();
        assert_eq!(told, [DATA, END]);
        // Once.
        event_loop
            .run_until_idle(&mut |_: &mut Context, event: Event| panic!("{event:?}"))
            .unwrap();
    }
}

#[test]
fn a_chunk_receives_what_a_buffer_does() {
    let mut event_loop: EventLoop = EventLoop::new().unwrap();
    let (stream, peer) = byte_waits();
    let (other, other_peer) = UnixStream::pair().unwrap();
    let source = event_loop
        .context()
        .attach(stream, Watch::new().readable(DATA))
        .unwrap();
    let other = event_loop.context().attach(other, Watch::new()).unwrap();
    let mut peer = Some(peer);
    let mut handler = |cx: &mut Context, _: Event| {
        let mut chunk = Chunk::<4>::new();
        let mut here = |cx: &mut Context, source, expected| {
            assert_eq!(cx.receive_chunk(source, &mut chunk), Ok(expected));
        };
        if peer.take().is_some() {
            here(cx, source, ReceivedBytes::Data(b"x"));
            here(cx, other, ReceivedBytes::WouldBlock);
            assert_eq!(other_peer.send(b"whole").unwrap(), Sent::All(5));
            here(cx, other, ReceivedBytes::Data(b"whol"));
            here(cx, other, ReceivedBytes::Data(b"e"));
        } else {
            here(cx, source, ReceivedBytes::EndOfStream);
        }
    };
    event_loop.run_until_idle(&mut handler).unwrap();
    assert!(peer.is_none());
}

/// A stream whose peer reads little: the first bytes go, then a part, then none.
#[test]
fn what_does_not_fit_is_handed_back() {
    let mut event_loop: EventLoop = EventLoop::new().unwrap();
    let (stream, peer) = byte_waits();
    let (other, other_peer) = UnixStream::pair().unwrap();
    let watch = Watch::new().readable(DATA).writable(OTHER);
    let source = event_loop.context().attach(stream, watch).unwrap();
    let other = event_loop.context().attach(other, watch).unwrap();
    let bytes: Vec<u8> = (0..1_u32 << 20).map(|at| (at % 251) as u8).collect();
    let mut left = None;
    let mut handler = |cx: &mut Context, event: Event| {
        if event.code != DATA || left.is_some() {
            return;
        }
        assert_eq!(cx.receive(source, &mut [0; 4]).unwrap(), Received::Data(1));
        assert_eq!(cx.send_what_fits(source, b"all").unwrap(), b"");
        assert_eq!(cx.send_what_fits(other, b"of the other").unwrap(), b"");
        let mut rests = [source, other].map(|to| {
            let rest = cx.send_what_fits(to, &bytes).unwrap();
            assert!(!rest.is_empty() && rest.len() < bytes.len());
            assert_eq!(*rest, bytes[bytes.len() - rest.len()..]);
            (to, rest)
        });
        // Until there is no room at all: then all comes back.
        for (to, rest) in &mut rests {
            loop {
                let still = cx.send_what_fits(*to, rest).unwrap();
                if still.len() == rest.len() {
                    break;
                }
                *rest = still;
            }
        }
        left = Some(rests.map(|(_, rest)| rest.len()));
    };
    event_loop.run_until_idle(&mut handler).unwrap();
    let left = left.expect("the event came");
    for ((peer, first), left) in [(peer, &b"all"[..]), (other_peer, b"of the other")]
        .into_iter()
        .zip(left)
    {
        let mut arrived = Vec::new();
        let mut buffer = [0; 4096];
        while let Ok(Received::Data(count)) = peer.receive(&mut buffer) {
            arrived.extend_from_slice(&buffer[..count]);
        }
        assert_eq!(arrived[..first.len()], *first);
        assert_eq!(arrived[first.len()..], bytes[..bytes.len() - left]);
    }
}

#[test]
fn a_send_to_a_peer_that_is_gone_fails_and_hands_nothing_back() {
    let mut event_loop: EventLoop = EventLoop::new().unwrap();
    let (stream, peer) = byte_waits();
    let source = event_loop
        .context()
        .attach(stream, Watch::new().readable(DATA))
        .unwrap();
    drop(peer);
    let mut told = 0;
    let mut handler = |cx: &mut Context, _: Event| {
        told += 1;
        assert!(cx.send_what_fits(source, b"x").is_err());
        cx.close(source).unwrap();
        assert!(cx.send_what_fits(source, b"x").unwrap_err().kind() == ptk_core::ErrorKind::Stale);
    };
    event_loop.run_until_idle(&mut handler).unwrap();
    assert_eq!(told, 1);
}
