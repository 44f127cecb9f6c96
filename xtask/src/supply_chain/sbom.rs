//! The bill of materials: CycloneDX 1.5, JSON, one document for the workspace. It has no time and no random number, so the same lock file gives
//! the same bytes.

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Value, json};

use crate::tools::{self, at};

/// Writes `target/sbom/workspace.cdx.json` and says what is in it.
///
/// # Errors
/// When Cargo's account lacks what the format demands, or the file cannot be written.
pub fn write(metadata: &Value) -> Result<(), String> {
    let lock = tools::root().join("Cargo.lock");
    let text = fs::read_to_string(&lock).map_err(|error| at(&lock, &error))?;
    let checksums = checksums(&text)?;
    let document = document(metadata, &checksums)?;
    let folder = tools::target().join("sbom");
    fs::create_dir_all(&folder).map_err(|error| at(&folder, &error))?;
    let path = folder.join("workspace.cdx.json");
    let text = serde_json::to_string_pretty(&document).map_err(|error| error.to_string())?;
    fs::write(&path, text).map_err(|error| at(&path, &error))?;
    let count = document["components"].as_array().map_or(0, Vec::len);
    println!(
        "{}: {count} components",
        path.strip_prefix(tools::root()).unwrap_or(&path).display()
    );
    Ok(())
}

/// SHA-256 of every package's archive, as the lock file has them.
fn checksums(lock: &str) -> Result<BTreeMap<(String, String), String>, String> {
    let lock: toml::Table = toml::from_str(lock).map_err(|error| format!("Cargo.lock: {error}"))?;
    let packages = lock.get("package").and_then(toml::Value::as_array);
    let text = |package: &toml::Value, key: &str| {
        package
            .get(key)
            .and_then(toml::Value::as_str)
            .map(str::to_owned)
    };
    Ok(packages
        .into_iter()
        .flatten()
        .filter_map(|package| {
            Some((
                (text(package, "name")?, text(package, "version")?),
                text(package, "checksum")?,
            ))
        })
        .collect())
}

fn document(
    metadata: &Value,
    checksums: &BTreeMap<(String, String), String>,
) -> Result<Value, String> {
    let packages = metadata["packages"]
        .as_array()
        .ok_or("cargo metadata: no packages")?;
    let mut references = BTreeMap::new();
    let mut components = Vec::new();
    for package in packages {
        let field = |name: &str| {
            package[name]
                .as_str()
                .ok_or_else(|| format!("cargo metadata: a package without {name}"))
        };
        let (name, version, id) = (field("name")?, field("version")?, field("id")?);
        let purl = format!("pkg:cargo/{name}@{version}");
        references.insert(id, purl.clone());
        let mut component = json!({
            "type": "library",
            "bom-ref": purl,
            "name": name,
            "version": version,
            "scope": "required",
            "purl": purl,
        });
        if let Some(licence) = package["license"].as_str() {
            component["licenses"] =
                json!([{ "expression": licence.replace(" / ", " OR ").replace('/', " OR ") }]);
        }
        if let Some(description) = package["description"].as_str() {
            component["description"] =
                json!(description.split_whitespace().collect::<Vec<_>>().join(" "));
        }
        if let Some(checksum) = checksums.get(&(name.to_owned(), version.to_owned())) {
            component["hashes"] = json!([{ "alg": "SHA-256", "content": checksum }]);
        }
        if let Some(repository) = package["repository"].as_str() {
            component["externalReferences"] = json!([{ "type": "vcs", "url": repository }]);
        }
        components.push(component);
    }
    components.sort_by_key(|component| component["bom-ref"].to_string());
    let mut dependencies = Vec::new();
    for node in metadata["resolve"]["nodes"]
        .as_array()
        .into_iter()
        .flatten()
    {
        let reference = |id: &Value| id.as_str().and_then(|id| references.get(id).cloned());
        let mut on: Vec<_> = node["dependencies"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(reference)
            .collect();
        on.sort();
        dependencies.push(json!({ "ref": reference(&node["id"]), "dependsOn": on }));
    }
    dependencies.sort_by_key(|dependency| dependency["ref"].to_string());
    Ok(json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "tools": { "components": [{ "type": "application", "name": "xtask", "version": env!("CARGO_PKG_VERSION") }] },
            "component": { "type": "application", "bom-ref": "workspace", "name": "protocol-toolkit", "version": env!("CARGO_PKG_VERSION") },
        },
        "components": components,
        "dependencies": dependencies,
    }))
}
