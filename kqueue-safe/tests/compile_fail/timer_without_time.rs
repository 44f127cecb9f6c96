//! A timer is added with a time, or not at all.

use kqueue_safe::{Timer, Token};

fn main() {
    let _ = Timer::new(1).add(Token::new(0, 0));
}
