//! What a Rust file declares for a target, asked of the compiler: a probe is compiled for the target and its tables are read from the
//! object file. Nothing is run, so this works for every target that rustc knows.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use object::{Object as _, ObjectSection as _, ObjectSymbol as _, RelocationTarget};

use super::witness::{Witness, plain};
use crate::foreign;
use crate::tools::{self, at};

/// `core` and `libc` for one target, as far as a compiler needs them: their metadata.
pub struct Library {
    pub target: String,
    core: PathBuf,
    builtins: PathBuf,
    libc: PathBuf,
    dependencies: PathBuf,
}

/// What a probe asks about.
pub struct Questions {
    pub structs: Vec<(String, Vec<String>)>,
    pub constants: Vec<String>,
    pub functions: Vec<(String, usize)>,
}

/// Which declarations are asked.
pub enum Subject<'a> {
    /// A file of bindings.
    File(&'a Path),
    /// The crate `libc`.
    Libc,
}

/// Checks `core` and `libc` for all targets in one go.
///
/// # Errors
/// When the toolchain is missing or Cargo fails.
pub fn libraries(targets: &[&str]) -> Result<Vec<Library>, String> {
    foreign::toolchain()?;
    let package = tools::target().join("audit/package");
    let source = package.join("src");
    fs::create_dir_all(&source).map_err(|error| at(&source, &error))?;
    let manifest = format!(
        "[package]\nname = \"audit-probe\"\nedition = \"2024\"\n\n[dependencies]\nlibc = {{ version = \"={}\", default-features = false }}\n\n[workspace]\n",
        crate::bindings::locked_version("libc")?
    );
    write(&package.join("Cargo.toml"), &manifest)?;
    write(&source.join("lib.rs"), "#![no_std]\npub use libc;\n")?;
    let mut command = foreign::cargo();
    command
        .current_dir(&package)
        .env("CARGO_TARGET_DIR", tools::target().join("audit/target"))
        .env("RUSTFLAGS", foreign::NO_CODE)
        .args([
            "check",
            "-Zbuild-std=core",
            "--message-format=json-render-diagnostics",
        ]);
    for target in targets {
        command.args(["--target", target]);
    }
    let messages = tools::output(&mut command)?;
    let mut metadata = Vec::new();
    for line in messages.lines() {
        let message: serde_json::Value =
            serde_json::from_str(line).map_err(|error| format!("cargo: {error}"))?;
        let name = message["target"]["name"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        for file in message["filenames"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|file| file.as_str())
        {
            metadata.push((name.clone(), PathBuf::from(file)));
        }
    }
    let find = |name: &str, target: &str| {
        metadata
            .iter()
            .find(|(found, path)| {
                found == name && path.components().any(|part| part.as_os_str() == target)
            })
            .map(|(_, path)| path.clone())
            .ok_or_else(|| format!("cargo made no `{name}` for {target}"))
    };
    targets
        .iter()
        .map(|target| {
            let core = find("core", target)?;
            let dependencies = core.parent().ok_or("a file without a folder")?.to_owned();
            Ok(Library {
                target: (*target).to_owned(),
                libc: find("libc", target)?,
                builtins: find("compiler_builtins", target)?,
                core,
                dependencies,
            })
        })
        .collect()
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    if fs::read_to_string(path).is_ok_and(|present| present == text) {
        return Ok(());
    }
    fs::write(path, text).map_err(|error| at(path, &error))
}

/// Compiles the probe and reads what it found. What the subject lacks is not in the answer.
///
/// # Errors
/// What the compiler says, which for a file of bindings includes its own layout assertions.
pub fn ask(
    library: &Library,
    subject: &Subject<'_>,
    questions: &Questions,
) -> Result<Witness, String> {
    let (structs, constants, functions) = (
        &questions.structs,
        &questions.constants,
        &questions.functions,
    );
    let mut asked = Questions {
        structs: structs.clone(),
        constants: constants.clone(),
        functions: functions.clone(),
    };
    // The compiler names everything that is missing at once; a second round may find fields of structs that the first did not reach.
    for _ in 0..4 {
        match compile(library, subject, &asked)? {
            Ok(object) => return read(&object, &asked, &library.target),
            Err(said) => {
                let missing = missing(&said);
                if missing.is_empty() || matches!(subject, Subject::File(_)) {
                    return Err(said);
                }
                asked.constants.retain(|name| !missing.contains(name));
                asked.functions.retain(|(name, _)| !missing.contains(name));
                asked.structs.retain(|(name, _)| !missing.contains(name));
                for (_, fields) in &mut asked.structs {
                    fields.retain(|field| !missing.contains(field));
                }
            }
        }
    }
    Err(format!("{}: the probe does not settle", library.target))
}

/// The names in messages such as "cannot find value `NOTE_NONE` in module `subject`".
fn missing(said: &str) -> Vec<String> {
    said.lines()
        .filter(|line| line.contains("cannot find") || line.contains("no field `"))
        .filter_map(|line| line.split('`').nth(1).map(str::to_owned))
        .collect()
}

/// The path of the object file, or what the compiler said.
fn compile(
    library: &Library,
    subject: &Subject<'_>,
    questions: &Questions,
) -> Result<Result<PathBuf, String>, String> {
    let folder = tools::target().join("audit/probes");
    fs::create_dir_all(&folder).map_err(|error| at(&folder, &error))?;
    let name = match subject {
        Subject::File(path) => path
            .file_stem()
            .map(|stem| stem.to_string_lossy().into_owned())
            .unwrap_or_default(),
        Subject::Libc => "libc".to_owned(),
    };
    let source = folder.join(format!("{}-{name}.rs", library.target));
    let object = source.with_extension("o");
    fs::write(&source, text(subject, questions)).map_err(|error| at(&source, &error))?;
    let mut command = foreign::rustc();
    command
        .args([
            "--edition=2024",
            "--crate-type=lib",
            "--crate-name=probe",
            "-Cpanic=abort",
            "-Zunstable-options",
            "--target",
        ])
        .arg(&library.target)
        .arg(format!("--emit=obj={}", object.display()))
        .arg(format!(
            "--extern=noprelude:core={}",
            library.core.display()
        ))
        .arg(format!(
            "--extern=noprelude:compiler_builtins={}",
            library.builtins.display()
        ))
        .arg(format!("--extern=libc={}", library.libc.display()))
        .arg(format!("-Ldependency={}", library.dependencies.display()))
        .arg(&source);
    match tools::output(&mut command) {
        Ok(_) => Ok(Ok(object)),
        Err(said) => Ok(Err(said)),
    }
}

/// The probe: numbers, names of types and addresses of functions, in the order of the questions.
fn text(subject: &Subject<'_>, questions: &Questions) -> String {
    let mut numbers = String::new();
    let mut names = String::new();
    let (mut number_count, mut name_count) = (0, 0);
    for (name, fields) in &questions.structs {
        let _ = writeln!(
            numbers,
            "    size_of::<subject::{name}>() as i64,\n    align_of::<subject::{name}>() as i64,"
        );
        number_count += 2 + fields.len();
        name_count += fields.len();
        for field in fields {
            let _ = writeln!(numbers, "    offset_of!(subject::{name}, {field}) as i64,");
            let _ = writeln!(names, "    field(|it: &subject::{name}| it.{field}),");
        }
    }
    for name in &questions.constants {
        let _ = writeln!(numbers, "    subject::{name} as i64,");
        let _ = writeln!(names, "    type_of(&subject::{name}),");
        number_count += 1;
        name_count += 1;
    }
    let mut addresses = String::new();
    for (name, parameters) in &questions.functions {
        let holes = vec!["_"; *parameters].join(", ");
        let _ = writeln!(addresses, "    Address(subject::{name} as *const ()),");
        for index in 0..=*parameters {
            let _ = writeln!(
                names,
                "    signature{parameters}(subject::{name} as unsafe extern \"C\" fn({holes}) -> _)[{index}],"
            );
            name_count += 1;
        }
    }
    let subject = match subject {
        Subject::File(path) => format!("#[path = \"{}\"]\nmod subject;", path.display()),
        Subject::Libc => "use libc as subject;".to_owned(),
    };
    let functions = questions.functions.len();
    format!(
        "#![no_std]\n#![feature(const_type_name)]\n#![allow(warnings)]\nextern crate core;\nuse core::prelude::rust_2024::*;\nuse core::mem::{{size_of, align_of, offset_of}};\n\n{subject}\n\n{HELPERS}\n\
         #[repr(transparent)]\npub struct Address(*const ());\nunsafe impl Sync for Address {{}}\n\n\
         #[unsafe(no_mangle)]\npub static AUDIT_NUMBERS: [i64; {number_count}] = [\n{numbers}];\n\
         #[unsafe(no_mangle)]\npub static AUDIT_NAMES: [[u8; 96]; {name_count}] = [\n{names}];\n\
         #[unsafe(no_mangle)]\npub static AUDIT_ADDRESSES: [Address; {functions}] = [\n{addresses}];\n"
    )
}

const HELPERS: &str = "
const fn bytes(text: &str) -> [u8; 96] {
    let mut out = [0; 96];
    let mut index = 0;
    while index < text.len() { out[index] = text.as_bytes()[index]; index += 1; }
    out
}
const fn type_of<T>(_: &T) -> [u8; 96] { bytes(core::any::type_name::<T>()) }
const fn field<S, T>(_: fn(&S) -> T) -> [u8; 96] { bytes(core::any::type_name::<T>()) }
const fn name<T>() -> [u8; 96] { bytes(core::any::type_name::<T>()) }
const fn signature0<R>(_: unsafe extern \"C\" fn() -> R) -> [[u8; 96]; 1] { [name::<R>()] }
const fn signature1<A, R>(_: unsafe extern \"C\" fn(A) -> R) -> [[u8; 96]; 2] { [name::<A>(), name::<R>()] }
const fn signature6<A, B, C, D, E, F, R>(_: unsafe extern \"C\" fn(A, B, C, D, E, F) -> R) -> [[u8; 96]; 7] {
    [name::<A>(), name::<B>(), name::<C>(), name::<D>(), name::<E>(), name::<F>(), name::<R>()]
}
const fn signature7<A, B, C, D, E, F, G, R>(_: unsafe extern \"C\" fn(A, B, C, D, E, F, G) -> R) -> [[u8; 96]; 8] {
    [name::<A>(), name::<B>(), name::<C>(), name::<D>(), name::<E>(), name::<F>(), name::<G>(), name::<R>()]
}
";

/// Reads the three tables from the object file.
fn read(path: &Path, questions: &Questions, target: &str) -> Result<Witness, String> {
    let data = fs::read(path).map_err(|error| at(path, &error))?;
    let file =
        object::File::parse(&*data).map_err(|error| format!("{}: {error}", path.display()))?;
    let numbers = table(&file, "AUDIT_NUMBERS")?;
    let mut numbers = numbers
        .chunks_exact(8)
        .map(|chunk| i64::from_le_bytes(chunk.try_into().expect("eight bytes")));
    let names = table(&file, "AUDIT_NAMES")?;
    let mut names = names.chunks_exact(96).map(|chunk| {
        let text: Vec<u8> = chunk
            .iter()
            .copied()
            .take_while(|byte| *byte != 0)
            .collect();
        plain(&String::from_utf8_lossy(&text), target)
    });
    let mut number = || numbers.next().ok_or("the table of numbers is short");
    let mut kind = || names.next().ok_or("the table of names is short");
    let mut witness = Witness::new();
    for (name, fields) in &questions.structs {
        witness.insert(format!("size of {name}"), number()?.to_string());
        witness.insert(format!("alignment of {name}"), number()?.to_string());
        for field in fields {
            witness.insert(format!("offset of {name}.{field}"), number()?.to_string());
            witness.insert(format!("type of {name}.{field}"), kind()?);
        }
    }
    for name in &questions.constants {
        let (value, kind) = (number()?, kind()?);
        witness.insert(name.clone(), format!("{value} {kind}"));
    }
    let symbols = symbols(&file)?;
    for (index, (name, parameters)) in questions.functions.iter().enumerate() {
        let kinds: Vec<_> = (0..*parameters).map(|_| kind()).collect::<Result<_, _>>()?;
        witness.insert(
            format!("fn {name}"),
            format!("({}) -> {}", kinds.join(", "), kind()?),
        );
        let symbol = symbols.get(index).cloned().unwrap_or_default();
        witness.insert(format!("symbol of {name}"), symbol);
    }
    Ok(witness)
}

fn table<'a>(file: &object::File<'a>, name: &str) -> Result<&'a [u8], String> {
    let symbol = file
        .symbols()
        .find(|symbol| {
            symbol
                .name()
                .is_ok_and(|found| found.trim_start_matches('_') == name)
        })
        .ok_or_else(|| format!("the object file has no {name}"))?;
    let section = symbol
        .section_index()
        .and_then(|index| file.section_by_index(index).ok());
    let section = section.ok_or_else(|| format!("{name} is in no section"))?;
    let data = section.data().map_err(|error| error.to_string())?;
    let start =
        usize::try_from(symbol.address() - section.address()).map_err(|error| error.to_string())?;
    // Mach-O symbols have no size: the caller takes as much as it asked for.
    let end = if symbol.size() == 0 {
        data.len()
    } else {
        start + usize::try_from(symbol.size()).map_err(|error| error.to_string())?
    };
    data.get(start..end)
        .ok_or_else(|| format!("{name} is outside of its section"))
}

/// The names that the linker is asked for, in the order of the table of addresses.
fn symbols(file: &object::File<'_>) -> Result<Vec<String>, String> {
    let Some(symbol) = file.symbols().find(|symbol| {
        symbol
            .name()
            .is_ok_and(|name| name.trim_start_matches('_') == "AUDIT_ADDRESSES")
    }) else {
        return Err("the object file has no AUDIT_ADDRESSES".to_owned());
    };
    let Some(section) = symbol
        .section_index()
        .and_then(|index| file.section_by_index(index).ok())
    else {
        return Ok(Vec::new());
    };
    let macho = file.format() == object::BinaryFormat::MachO;
    let start = symbol.address() - section.address();
    let mut found: Vec<(u64, String)> = section
        .relocations()
        .filter_map(|(offset, relocation)| {
            let RelocationTarget::Symbol(index) = relocation.target() else {
                return None;
            };
            let name = file.symbol_by_index(index).ok()?.name().ok()?.to_owned();
            let name = if macho {
                name.strip_prefix('_').unwrap_or(&name).to_owned()
            } else {
                name
            };
            (offset >= start).then_some((offset, name))
        })
        .collect();
    found.sort();
    Ok(found.into_iter().map(|(_, name)| name).collect())
}

/// Whether the compiler accepts a file of bindings for the target: its layout assertions hold.
///
/// # Errors
/// What the compiler said.
pub fn accepts(library: &Library, path: &Path) -> Result<(), String> {
    let nothing = Questions {
        structs: Vec::new(),
        constants: Vec::new(),
        functions: Vec::new(),
    };
    compile(library, &Subject::File(path), &nothing)?.map(drop)
}
