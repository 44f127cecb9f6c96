//! `ptk completions` and `ptk manual`.

use std::path::PathBuf;

use clap::Args;
use clap_complete::Shell;

#[derive(Args)]
pub struct Completions {
    /// The shell that the script is for; where it belongs is the shell's affair, for bash for example
    /// ~/.local/share/bash-completion/completions/ptk.
    pub shell: Shell,
}

#[derive(Args)]
pub struct Manual {
    /// The folder that the pages are written to, ptk.1 and one for each command. It is made if it is not there.
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
}
