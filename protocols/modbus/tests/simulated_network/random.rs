//! Random stories: every request ends once.

use proptest::prelude::*;

use super::*;

/// An operation of a random story.
#[derive(Clone, Debug)]
enum Operation {
    Read { address: u16, quantity: u16 },
    Write { address: u16, value: u16 },
    Run { milliseconds: u64 },
    Reset,
    Listener(u8),
    Stop,
    Restart,
    ServerShutsDown,
    Garbage { to_client: bool, bytes: Vec<u8> },
}

fn operation() -> impl Strategy<Value = Operation> {
    prop_oneof![
        6 => (0..12u16, 1..6u16).prop_map(|(address, quantity)| Operation::Read { address, quantity }),
        3 => (0..12u16, any::<u16>()).prop_map(|(address, value)| Operation::Write { address, value }),
        6 => (0..3000u64).prop_map(|milliseconds| Operation::Run { milliseconds }),
        1 => Just(Operation::Reset),
        1 => (0..3u8).prop_map(Operation::Listener),
        1 => Just(Operation::Stop),
        2 => Just(Operation::Restart),
        1 => Just(Operation::ServerShutsDown),
        1 => (any::<bool>(), prop::collection::vec(any::<u8>(), 1..20))
            .prop_map(|(to_client, bytes)| Operation::Garbage { to_client, bytes }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 256,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Whatever happens: every request ends exactly once, and afterwards everything works again.
    #[test]
    fn every_request_ends_once(
        operations in prop::collection::vec(operation(), 1..60),
        seed: u64,
        latency in 0..400u64,
        piece in 1..64usize,
    ) {
        let mut values = registers(16);
        let mut blocks = [RegisterBlock::new(0, &mut values, Access::ReadWrite)];
        let config = client::Config::default();
        let latency = latency * MILLISECOND;
        let mut network = Network::new(&mut blocks, config, seed, latency, piece);
        let mut made = 0;
        for operation in operations {
            match operation {
                Operation::Read { address, quantity } => {
                    let request = read(address, quantity);
                    if network.client.request(network.now, 1, &request, made).is_ok() {
                        made += 1;
                    }
                }
                Operation::Write { address, value } => {
                    let words = [value];
                    let values = Registers::from_words(&words);
                    let request = Request::WriteMultipleRegisters { address, values };
                    if network.client.request(network.now, 1, &request, made).is_ok() {
                        made += 1;
                    }
                }
                Operation::Run { milliseconds } => network.run(milliseconds * MILLISECOND),
                Operation::Reset => network.reset(),
                Operation::Listener(how) => {
                    let all = [Listener::Accepts, Listener::Refuses, Listener::Ignores];
                    network.listener = all[usize::from(how)];
                }
                Operation::Stop => network.client.stop(network.now),
                Operation::Restart => network.client.restart(network.now),
                Operation::ServerShutsDown => {
                    if let Some(server) = &mut network.server {
                        server.shut_down();
                    }
                }
                Operation::Garbage { to_client, bytes } => {
                    let now = network.now;
                    let Network { to_client: one, to_server: other, random, .. } = &mut network;
                    let pipe = if to_client { one } else { other };
                    pipe.send(now, &bytes, random);
                }
            }
            network.collect();
        }
        network.listener = Listener::Accepts;
        network.run(30 * SECOND);
        network.client.restart(network.now);
        network.run(30 * SECOND);
        let mut ended: Vec<u64> = network
            .told
            .iter()
            .filter_map(|told| match told {
                Told::Values(token, _) | Told::Other(token) | Told::Failed(token, _) => Some(*token),
                _ => None,
            })
            .collect();
        ended.sort_unstable();
        prop_assert_eq!(ended, (0..made).collect::<Vec<_>>());
        // Garbage may have cost the connection or a reply, never the machine.
        prop_assert!(network.client.is_connected());
        network.told.clear();
        network.client.request(network.now, 1, &read(0, 1), 1 << 40).unwrap();
        network.run(30 * SECOND);
        let replied = matches!(&network.told[..], [.., Told::Values(token, _)] if *token == 1 << 40);
        let stalled = matches!(&network.told[..], [.., Told::Failed(..)] | [.., Told::Connected]);
        prop_assert!(replied || stalled, "{:?}", network.told);
        prop_assert_eq!(network.client.in_flight(), 0);
    }
}
