use std::path::Path;
use std::time::Duration;

use super::*;

fn mistake(text: &str, read: impl FnOnce(&mut Section<'_>) -> Result<(), Failure>) -> String {
    let file = TomlFile::from_text(Path::new("plant.toml"), text.to_owned());
    let failure = file.parse(read).expect_err("a mistake");
    assert_eq!(failure.code(), 2);
    failure.to_string()
}

#[test]
fn what_is_no_toml_has_its_line() {
    let told = mistake("a = 1\nb = \n", |_| Ok(()));
    assert!(told.starts_with("plant.toml:2: not TOML: "), "{told}");
    assert_eq!(told.lines().count(), 1, "{told}");
}

#[test]
fn an_unknown_key_has_its_line_and_the_known_ones() {
    let told = mistake("[[unit]]\nid = 1\nidd = 2\n", |top| {
        for mut unit in top.tables("unit")? {
            let _: Option<u8> = unit.integer("id", 0..256)?;
            unit.string("name")?;
            unit.finish()?;
        }
        Ok(())
    });
    assert_eq!(
        told,
        "plant.toml:3: unit[0].idd: no such key here; there are: id, name"
    );
}

#[test]
fn a_missing_key_is_told_at_its_table() {
    let told = mistake("\n[[unit]]\n", |top| {
        for mut unit in top.tables("unit")? {
            unit.required_integer::<u8>("id", 0..256, "the unit's number")?;
        }
        Ok(())
    });
    assert_eq!(
        told,
        "plant.toml:2: unit[0]: the key \"id\" is missing: the unit's number"
    );
}

#[test]
fn ranges_and_types_are_told() {
    let told = mistake("id = 256", |top| top.integer::<u8>("id", 0..256).map(drop));
    assert_eq!(told, "plant.toml:1: id: 256 is not within 0 to 255");
    let told = mistake("id = \"x\"", |top| {
        top.integer::<u8>("id", 0..256).map(drop)
    });
    assert_eq!(
        told,
        "plant.toml:1: id: must be an integer, not of type string"
    );
    let told = mistake("period = 5", |top| {
        top.duration("period", Duration::ZERO).map(drop)
    });
    assert!(told.contains("a duration with its unit"), "{told}");
    let told = mistake("period = \"1us\"", |top| {
        top.duration("period", Duration::from_millis(1)).map(drop)
    });
    assert_eq!(told, "plant.toml:1: period: \"1us\" is shorter than 1ms");
}

#[test]
fn integers_keep_all_their_digits() {
    let text = format!("a = {}\nb = 0xFFFF\nc = 1.5\nd = true", i64::MIN);
    let file = TomlFile::from_text(Path::new("x"), text);
    let words = file.parse(|top| {
        ["a", "b", "c", "d"]
            .map(|key| top.take(key).expect("is there").words())
            .into_iter()
            .collect::<Result<Vec<_>, _>>()
    });
    assert_eq!(
        words.unwrap(),
        ["-9223372036854775808", "65535", "1.5", "1"]
    );
}
