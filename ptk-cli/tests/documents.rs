//! Completions, manual pages, and the help.

mod common;

use common::{complain, fail, path, succeed};

const COMMANDS: [&str; 6] = ["serve", "read", "write", "poll", "scan", "bench"];

#[test]
fn every_shell_has_its_completions() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = succeed(&["completions", shell]);
        for command in COMMANDS {
            assert!(script.contains(command), "{shell}: {command}");
        }
    }
    fail(2, &["completions", "csh"]);
}

#[test]
fn every_command_has_its_page() {
    let folder = path("manual").join("man1");
    let name = folder.display().to_string();
    assert_eq!(succeed(&["manual", &name]), "");
    let page = |name: &str| {
        let page = folder.join(format!("{name}.1"));
        std::fs::read_to_string(&page).unwrap_or_else(|error| panic!("{}: {error}", page.display()))
    };
    assert!(page("ptk").contains(".TH ptk 1"));
    for command in COMMANDS {
        let page = page(&format!("ptk-modbus-{command}"));
        for code in 0..=7 {
            assert!(page.contains(&format!("\n  {code}  ")), "{command}: {code}");
        }
    }
    assert!(page("ptk-modbus-poll").contains("The poll file:"));
    assert!(page("ptk-modbus-serve").contains("The map file:"));
    assert!(page("ptk-modbus-read").contains("For users of mbpoll:"));
    complain(1, &["manual", "/dev/null/x"]);
}

#[test]
fn help_tells_units_defaults_and_codes() {
    for command in COMMANDS {
        let help = succeed(&["modbus", command, "--help"]);
        assert!(help.contains("Exit codes:"), "{command}");
        // The defaults of a poll are those of its file.
        let defaults =
            help.contains("[default: ") || help.contains("period 1s, order abcd, unit 1");
        assert!(defaults, "{command}");
    }
}
