//! The async face on real descriptors: stories, the second ancestor's sharp edges, cancellation at every await point, workers and
//! foreign executors.
#![cfg(not(loom))]

#[path = "aio_suite/cancellation.rs"]
mod cancellation;
#[path = "aio_suite/cancellation_of_layers.rs"]
mod cancellation_of_layers;
#[path = "aio_suite/edges.rs"]
mod edges;
#[path = "aio_suite/executors.rs"]
mod executors;
#[path = "aio_suite/faces.rs"]
mod faces;
#[path = "aio_suite/names.rs"]
mod names;
#[path = "aio_suite/net.rs"]
mod net;
#[path = "aio_suite/slots.rs"]
mod slots;
#[path = "aio_suite/tasks.rs"]
mod tasks;
#[path = "aio_suite/time.rs"]
mod time;
#[path = "aio_suite/time_wakes.rs"]
mod time_wakes;
#[path = "aio_suite/util.rs"]
mod util;
