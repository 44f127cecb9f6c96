//! A Modbus device and a client that ask it from several tasks, in static storage: `modbus_async`. It ends by itself.
//!
//! The device counts how often it was read in register 9. Two tasks share one connection; what they ask is in flight at the same time.

use embassy_executor::Spawner;
use ptk_core::aio::embassy::Executor;
use ptk_core::aio::net::TcpListener;
use ptk_core::aio::{IoDriver, IoSlots, Notify};
use ptk_modbus::aio::{CallError, Client, Server};
use ptk_modbus::codec::{ExceptionCode, RegistersMut};
use ptk_modbus::poller::Area;
use ptk_modbus::server::{self, Device, OneUnit, RegisterMap};
use ptk_modbus::value::WordOrder;
use ptk_modbus::{SECOND, client};
use static_cell::StaticCell;

/// Ten holding registers.
struct Boiler {
    values: [u16; 10],
}

impl RegisterMap for Boiler {
    fn read_holding_registers(
        &mut self,
        start: u16,
        out: &mut RegistersMut<'_>,
    ) -> Result<(), ExceptionCode> {
        self.values[9] += 1;
        let range = usize::from(start)..usize::from(start) + out.len();
        let values = self.values.get(range);
        out.copy_from(values.ok_or(ExceptionCode::IllegalDataAddress)?);
        Ok(())
    }

    fn write_holding_registers(
        &mut self,
        start: u16,
        values: ptk_modbus::codec::Registers<'_>,
    ) -> Result<(), ExceptionCode> {
        let range = usize::from(start)..usize::from(start) + values.len();
        let own = self.values.get_mut(range);
        values.copy_to(own.ok_or(ExceptionCode::IllegalDataAddress)?);
        Ok(())
    }
}

type Boilers = Server<OneUnit<Boiler>>;

static SLOTS: IoSlots<16> = IoSlots::new();
static EXECUTOR: Executor = Executor::new();
static LISTENER: StaticCell<TcpListener> = StaticCell::new();
static SERVER: StaticCell<Boilers> = StaticCell::new();
static CLIENT: StaticCell<Client> = StaticCell::new();
static DONE: Notify = Notify::new();

/// As many connections as the pool has places.
#[embassy_executor::task(pool_size = 2)]
async fn serve(server: &'static Boilers, listener: &'static TcpListener) {
    server.run(listener).await;
}

#[embassy_executor::task]
async fn connection(client: &'static Client) {
    client.run().await;
}

#[embassy_executor::task]
async fn watch(client: &'static Client) {
    for _ in 0..3 {
        let read = client.read_number::<f32>(1, Area::HoldingRegisters, 0, WordOrder::Cdab);
        match read.await {
            Ok(temperature) => println!("boiler at {temperature} degrees"),
            Err(error) => eprintln!("boiler: {error}"),
        }
    }
    DONE.notify_one();
}

async fn story(spawner: Spawner) -> Result<(), CallError> {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("bound");
    let listener = LISTENER.init(listener);
    let device = Device::new(OneUnit::new(1, Boiler { values: [0; 10] }));
    let server = SERVER.init(Server::new(device, server::Config::DEFAULT, 2));
    for _ in 0..2 {
        spawner.spawn(serve(server, listener).expect("the pool has two places"));
    }

    let config = client::Config {
        request_timeout: 5 * SECOND,
        ..client::Config::DEFAULT
    };
    let client = CLIENT.init(Client::new(address, config, 1));
    spawner.spawn(connection(client).expect("one connection"));
    client.write_number(1, 0, WordOrder::Cdab, 71.5_f32).await?;
    spawner.spawn(watch(client).expect("one watcher"));

    let mut values = [0; 10];
    client.read_holding_registers(1, 0, &mut values).await?;
    let refused = client.read_holding_registers(1, 5, &mut values).await;
    println!("beyond the last register: {}", refused.unwrap_err());
    DONE.notified().await;
    println!("{} requests served", server.device().statistics.requests);
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    EXECUTOR.run_until(IoDriver::new(&SLOTS)?, story)??;
    Ok(())
}
