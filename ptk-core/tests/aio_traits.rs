//! The traits of other houses: bytes moved by code that knows nothing but the trait.
#![cfg(not(loom))]

#[path = "aio_traits/embedded_io.rs"]
mod embedded_io;
#[path = "aio_traits/embedded_nal.rs"]
mod embedded_nal;
#[path = "aio_traits/futures.rs"]
mod futures;
#[path = "aio_traits/stories.rs"]
mod stories;
#[path = "aio_traits/tokio.rs"]
mod tokio;
#[path = "aio_suite/util.rs"]
#[allow(dead_code)]
mod util;
