//! Other people's programs: found, or installed under `target/tools/` from the ordinary registries.
//!
//! Every chore that needs something beyond Cargo asks here, so that a fresh machine ends up with the same versions and nothing is written outside
//! `target/` (Debian packages excepted, which need root).
//!
//! | wanted | call |
//! |---|---|
//! | Python packages, importable together | [`python`] |
//! | the files of one wheel, at a pinned version | [`wheel`] |
//! | commands or files of Debian packages | [`debian`] |
//! | a program from Cargo's registry, at a pinned version | [`cargo_program`] |
//! | a copy of the workspace | [`copy_of_workspace`] |
//! | a command's output, or a readable error | [`output`], [`succeed`] |

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The workspace's folder.
pub fn root() -> &'static Path {
    crate::c_lib::root()
}

/// Cargo's target folder of the workspace: `CARGO_TARGET_DIR`, or `target`.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| root().join("target"), |folder| root().join(folder))
}

/// Where installed programs live: `target/tools`.
pub fn folder() -> PathBuf {
    target().join("tools")
}

/// Returns the interpreter of a virtual environment that has `packages` (`name==version`), made on the first call.
///
/// Environments are keyed by `name`: different chores use different names, so that their packages cannot disagree. The environment's own
/// commands (`pymodbus.server`, …) lie beside the interpreter.
///
/// # Errors
/// When there is no Python 3 with `venv`, or pip cannot install a package; pip's own words are in the message.
pub fn python(name: &str, packages: &[&str]) -> Result<PathBuf, String> {
    let environment = folder().join("python").join(name);
    let interpreter = environment.join("bin/python");
    let stamp = environment.join("installed.txt");
    let wanted = packages.join("\n");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(interpreter);
    }
    eprintln!(
        "installing {} under {}",
        packages.join(", "),
        environment.display()
    );
    if environment.exists() {
        fs::remove_dir_all(&environment).map_err(|error| at(&environment, &error))?;
    }
    if succeed(
        Command::new("python3")
            .args(["-m", "venv"])
            .arg(&environment),
    )
    .is_err()
    {
        debian(&["python3-venv"], &["python3"])?;
        let packaged = if Path::new("/usr/bin/python3").exists() {
            "/usr/bin/python3"
        } else {
            "python3"
        };
        succeed(
            Command::new(packaged)
                .args(["-m", "venv", "--clear"])
                .arg(&environment),
        )?;
    }
    if !packages.is_empty() {
        succeed(pip(&interpreter).arg("install").args(packages))?;
    }
    fs::write(&stamp, wanted).map_err(|error| at(&stamp, &error))?;
    Ok(interpreter)
}

/// Returns a folder with the unpacked files of one PyPI package at one version, without its dependencies.
///
/// # Errors
/// As [`python`].
pub fn wheel(name: &str, version: &str) -> Result<PathBuf, String> {
    let unpacked = folder().join("wheels").join(format!("{name}-{version}"));
    if unpacked.exists() {
        return Ok(unpacked);
    }
    let interpreter = python("pip", &[])?;
    eprintln!("installing {name} {version} under {}", unpacked.display());
    let partial = unpacked.with_extension(format!("partial-{}", std::process::id()));
    succeed(
        pip(&interpreter)
            .args(["install", "--no-deps", "--no-compile", "--target"])
            .arg(&partial)
            .arg(format!("{name}=={version}")),
    )?;
    match fs::rename(&partial, &unpacked) {
        Ok(()) => Ok(unpacked),
        // Somebody else was faster.
        Err(_) if unpacked.exists() => fs::remove_dir_all(&partial)
            .map(|()| unpacked)
            .map_err(|error| at(&partial, &error)),
        Err(error) => Err(at(&unpacked, &error)),
    }
}

fn pip(interpreter: &Path) -> Command {
    let mut command = Command::new(interpreter);
    command.args(["-m", "pip", "--disable-pip-version-check", "--quiet"]);
    command
}

/// Makes sure that every command of `probes` is on the path (a probe with a slash is a file that must exist), by installing `packages`.
///
/// # Errors
/// When something is missing and this is not a Debian system, or not root: the message names the packages.
pub fn debian(packages: &[&str], probes: &[&str]) -> Result<(), String> {
    let missing = || probes.iter().find(|probe| !present(probe));
    let Some(first) = missing() else {
        return Ok(());
    };
    let advice = format!(
        "`{first}` is missing; it comes with the Debian packages {}",
        packages.join(" ")
    );
    if !may_install() {
        return Err(advice);
    }
    eprintln!("installing the Debian packages {}", packages.join(", "));
    if install(packages).is_err() {
        debian_newest(packages)?;
    }
    missing().map_or(Ok(()), |probe| {
        Err(format!(
            "`{probe}` is still missing after installing {}",
            packages.join(" ")
        ))
    })
}

/// Installs the newest version of the packages that Debian has, whatever is there.
///
/// # Errors
/// When this is not a Debian system, or not root.
pub fn debian_newest(packages: &[&str]) -> Result<(), String> {
    if !may_install() {
        return Err(format!(
            "a newer version is needed of the Debian packages {}",
            packages.join(" ")
        ));
    }
    eprintln!("looking for newer Debian packages: {}", packages.join(", "));
    succeed(Command::new("apt-get").args(["update", "--quiet"]))?;
    install(packages)
}

fn may_install() -> bool {
    output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0") && present("apt-get")
}

fn install(packages: &[&str]) -> Result<(), String> {
    succeed(
        Command::new("apt-get")
            .env("DEBIAN_FRONTEND", "noninteractive")
            .args([
                "install",
                "--yes",
                "--quiet",
                "--no-install-recommends",
                "-o",
                "DPkg::Lock::Timeout=300",
            ])
            .args(packages),
    )
}

/// Whether a command is on the path, or, if it has a slash, a file exists.
pub fn present(probe: &str) -> bool {
    if probe.contains('/') {
        return Path::new(probe).exists();
    }
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(probe).is_file()))
}

/// Returns the path of `program` of the package `package` at `version`, built on the first call.
///
/// # Errors
/// When Cargo cannot build it.
pub fn cargo_program(package: &str, version: &str, program: &str) -> Result<PathBuf, String> {
    let installed = folder().join("cargo").join(format!("{package}-{version}"));
    let path = installed.join("bin").join(program);
    if !path.exists() {
        eprintln!("building {package} {version} under {}", installed.display());
        succeed(
            Command::new(env!("CARGO"))
                // Built to run a few times: without optimisation it is there in a third of the time.
                .args([
                    "install",
                    "--quiet",
                    "--debug",
                    "--locked",
                    "--version",
                    version,
                    "--root",
                ])
                .arg(&installed)
                .arg("--target-dir")
                .arg(folder().join("cargo-target"))
                .arg(package),
        )?;
    }
    Ok(path)
}

/// Makes a copy of the workspace's files, as Git knows them or would add them, in a folder that is emptied first.
///
/// # Errors
/// When Git or the file system refuses.
pub fn copy_of_workspace(folder: &Path) -> Result<(), String> {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(|error| at(folder, &error))?;
    }
    for file in output(Command::new("git").current_dir(root()).args([
        "ls-files",
        "--cached",
        "--others",
        "--exclude-standard",
    ]))?
    .lines()
    {
        let (from, to) = (root().join(file), folder.join(file));
        if from.is_file() {
            let inside = to.parent().unwrap_or(folder);
            fs::create_dir_all(inside).map_err(|error| at(inside, &error))?;
            fs::copy(&from, &to).map_err(|error| at(&from, &error))?;
        }
    }
    Ok(())
}

/// Runs a command and returns what it printed to standard output.
///
/// # Errors
/// When it cannot be started, or ends without success: the message has the command and what it printed to standard error.
pub fn output(command: &mut Command) -> Result<String, String> {
    let shown = shown(command);
    let result = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{shown}: {error}"))?;
    if result.status.success() {
        Ok(String::from_utf8_lossy(&result.stdout).into_owned())
    } else {
        let said = String::from_utf8_lossy(&result.stderr);
        let said = if said.trim().is_empty() {
            String::from_utf8_lossy(&result.stdout)
        } else {
            said
        };
        Err(format!("{shown}: {}\n{}", result.status, said.trim_end()))
    }
}

/// Runs a command for its effect.
///
/// # Errors
/// As [`output`].
pub fn succeed(command: &mut Command) -> Result<(), String> {
    output(command).map(drop)
}

/// A command as one would type it.
pub fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

/// An error of the file system, with its path.
pub fn at(path: &Path, error: &std::io::Error) -> String {
    format!("{}: {error}", path.display())
}
