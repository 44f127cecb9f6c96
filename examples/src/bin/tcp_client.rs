//! A TCP client: `tcp_client ADDR:PORT`, against any echo server. It connects, greets, prints the answer, greets again on a
//! 5 s timer, and after the second answer ends in order: it stops sending and waits until the server closes.
use ptk_core::event_loop::{Context, EventLoop, Kind, SourceId, Watch};
use ptk_core::machine::{Cx, Machine};
use ptk_core::net::{Half, Received};
use std::{net::SocketAddr, process::ExitCode, time::Duration};

ptk_core::symbols! {
    enum State { Connecting, Online, Ended }
    enum Event { Connected, Answer, Tick, Gone }
}
ptk_core::transitions! {
    chart Client {
        states: State, events: Event, data: Session, context<'a>: Context<'a>, start: Connecting;
        table {
            Connecting + Connected / greet => Online;
            Online + Answer / receive;
            Online + Tick / greet;
            * + Gone / stop => Ended;
            * + Tick;
        }
    }
}
struct Session {
    server: SocketAddr,
    stream: Option<SourceId>,
    answers: u32,
    failed: bool,
}
type Cxt<'t, 'c> = Cx<'t, 'c, Client>;

fn greet(session: &mut Session, cx: &mut Cxt, _: Event) {
    let Some(stream) = session.stream else { return };
    let _ = cx
        .context
        .send(stream, b"hello from the protocol toolkit\n");
}
fn receive(session: &mut Session, cx: &mut Cxt, _: Event) {
    let Some(stream) = session.stream else { return };
    let mut buffer = [0; 256];
    if let Ok(Received::Data(count)) = cx.context.receive(stream, &mut buffer) {
        print!("{}", String::from_utf8_lossy(&buffer[..count]));
        session.answers += 1;
    }
    if session.answers == 2 {
        let _ = cx.context.shutdown(stream, Half::Send);
    }
}
fn stop(session: &mut Session, cx: &mut Cxt, _: Event) {
    if let Kind::Failed(_, error) = cx.context.event().kind {
        eprintln!("tcp_client: {}: {error}", session.server);
        session.failed = true;
    }
    cx.context.stop();
}

fn main() -> Result<ExitCode, ptk_core::Error> {
    let Some(server) = std::env::args()
        .nth(1)
        .and_then(|server| server.parse().ok())
    else {
        eprintln!("usage: tcp_client ADDR:PORT");
        return Ok(ExitCode::from(2));
    };
    let mut client = Machine::<Client>::new(Session {
        server,
        stream: None,
        answers: 0,
        failed: false,
    });
    let mut event_loop: EventLoop = EventLoop::new()?;
    let watch = Watch::new()
        .connected(Event::Connected)
        .readable(Event::Answer)
        .closed(Event::Gone);
    client.data.stream = Some(event_loop.context().connect(server, watch)?);
    event_loop
        .context()
        .start_periodic(Duration::from_secs(5), 0, Event::Tick)?;
    event_loop.run(&mut client)?;
    Ok(if client.data.failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}
