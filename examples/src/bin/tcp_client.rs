//! A TCP client, `tcp_client ADDR:PORT`, against any echo server: it connects, greets, prints the
//! answer, greets again on a 5 s timer, and after the second answer ends in order.
use ptk_core::event_loop::{Context, EventLoop, Kind, SourceId, Watch};
use ptk_core::machine::{Cx, Machine};
use ptk_core::net::{Half, Received};

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
type Session = (Option<SourceId>, u32); // the stream, and how many answers came

fn greet(session: &mut Session, cx: &mut Cx<'_, '_, Client>, _: Event) {
    let stream = session.0.expect("set before the loop runs");
    let _ = cx.context.send(stream, b"hello\n");
}
fn receive(session: &mut Session, cx: &mut Cx<'_, '_, Client>, _: Event) {
    let (stream, mut buffer) = (session.0.expect("set before the loop runs"), [0; 256]);
    if let Ok(Received::Data(count)) = cx.context.receive(stream, &mut buffer) {
        print!("{}", String::from_utf8_lossy(&buffer[..count]));
        session.1 += 1;
    }
    if session.1 == 2 {
        let _ = cx.context.shutdown(stream, Half::Send); // the server closes in its turn
    }
}
fn stop(_: &mut Session, cx: &mut Cx<'_, '_, Client>, _: Event) {
    if let Kind::Failed(_, error) = cx.context.event().kind {
        eprintln!("tcp_client: {error}");
        std::process::exit(1);
    }
    cx.context.stop();
}
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = std::env::args()
        .nth(1)
        .ok_or("usage: tcp_client ADDR:PORT")?;
    let mut event_loop: EventLoop = EventLoop::new()?;
    let mut cx = event_loop.context();
    let watch = Watch::new()
        .connected(Event::Connected)
        .readable(Event::Answer);
    let stream = cx.connect(server.parse()?, watch.closed(Event::Gone))?;
    cx.start_periodic(std::time::Duration::from_secs(5), 0, Event::Tick)?;
    let mut client = Machine::<Client>::new((Some(stream), 0));
    event_loop.run(&mut client)?;
    Ok(())
}
