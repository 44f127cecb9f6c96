//! The example files: they are as they say, and go together.

mod common;

use std::path::Path;

use common::{Server, file, succeed};

#[test]
fn the_plant_polls_the_device() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("files");
    let device = folder.join("device.toml").display().to_string();
    let plant = std::fs::read_to_string(folder.join("plant.toml")).expect("the file");
    let server = Server::start(&["--map", &device]);
    let plant = plant.replace("127.0.0.1:1502", &server.target());
    let plant = file("plant.toml", &plant).display().to_string();
    let rows = succeed(&["modbus", "poll", &plant, "--count", "1"]);
    assert_eq!(rows.lines().count(), 8, "{rows}");
    assert_eq!(rows.matches("  good\n").count(), 8, "{rows}");
    assert!(
        rows.contains("  press  set point  180 °C  good\n"),
        "{rows}"
    );
    assert!(rows.contains("  press  name  press 7  good\n"), "{rows}");
    assert!(rows.contains("  feeder  speed  7  good\n"), "{rows}");
    let found = succeed(&["modbus", "scan", &server.target(), "-a", "1-5", "-f", "csv"]);
    assert_eq!(found.lines().count(), 3, "{found}");
}
