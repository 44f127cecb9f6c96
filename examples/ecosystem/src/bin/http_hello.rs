//! Answers HTTP/1 on 127.0.0.1 by hyper: `http_hello PORT`. Prints READY once it listens.

use std::convert::Infallible;
use std::io::Write;
use std::net::Ipv4Addr;

use async_executor::LocalExecutor;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use ptk_core::aio::net::{TcpListener, TcpStream};
use ptk_core::aio::{IoDriver, IoSlots, block_on};

static SLOTS: IoSlots<256> = IoSlots::new();

async fn hello(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let text = format!("hello from {}\n", request.uri().path());
    Ok(Response::new(Full::new(Bytes::from(text))))
}

async fn serve(stream: TcpStream) {
    let connection =
        http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(hello));
    if let Err(error) = connection.await {
        eprintln!("http_hello: {error}");
    }
}

async fn accept(executor: &LocalExecutor<'_>, port: u16) -> ptk_core::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    println!("READY");
    let _ = std::io::stdout().flush();
    loop {
        let (stream, _) = listener.accept().await?;
        executor.spawn(serve(stream)).detach();
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port = std::env::args()
        .nth(1)
        .ok_or("usage: http_hello PORT")?
        .parse()?;
    let executor = LocalExecutor::new();
    block_on(
        IoDriver::new(&SLOTS)?,
        executor.run(accept(&executor, port)),
    )??;
    Ok(())
}
