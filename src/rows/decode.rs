//! Decoding of bytes that nobody vouches for: a panic inside becomes a refusal.
//!
//! The readers of Parquet and Arrow IPC are written for files that a well-meant
//! program made. Given a damaged or forged one they mostly return an error, but
//! in places they index, slice or unwrap on what the file claims. A linkage
//! must survive any file, so every call into them goes through [`guarded`].

use std::cell::Cell;
use std::panic::{self, UnwindSafe};

use crate::error::{Error, ErrorKind, Result};

thread_local! {
    /// Whether this thread is inside [`guarded`], where a panic is a refusal and not a bug.
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread decodes a file just now, so that a panic is no bug: the
/// file is damaged, and refused as such.
///
/// The message of a panic (the default hook prints it to standard error) would
/// alarm an operator about nothing, and may quote the bytes that it stumbled on.
/// The hook is the whole process's, and a library has no business to change it;
/// the program that has registers read does, as `kobling` does at its start:
///
/// ```
/// let otherwise = std::panic::take_hook();
/// std::panic::set_hook(Box::new(move |panic| {
///     if !kobling::is_decoding() {
///         otherwise(panic);
///     }
/// }));
/// ```
pub fn is_decoding() -> bool {
    // A thread that ends has no locals any more, and decodes nothing.
    GUARDED.try_with(Cell::get).unwrap_or(false)
}

/// Runs `decode`, and turns a panic inside it into an error.
///
/// What `decode` worked on may be half-changed after a panic: drop it then.
///
/// # Errors
///
/// What `decode` returns, or that the file is damaged. Two failures cannot be
/// caught: a program built with `panic = "abort"` ends, and memory may run out; so
/// sizes that a file claims are checked before anything is allocated for them.
pub(crate) fn guarded<T>(decode: impl FnOnce() -> Result<T> + UnwindSafe) -> Result<T> {
    let outer = GUARDED.replace(true);
    let result = panic::catch_unwind(decode);
    GUARDED.set(outer);
    result.unwrap_or_else(|_| Err(Error::new(ErrorKind::Rows, "the file is damaged")))
}
