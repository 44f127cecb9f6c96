use std::vec::Vec;

use proptest::prelude::*;

use super::*;

#[test]
fn each_buffer_is_handed_out_once() {
    let mut storage = [[0; 4]; 3];
    let pool = Pool::new(&mut storage);
    let mut taken: Vec<_> = (0..3).map(|_| pool.take().unwrap()).collect();
    for (number, buffer) in taken.iter_mut().enumerate() {
        buffer.fill(number as u8);
    }
    assert!(pool.take().is_none());
    for (number, buffer) in taken.iter().enumerate() {
        assert_eq!(**buffer, [number as u8; 4]);
    }
    drop(taken);
    assert_eq!(pool.in_use(), 0);
    assert_eq!(
        pool.snapshot(),
        PoolSnapshot {
            size: 4,
            capacity: 3,
            in_use: 0,
            high_water: 3,
            refused: 1
        }
    );
}

#[test]
fn the_last_one_back_is_the_next_one_out() {
    let mut storage = [[0; 1]; 2];
    let pool = Pool::new(&mut storage);
    let (mut first, second) = (pool.take().unwrap(), pool.take().unwrap());
    first[0] = 42;
    drop(second);
    drop(first);
    assert_eq!(pool.take().unwrap()[0], 42);
}

#[test]
fn a_forgotten_buffer_is_lost_and_nothing_else() {
    let mut storage = [[0; 1]; 2];
    let pool = Pool::new(&mut storage);
    core::mem::forget(pool.take());
    assert!(pool.take().is_some());
    assert_eq!(pool.in_use(), 1);
}

#[test]
fn lengths_stay_within_the_capacity() {
    let mut storage = [[1; 8]; 1];
    let pool = Pool::new(&mut storage);
    let mut buffer = pool.take().unwrap();
    assert_eq!(buffer.set_len(3), 3);
    assert_eq!(*buffer, [1; 3]);
    assert_eq!(buffer.set_len(9), 8);
    assert_eq!(std::format!("{buffer:?}"), "Buffer { len: 8, capacity: 8 }");
}

#[test]
fn a_larger_buffer_helps_out_when_the_right_ones_are_gone() {
    let (mut small, mut large) = ([[0; 16]; 1], [[0; 64]; 1]);
    let (small, large) = (Pool::new(&mut small), Pool::new(&mut large));
    let pools = Pools::new([&large, &small]);
    assert_eq!(pools.pools()[0].size(), 16);
    let first = pools.take(10).unwrap();
    let second = pools.take(10).unwrap();
    assert_eq!((first.capacity(), second.capacity()), (16, 64));
    assert!(pools.take(10).is_none());
    assert_eq!((small.snapshot().refused, large.snapshot().refused), (1, 0));
    assert!(pools.take(65).is_none());
    assert_eq!(pools.take(0).map(|buffer| buffer.len()), None);
    drop(first);
    assert_eq!(pools.take(0).unwrap().len(), 0);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Taking and giving back in any order: the figures agree with a plain list, and no two buffers overlap.
    #[test]
    fn agrees_with_a_list(steps in proptest::collection::vec((any::<bool>(), any::<usize>()), 0..80)) {
        let mut storage = [[0; 2]; 5];
        let pool = Pool::new(&mut storage);
        let mut held: Vec<(Buffer<'_, '_>, u8)> = Vec::new();
        let mut high_water = 0;
        for (number, (take, which)) in steps.into_iter().enumerate() {
            if take {
                let buffer = pool.take();
                prop_assert_eq!(buffer.is_some(), held.len() < 5);
                if let Some(mut buffer) = buffer {
                    buffer.fill(number as u8);
                    held.push((buffer, number as u8));
                }
            } else if !held.is_empty() {
                held.swap_remove(which % held.len());
            }
            high_water = high_water.max(held.len());
            for (buffer, mark) in &held {
                prop_assert_eq!(&**buffer, &[*mark; 2]);
            }
            prop_assert_eq!(pool.in_use(), held.len());
            prop_assert_eq!(pool.high_water(), high_water);
        }
    }
}
