//! Other people's async libraries, unchanged, on the sockets of [`ptk_core::aio::net`]: one program for each under `src/bin`.
//!
//! | program | library | through |
//! |---|---|---|
//! | `http_hello PORT` | `hyper`, HTTP/1 server | tokio's `AsyncRead` and `AsyncWrite` (feature `tokio`) |
//! | `tls_echo CERTIFICATE PORT` | `rustls` by `tokio-rustls` | the same |
//! | `modbus_read ADDRESS` | `tokio-modbus`, client | the same |
//! | `tokio_port PORT` | none: tokio's own echo example with other imports | – |
//!
//! No thread and no reactor but ours runs in them: `aio::block_on` waits on one kqueue. These libraries allocate; the sockets beneath them do not.
