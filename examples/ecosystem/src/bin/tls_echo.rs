//! Echoes over TLS on 127.0.0.1 by rustls: `tls_echo CERTIFICATE PORT`. Makes a key for `localhost`, writes its certificate to the file CERTIFICATE, and
//! prints READY once it listens.

use std::io::Write;
use std::net::Ipv4Addr;
use std::sync::Arc;

use async_executor::LocalExecutor;
use ptk_core::aio::net::{TcpListener, TcpStream};
use ptk_core::aio::{IoDriver, IoSlots, block_on};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

static SLOTS: IoSlots<256> = IoSlots::new();

async fn echo(acceptor: TlsAcceptor, stream: TcpStream) -> std::io::Result<()> {
    let mut stream = acceptor.accept(stream).await?;
    let mut buffer = [0; 4096];
    loop {
        let length = stream.read(&mut buffer).await?;
        if length == 0 {
            return stream.shutdown().await;
        }
        stream.write_all(&buffer[..length]).await?;
        stream.flush().await?;
    }
}

async fn accept(
    executor: &LocalExecutor<'_>,
    acceptor: TlsAcceptor,
    port: u16,
) -> ptk_core::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    println!("READY");
    let _ = std::io::stdout().flush();
    loop {
        let (stream, _) = listener.accept().await?;
        let acceptor = acceptor.clone();
        let task = async {
            if let Err(error) = echo(acceptor, stream).await {
                eprintln!("tls_echo: {error}");
            }
        };
        executor.spawn(task).detach();
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (Some(file), Some(port)) = (std::env::args().nth(1), std::env::args().nth(2)) else {
        return Err("usage: tls_echo CERTIFICATE PORT".into());
    };
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
    std::fs::write(file, made.cert.pem())?;
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key.into())?;
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let executor = LocalExecutor::new();
    let accept = accept(&executor, acceptor, port.parse()?);
    block_on(IoDriver::new(&SLOTS)?, executor.run(accept))??;
    Ok(())
}
