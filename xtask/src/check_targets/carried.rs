//! What a linked executable will ask of the system that it is carried to: shared libraries, and versions of their symbols.
//!
//! An executable that links here and names a library or a symbol version that the target lacks would not start there. Nothing here can start it, but
//! what it names can be read from the file.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::Path;

use object::BinaryFormat;
use object::read::elf::{ElfFile64, FileHeader as _};
use object::read::macho::{LoadCommandVariant, MachHeader as _, MachOFile64};

use crate::foreign::Foreign;
use crate::tools::at;

/// The demands of some executables together.
#[derive(Default)]
pub struct Demands {
    formats: BTreeSet<&'static str>,
    libraries: BTreeSet<String>,
    versions: BTreeSet<String>,
}

/// The libraries that every installation of a system has. A prefix, since BSDs number their libraries.
const LIBRARIES: &[(&str, &[&str])] = &[
    ("apple", &["/usr/lib/libSystem.B.dylib"]),
    (
        "freebsd",
        &[
            "libc.so.",
            "libm.so.",
            "libthr.so.",
            "librt.so.",
            "libutil.so.",
            "libexecinfo.so.",
            "libgcc_s.so.",
        ],
    ),
    (
        "netbsd",
        &[
            "libc.so.",
            "libm.so.",
            "libpthread.so.",
            "librt.so.",
            "libutil.so.",
            "libexecinfo.so.",
            "libgcc_s.so.",
        ],
    ),
];

impl Demands {
    /// Reads one executable.
    pub fn add(&mut self, path: &Path) -> Result<(), String> {
        let data = fs::read(path).map_err(|error| at(path, &error))?;
        let told = |error: object::Error| format!("{}: {error}", path.display());
        let kind = object::File::parse(&*data).map_err(told)?.format();
        match kind {
            BinaryFormat::Elf => self.elf(&data).map_err(told),
            BinaryFormat::MachO => self.macho(&data).map_err(told),
            other => Err(format!("{}: a file of format {other:?}", path.display())),
        }
    }

    fn elf(&mut self, data: &[u8]) -> Result<(), object::Error> {
        self.formats.insert("ELF");
        let file = ElfFile64::<object::Endianness>::parse(data)?;
        let (endian, sections) = (file.endian(), file.elf_section_table());
        if let Some((entries, link)) = file
            .elf_header()
            .sections(endian, data)?
            .dynamic(endian, data)?
        {
            let strings = sections.strings(endian, data, link)?;
            for entry in entries {
                if entry.d_tag.get(endian) == u64::from(object::elf::DT_NEEDED)
                    && let Ok(offset) = u32::try_from(entry.d_val.get(endian))
                    && let Ok(name) = strings.get(offset)
                {
                    self.libraries
                        .insert(String::from_utf8_lossy(name).into_owned());
                }
            }
        }
        if let Some((mut needs, link)) = sections.gnu_verneed(endian, data)? {
            let strings = sections.strings(endian, data, link)?;
            while let Some((_, mut names)) = needs.next()? {
                while let Some(name) = names.next()? {
                    let name = name.name(endian, strings)?;
                    self.versions
                        .insert(String::from_utf8_lossy(name).into_owned());
                }
            }
        }
        Ok(())
    }

    fn macho(&mut self, data: &[u8]) -> Result<(), object::Error> {
        self.formats.insert("Mach-O");
        let file = MachOFile64::<object::Endianness>::parse(data)?;
        let endian = file.endian();
        let mut commands = file.macho_header().load_commands(endian, data, 0)?;
        while let Some(command) = commands.next()? {
            match command.variant()? {
                LoadCommandVariant::Dylib(library) => {
                    let name = command.string(endian, library.dylib.name)?;
                    self.libraries
                        .insert(String::from_utf8_lossy(name).into_owned());
                }
                LoadCommandVariant::BuildVersion(version) => {
                    let version = version.minos.get(endian);
                    self.versions.insert(format!(
                        "macOS {}.{}",
                        version >> 16,
                        (version >> 8) & 0xff
                    ));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Fails when a library is not part of every installation of the system.
    pub fn check(&self, target: &Foreign) -> Result<(), String> {
        let known = LIBRARIES
            .iter()
            .find(|(system, _)| target.rust.contains(system))
            .map_or(&[][..], |(_, known)| known);
        let unknown: Vec<&str> = self
            .libraries
            .iter()
            .filter(|name| !known.iter().any(|prefix| name.starts_with(prefix)))
            .map(String::as_str)
            .collect();
        if unknown.is_empty() {
            Ok(())
        } else {
            Err(format!(
                "{}: needs {}, which not every installation has",
                target.rust,
                unknown.join(", ")
            ))
        }
    }
}

impl fmt::Display for Demands {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words =
            |set: &BTreeSet<String>| set.iter().map(String::as_str).collect::<Vec<_>>().join(" ");
        let formats: Vec<_> = self.formats.iter().copied().collect();
        write!(f, "{}, needs {}", formats.join(" "), words(&self.libraries))?;
        if !self.versions.is_empty() {
            write!(f, " ({})", words(&self.versions))?;
        }
        Ok(())
    }
}
