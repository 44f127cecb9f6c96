//! Shell completions and manual pages, made of the command line's own description.

use clap::CommandFactory;

use crate::arguments::{Arguments, Completions, Manual};
use crate::failure::Failure;
use crate::output;

/// Prints the completion script of a shell.
pub fn completions(arguments: &Completions) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(
        arguments.shell,
        &mut Arguments::command(),
        "ptk",
        &mut script,
    );
    output::print(&String::from_utf8_lossy(&script))
}

/// Writes a manual page for the program and for each of its commands.
pub fn manual(arguments: &Manual) -> Result<(), Failure> {
    let folder = &arguments.folder;
    std::fs::create_dir_all(folder)
        .and_then(|()| clap_mangen::generate_to(Arguments::command(), folder))
        .map_err(|error| Failure::new(folder.display(), error))
}
