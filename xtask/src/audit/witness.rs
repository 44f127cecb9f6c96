//! What one source says about one target, and how the header's account is read from bindgen's text.

use std::collections::BTreeMap;

/// Statements by what they are about: `size of kevent`, `offset of kevent.data`, `EV_ADD`, `fn kevent`, `symbol of kevent`.
pub type Witness = BTreeMap<String, String>;

/// The structs that the text declares, with their fields' names.
pub fn structs(text: &str) -> Vec<(String, Vec<String>)> {
    let names =
        |fields: Vec<(String, String)>| fields.into_iter().map(|(field, _)| field).collect();
    fields(text)
        .into_iter()
        .map(|(name, fields)| (name, names(fields)))
        .collect()
}

/// The structs that the text declares, with their fields' names and types.
fn fields(text: &str) -> Vec<(String, Vec<(String, String)>)> {
    let mut found: Vec<(String, Vec<(String, String)>)> = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        if let Some(name) = line
            .strip_prefix("pub struct ")
            .and_then(|rest| rest.strip_suffix(" {"))
        {
            found.push((name.to_owned(), Vec::new()));
            inside = true;
        } else if line == "}" {
            inside = false;
        } else if inside
            && let Some((field, kind)) = line
                .trim()
                .strip_prefix("pub ")
                .and_then(|rest| rest.strip_suffix(',')?.split_once(": "))
        {
            found
                .last_mut()
                .expect("a struct was begun")
                .1
                .push((field.to_owned(), kind.to_owned()));
        }
    }
    found
}

/// The names of the constants that the text declares, `CONSTANTS` excepted.
pub fn constants(text: &str) -> Vec<String> {
    let names = text
        .lines()
        .filter_map(|line| line.strip_prefix("pub const ")?.split(':').next());
    names
        .filter(|name| *name != "CONSTANTS")
        .map(str::to_owned)
        .collect()
}

/// The functions that the text declares, with the number of their parameters.
pub fn functions(text: &str) -> Vec<(String, usize)> {
    declarations(text)
        .into_iter()
        .map(|function| (function.name, function.parameters.len()))
        .collect()
}

struct Function {
    name: String,
    symbol: String,
    parameters: Vec<String>,
    result: String,
}

fn declarations(text: &str) -> Vec<Function> {
    let mut found = Vec::new();
    let mut symbol = None;
    let mut open: Option<String> = None;
    for line in text.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix("#[link_name = \"") {
            symbol = name
                .strip_suffix("\"]")
                .map(|name| name.trim_start_matches("\\u{1}").to_owned());
        }
        if line.starts_with("pub fn ") {
            open = Some(String::new());
        }
        let Some(declaration) = &mut open else {
            continue;
        };
        declaration.push_str(line);
        if !line.ends_with(';') {
            continue;
        }
        let whole = open.take().unwrap_or_default();
        let parts = whole
            .strip_prefix("pub fn ")
            .and_then(|rest| rest.strip_suffix(';')?.split_once('('));
        let Some((name, (parameters, result))) =
            parts.and_then(|(name, rest)| Some((name, rest.rsplit_once(") -> ")?)))
        else {
            continue;
        };
        let kinds = parameters
            .split(',')
            .filter_map(|parameter| parameter.split_once(": "));
        found.push(Function {
            name: name.to_owned(),
            symbol: symbol.take().unwrap_or_else(|| name.to_owned()),
            parameters: kinds.map(|(_, kind)| kind.to_owned()).collect(),
            result: result.to_owned(),
        });
    }
    found
}

/// The header's account: clang's sizes and offsets stand in bindgen's assertions, its values and types in the declarations.
pub fn of_header(text: &str, target: &str) -> Witness {
    let mut witness = Witness::new();
    for line in text.lines().map(str::trim) {
        let Some((subject, rest)) = line
            .strip_prefix("[\"")
            .and_then(|rest| rest.split_once("\"]["))
        else {
            continue;
        };
        let Some(number) = rest
            .rsplit_once(" - ")
            .and_then(|(_, rest)| rest.strip_suffix("usize];"))
        else {
            continue;
        };
        let subject = subject
            .replace("Size of ", "size of ")
            .replace("Alignment of ", "alignment of ");
        let subject = subject
            .replace("Offset of field: ", "offset of ")
            .replace("::", ".");
        witness.insert(subject, number.to_owned());
    }
    for line in text.lines() {
        let Some((name, rest)) = line
            .strip_prefix("pub const ")
            .and_then(|rest| rest.split_once(": "))
        else {
            continue;
        };
        if let Some((kind, value)) = rest
            .strip_suffix(';')
            .and_then(|rest| rest.split_once(" = "))
        {
            let value = number(value).map_or_else(|| value.to_owned(), |value| value.to_string());
            witness.insert(name.to_owned(), format!("{value} {kind}"));
        }
    }
    for (name, fields) in fields(text) {
        for (field, kind) in fields {
            witness.insert(format!("type of {name}.{field}"), plain(&kind, target));
        }
    }
    for function in declarations(text) {
        let parameters: Vec<_> = function
            .parameters
            .iter()
            .map(|kind| plain(kind, target))
            .collect();
        let signature = format!(
            "({}) -> {}",
            parameters.join(", "),
            plain(&function.result, target)
        );
        witness.insert(format!("fn {}", function.name), signature);
        witness.insert(format!("symbol of {}", function.name), function.symbol);
    }
    witness
}

/// A number as our files write it.
pub fn number(text: &str) -> Option<i64> {
    let digits = text.replace('_', "");
    match digits.strip_prefix("0x") {
        Some(digits) => i64::from_str_radix(digits, 16).ok(),
        None => digits.parse().ok(),
    }
}

/// A type without paths and with C's names resolved for the target, as `core::any::type_name` would give it.
pub fn plain(kind: &str, target: &str) -> String {
    let narrow = target.starts_with("i686") || target.starts_with("armv7");
    let words = kind
        .split(' ')
        .map(|word| match word.rsplit("::").next().unwrap_or(word) {
            "c_short" => "i16",
            "c_ushort" => "u16",
            "c_int" => "i32",
            "c_uint" => "u32",
            "c_long" if narrow => "i32",
            "c_long" => "i64",
            // bindgen writes an array's length with its type.
            "4usize]" => "4]",
            "2usize]" => "2]",
            other => other,
        });
    words.collect::<Vec<_>>().join(" ")
}
