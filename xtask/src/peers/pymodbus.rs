//! A pymodbus client against `ptk modbus serve`.

use super::expect;
use super::process::succeed;
use super::programs::Programs;

pub fn every_function(programs: &Programs) -> Result<(), String> {
    let (server, address) = programs.serve(&[])?;
    succeed(&mut programs.pymodbus_client(address, &["check"]))?;
    let status = server.interrupt()?;
    expect(status.success(), "an orderly end on SIGINT", &status)
}

pub fn side_by_side(programs: &Programs) -> Result<(), String> {
    let (_server, address) = programs.serve(&[])?;
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| succeed(&mut programs.pymodbus_client(address, &["repeat", "200"])))
            })
            .collect();
        clients.into_iter().try_for_each(|client| {
            client
                .join()
                .map_err(|_| "a client's thread ended badly".to_owned())?
                .map(drop)
        })
    })
}
