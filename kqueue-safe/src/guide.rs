//! The guide: what a call does, how an event finds its owner, what differs between the systems, and a page for each filter.
//!
//! The examples are run as tests on the system where the documentation is built, as far as it has the filter.

macro_rules! pages {
    ($($page:ident)*) => {
        $(
            #[doc = include_str!(concat!("../guide/", stringify!($page), ".md"))]
            pub mod $page {}
        )*
    };
}

pages! {
    calls identity systems
    read write timer user vnode process signal empty except process_descriptor rare
    mio_selector compare
}
