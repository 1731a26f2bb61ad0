//! MySQL and MariaDB: a small pool whose every statement runs in a read-only transaction of its own.

mod options;
mod reserved;

pub(super) use self::options::{database_of, options};
pub(super) use self::reserved::RESERVED;
