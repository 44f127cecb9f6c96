//! A few requests to one device, one after the other.

use std::net::SocketAddr;

use ptk_core::event_loop::{Context, Event, EventLoop, Handler};
use ptk_modbus::client::{self, Client, Config, DisconnectReason, RequestError};
use ptk_modbus::codec::{Request, Response};
use ptk_modbus::glue::{Caller, Link};

use super::poll::plan::nanoseconds;
use crate::arguments::Target;
use crate::failure::{Code, Failure};

/// The requests of a command, and what it does with their replies.
pub trait Script {
    /// Request number `index`; `None` when all is asked.
    fn request(&self, index: u64) -> Option<Request<'_>>;

    /// The reply to request number `index`.
    fn reply(&mut self, index: u64, response: &Response<'_>) -> Result<(), String>;
}

struct Asker<S> {
    script: S,
    unit: u8,
    next: u64,
    /// Set when there is nothing more to do.
    outcome: Option<Result<(), (Code, String)>>,
}

impl<S: Script> Caller<1> for Asker<S> {
    fn told(&mut self, _now: u64, event: client::Event<'_>) {
        if self.outcome.is_some() {
            return;
        }
        let problem = match event {
            client::Event::Connected => return,
            client::Event::Disconnected(reason) => (disconnected(reason), reason.to_string()),
            client::Event::Failed { failure, .. } => (failed(failure), failure.to_string()),
            client::Event::Reply {
                response: Response::Exception { code, .. },
                ..
            } => (Code::Exception, code.to_string()),
            client::Event::Reply { response, .. } => {
                let taken = self.script.reply(self.next, &response);
                self.next += 1;
                match taken {
                    Ok(()) => return,
                    Err(problem) => (Code::BadReply, problem),
                }
            }
        };
        self.outcome = Some(Err(problem));
    }

    fn ask(&mut self, now: u64, client: &mut Client<1>) -> Option<u64> {
        if self.outcome.is_some() || client.in_flight() > 0 || client.ready(now).is_err() {
            return None;
        }
        match self.script.request(self.next) {
            None => self.outcome = Some(Ok(())),
            Some(request) => {
                if let Err(error) = client.request(now, self.unit, &request, self.next) {
                    let code = match error {
                        RequestError::Invalid(_) => Code::Usage,
                        _ => Code::NoReply,
                    };
                    self.outcome = Some(Err((code, error.to_string())));
                }
            }
        }
        None
    }
}

/// What the end of a connection means for a script.
fn disconnected(reason: DisconnectReason) -> Code {
    match reason {
        DisconnectReason::ConnectFailed | DisconnectReason::ConnectTimedOut => Code::NoConnection,
        DisconnectReason::Framing(_) => Code::BadReply,
        _ => Code::NoReply,
    }
}

/// What a request without a usable reply means for a script.
fn failed(failure: client::Failure) -> Code {
    match failure {
        client::Failure::TimedOut => Code::NoReply,
        client::Failure::Disconnected(reason) => disconnected(reason),
        _ => Code::BadReply,
    }
}

/// Stops the loop when the asker is done.
struct Once<S> {
    link: Link<Asker<S>, 1>,
}

impl<S: Script> Handler for Once<S> {
    fn on_event(&mut self, cx: &mut Context, event: Event) {
        self.link.on_event(cx, event);
        if self.link.caller.outcome.is_some() {
            cx.stop();
        }
    }
}

/// Connects, makes the script's requests one after the other, and gives the script back.
pub fn run<S: Script>(target: &Target, address: SocketAddr, script: S) -> Result<S, Failure> {
    let timeout = nanoseconds(target.timeout());
    let config = Config {
        connect_timeout: timeout,
        request_timeout: timeout,
        frame_timeout: timeout,
        ..Config::DEFAULT
    };
    let asker = Asker {
        script,
        unit: target.unit,
        next: 0,
        outcome: None,
    };
    let mut event_loop: EventLoop<4, 4> =
        EventLoop::new().map_err(|error| Failure::new(address, error))?;
    let mut once = Once {
        link: Link::new(address, config, 1, 0, asker),
    };
    once.link.start(&mut event_loop.context());
    if once.link.caller.outcome.is_none() {
        event_loop
            .run(&mut once)
            .map_err(|error| Failure::new(address, error))?;
    }
    let last_error = once.link.last_error;
    match once.link.caller.outcome {
        Some(Ok(())) => Ok(once.link.caller.script),
        Some(Err((code, problem))) => Err(match last_error {
            Some(error) => Failure::with(code, address, format!("{problem}: {error}")),
            None => Failure::with(code, address, problem),
        }),
        None => Err(Failure::new(address, "interrupted")),
    }
}
