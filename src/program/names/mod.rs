//! Names of hosts and ports: the C library's lookups, asked once each, many at a time.

pub mod resolver;
mod service;
mod system;

pub use resolver::Resolver;
pub use service::NameService;
pub use system::System;
