//! The formats that a register's files may have, a file each.

pub(super) mod csv;
pub(crate) mod ipc;
pub(crate) mod parquet;
#[cfg(feature = "xlsx")]
pub(super) mod xlsx;
