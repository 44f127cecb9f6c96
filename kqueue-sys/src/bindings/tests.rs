//! The feature `bindgen` and the checked-in file declare the same things.

use super::{checked_in, generated};
use core::any::type_name;
use core::mem::{align_of, offset_of, size_of};

/// The name of a type without its path: the two modules' structs have the same name in different places.
fn plain<T>() -> [&'static str; 2] {
    let name = type_name::<T>();
    let pointer = name
        .split(' ')
        .next()
        .filter(|first| *first != name)
        .unwrap_or("");
    [pointer, name.rsplit([':', ' ']).next().unwrap_or(name)]
}

/// The parameters and the result of a function, as [`plain`] names them.
trait Signature {
    fn names(&self) -> ([[&'static str; 2]; 8], usize);
}

macro_rules! signature {
    ($($parameter:ident)*) => {
        impl<R, $($parameter),*> Signature for unsafe extern "C" fn($($parameter),*) -> R {
            fn names(&self) -> ([[&'static str; 2]; 8], usize) {
                let mut names = [["", ""]; 8];
                let all = [plain::<R>(), $(plain::<$parameter>()),*];
                names[..all.len()].copy_from_slice(&all);
                (names, all.len())
            }
        }
    };
}
signature!();
signature!(A B C D E F);

macro_rules! same_layout {
    ($name:ident: $($field:ident)*) => {
        assert_eq!(size_of::<checked_in::$name>(), size_of::<generated::$name>());
        assert_eq!(align_of::<checked_in::$name>(), align_of::<generated::$name>());
        $(assert_eq!(offset_of!(checked_in::$name, $field), offset_of!(generated::$name, $field), stringify!($field));)*
    };
}

#[test]
fn structs_have_the_same_layout() {
    same_layout!(kevent: ident filter flags fflags data udata);
    same_layout!(timespec: tv_sec tv_nsec);
}

#[test]
fn functions_have_the_same_signature() {
    let ours = checked_in::kevent as unsafe extern "C" fn(_, _, _, _, _, _) -> _;
    let theirs = generated::kevent as unsafe extern "C" fn(_, _, _, _, _, _) -> _;
    assert_eq!(ours.names(), theirs.names());
    let ours = checked_in::kqueue as unsafe extern "C" fn() -> _;
    let theirs = generated::kqueue as unsafe extern "C" fn() -> _;
    assert_eq!(ours.names(), theirs.names());
}

#[test]
fn aliases_are_the_same_types() {
    macro_rules! same {
        ($($alias:ident)*) => {
            $(assert_eq!(plain::<checked_in::$alias>(), plain::<generated::$alias>());)*
        };
    }
    same!(ident_t filter_t flags_t fflags_t data_t udata_t count_t);
}

/// A newer header may have more; what both have must be equal, and nothing may be missing.
#[test]
fn constants_have_the_same_values() {
    for (name, value) in checked_in::CONSTANTS {
        let found = generated::CONSTANTS.iter().find(|(other, _)| other == name);
        assert_eq!(found.map(|(_, other)| other), Some(value), "{name}");
    }
    if cfg!(target_os = "linux") {
        assert_eq!(checked_in::CONSTANTS, generated::CONSTANTS);
    }
}
