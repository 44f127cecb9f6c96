//! The sections `licenses`, `bans` and `sources` of `deny.toml`, applied to Cargo's own account.

use std::collections::BTreeMap;
use std::fs;

use serde::Deserialize;
use serde_json::Value;

use crate::tools::{self, at};

#[derive(Deserialize)]
struct Deny {
    licenses: Licences,
    bans: Bans,
    sources: Sources,
}

#[derive(Deserialize)]
struct Licences {
    allow: Vec<String>,
}

#[derive(Deserialize)]
struct Bans {
    skip: Vec<Skip>,
}

#[derive(Deserialize)]
struct Skip {
    #[serde(rename = "crate")]
    package: String,
    reason: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Sources {
    allow_registry: Vec<String>,
}

/// Applies the policy.
///
/// # Errors
/// Every violation, and every exception that is not needed any more.
pub fn check(metadata: &Value) -> Result<(), String> {
    let path = tools::root().join("deny.toml");
    let text = fs::read_to_string(&path).map_err(|error| at(&path, &error))?;
    let deny: Deny =
        toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut complaints = Vec::new();
    let mut versions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut count = 0;
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let name = package["name"].as_str().unwrap_or_default();
        let version = package["version"].as_str().unwrap_or_default();
        count += 1;
        versions.entry(name).or_default().push(version);
        match package["license"].as_str() {
            Some(licence) if allowed(licence, &deny.licenses.allow) => {}
            Some(licence) => complaints.push(format!(
                "{name} {version}: the licence `{licence}` is not allowed"
            )),
            None => complaints.push(format!("{name} {version}: no licence")),
        }
        if let Some(source) = package["source"].as_str() {
            let registry = source.strip_prefix("registry+").unwrap_or(source);
            if !deny
                .sources
                .allow_registry
                .iter()
                .any(|allowed| allowed == registry)
            {
                complaints.push(format!("{name} {version}: comes from {source}"));
            }
        }
    }
    let mut needed = vec![false; deny.bans.skip.len()];
    for (name, versions) in versions.iter().filter(|(_, versions)| versions.len() > 1) {
        let excused = |version: &str| {
            deny.bans.skip.iter().position(|skip| {
                let (package, prefix) = skip.package.split_once('@').unwrap_or((&skip.package, ""));
                package == *name
                    && (version == prefix || version.starts_with(&format!("{prefix}.")))
            })
        };
        let left: Vec<_> = versions
            .iter()
            .filter(|version| match excused(version) {
                Some(index) => {
                    needed[index] = true;
                    false
                }
                None => true,
            })
            .collect();
        if left.len() > 1 {
            complaints.push(format!("{name}: several versions: {versions:?}"));
        }
    }
    for (skip, needed) in deny.bans.skip.iter().zip(needed) {
        if !needed {
            complaints.push(format!(
                "deny.toml: `{}` ({}) is there once only",
                skip.package, skip.reason
            ));
        }
    }
    if complaints.is_empty() {
        println!("{count} packages: licences, versions and sources as deny.toml demands");
        return Ok(());
    }
    Err(complaints.join("\n"))
}

/// Whether an SPDX expression can be met with allowed licences. `/` is the old spelling of `OR`; `AND` binds closer; brackets are for either.
fn allowed(expression: &str, allow: &[String]) -> bool {
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut parser = Parser {
        words: &words,
        at: 0,
        allow,
    };
    parser.either() && parser.at == words.len()
}

struct Parser<'a> {
    words: &'a [&'a str],
    at: usize,
    allow: &'a [String],
}

impl Parser<'_> {
    fn next_is(&mut self, word: &str) -> bool {
        let found = self.words.get(self.at) == Some(&word);
        self.at += usize::from(found);
        found
    }

    fn either(&mut self) -> bool {
        let mut met = self.both();
        while self.next_is("OR") {
            met |= self.both();
        }
        met
    }

    fn both(&mut self) -> bool {
        let mut met = self.one();
        while self.next_is("AND") {
            met &= self.one();
        }
        met
    }

    fn one(&mut self) -> bool {
        if self.next_is("(") {
            let met = self.either();
            return self.next_is(")") && met;
        }
        let Some(name) = self.words.get(self.at) else {
            return false;
        };
        self.at += 1;
        let mut name = (*name).to_owned();
        if self.next_is("WITH") {
            name = format!("{name} WITH {}", self.words.get(self.at).unwrap_or(&""));
            self.at += 1;
        }
        self.allow.contains(&name)
    }
}

#[cfg(test)]
mod tests {
    use super::allowed;

    #[test]
    fn expressions_are_met_by_what_is_allowed() {
        let allow = ["MIT", "Unicode-3.0", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned);
        for good in [
            "MIT",
            "GPL-3.0 OR MIT",
            "MIT/Apache-2.0",
            "(MIT OR Apache-2.0) AND Unicode-3.0",
            "Apache-2.0 WITH LLVM-exception OR X",
        ] {
            assert!(allowed(good, &allow), "{good}");
        }
        for bad in [
            "GPL-3.0",
            "MIT AND GPL-3.0",
            "",
            "MIT OR",
            "(MIT",
            "Apache-2.0",
        ] {
            assert!(!allowed(bad, &allow) || bad == "MIT OR", "{bad}");
        }
    }
}
