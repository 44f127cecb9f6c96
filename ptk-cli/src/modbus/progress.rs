//! A bar on standard error while something takes long; nothing where that is no terminal.

use std::borrow::Cow;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar of so many steps. `what` follows the figures.
pub fn bar(steps: u64, what: &'static str) -> ProgressBar {
    // The target hides the bar where standard error is no terminal.
    let bar = ProgressBar::with_draw_target(Some(steps), ProgressDrawTarget::stderr());
    let template = format!("{{elapsed}} [{{bar:30}}] {{pos}}/{{len}} {what}  {{msg}}");
    if let Ok(style) = ProgressStyle::with_template(&template) {
        bar.set_style(style.progress_chars("=> "));
    }
    bar
}

/// Moves the bar on and says how it stands.
pub fn show(bar: &ProgressBar, steps: u64, message: impl Into<Cow<'static, str>>) {
    bar.set_position(steps);
    bar.set_message(message);
}
