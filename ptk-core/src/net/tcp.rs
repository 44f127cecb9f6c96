//! TCP: [`TcpListener`] and [`TcpStream`].

mod keep_alive;
mod listener;
mod stream;

pub use keep_alive::KeepAlive;
pub use listener::{ListenOptions, TcpListener};
pub(super) use listener::{accepted, from_std};
pub use stream::TcpStream;
