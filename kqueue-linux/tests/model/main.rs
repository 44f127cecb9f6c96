//! Random programs against a simple reference model of a kqueue.
//!
//! `PTK_MODEL_OPERATIONS` says how many operations are run (a million when it is not set), `PTK_MODEL_SEED` where the
//! random numbers start. A failure is shrunk to a short program and printed.
#![cfg(target_os = "linux")]

#[path = "../common/mod.rs"]
mod common;

mod machine;
mod operation;
mod reference;
mod second;

use std::cell::Cell;
use std::fmt;

use proptest::collection::vec;
use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

use machine::Machine;
use operation::Operation;
use second::Second;

/// Operations of one program, on average.
const LENGTH: u64 = 250;

/// A program, printed with one line for each operation.
struct Program(Vec<Operation>);

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .enumerate()
            .try_for_each(|(step, operation)| write!(f, "\n  {step:3} {operation:?}"))
    }
}

fn from_environment(name: &str, otherwise: u64) -> u64 {
    std::env::var(name)
        .ok()
        .and_then(|value| value.replace('_', "").parse().ok())
        .unwrap_or(otherwise)
}

#[test]
fn random_programs_agree_with_the_model() {
    let operations = from_environment("PTK_MODEL_OPERATIONS", 1_000_000);
    let seed = from_environment("PTK_MODEL_SEED", 1);
    let mut bytes = [0x5a; 16];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let second = Second::start();
    // One program warms up what is opened once for the whole process.
    Machine::new(&second).run(&[]).expect("an empty program");
    let before = common::open_descriptors();
    let run = Cell::new(0);
    let programs = vec(operation::operation(), 0..=2 * LENGTH as usize).prop_map(Program);
    for round in 0_u64.. {
        let left = operations.saturating_sub(run.get());
        if left == 0 {
            break;
        }
        let config = Config {
            cases: (left / LENGTH) as u32 + 1,
            failure_persistence: None,
            max_shrink_iters: 20_000,
            ..Config::default()
        };
        // A runner counts its programs and runs no more than it was told: a new one for what is left.
        bytes[8..].copy_from_slice(&round.to_le_bytes());
        let mut runner =
            TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::XorShift, &bytes));
        let result = runner.run(&programs, |program| {
            run.set(run.get() + program.0.len() as u64);
            Machine::new(&second)
                .run(&program.0)
                .map_err(TestCaseError::fail)
        });
        if let Err(failure) = result {
            panic!("{failure}");
        }
    }
    // What a closed kqueue held is given back when further ones are made.
    (0..400).for_each(|_| drop(common::Queue::new()));
    assert_eq!(common::open_descriptors(), before, "descriptors leaked");
    println!("{} operations, seed {seed}", run.get());
}
