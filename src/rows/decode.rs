//! Decoding of bytes that nobody vouches for: a panic inside becomes a refusal.
//!
//! The readers of Parquet and Arrow IPC are written for files that a well-meant
//! program made. Given a damaged or forged one they mostly return an error, but
//! in places they index, slice or unwrap on what the file claims. A linkage
//! must survive any file, so every call into them goes through [`guarded`].

use std::cell::Cell;
use std::panic::{self, UnwindSafe};
use std::sync::Once;

use crate::error::{Error, ErrorKind, Result};

thread_local! {
    /// Whether this thread is inside [`guarded`], where a panic is a refusal and not a bug.
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Runs `decode`, and turns a panic inside it into an error.
///
/// What `decode` worked on may be half-changed after a panic: drop it then.
///
/// The first call installs a panic hook around the present one. The panic's
/// message would otherwise go to standard error, where it alarms an operator
/// about a bug that is none, and it may quote the bytes it stumbled on. The
/// hook is silent only on a thread that is inside `guarded`; any other panic
/// reaches the previous hook. (A program that sets its own hook later hears
/// these messages again; the error stays the same.)
///
/// # Errors
///
/// What `decode` returns, or that the file is damaged. Two failures cannot be
/// caught: a program built with `panic = "abort"`, and memory running out; so
/// sizes that a file claims are checked before anything is allocated for them.
pub(crate) fn guarded<T>(decode: impl FnOnce() -> Result<T> + UnwindSafe) -> Result<T> {
    static HOOK: Once = Once::new();
    // Hooks may not be touched while this thread unwinds: that would abort.
    if !std::thread::panicking() {
        HOOK.call_once(|| {
            let previous = panic::take_hook();
            panic::set_hook(Box::new(move |panic| {
                if !GUARDED.try_with(Cell::get).unwrap_or(false) {
                    previous(panic);
                }
            }));
        });
    }
    let outer = GUARDED.replace(true);
    let result = panic::catch_unwind(decode);
    GUARDED.set(outer);
    result.unwrap_or_else(|_| Err(Error::new(ErrorKind::Rows, "the file is damaged")))
}
