//! What becomes of a run that is asked to stop: it removes what it has not finished.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Folders of the program's own that are not finished.
static UNFINISHED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// Has `folder` removed if the run is asked to stop before it is [finished].
pub(super) fn unfinished(folder: &Path) {
    let mut unfinished = UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner);
    unfinished.insert(folder.to_owned());
}

/// `folder` stays.
pub(super) fn finished(folder: &Path) {
    let mut unfinished = UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner);
    unfinished.remove(folder);
}

/// Does `all` of something: who is asked to stop meanwhile stops after it.
pub(super) fn after<T>(all: impl FnOnce() -> T) -> T {
    let _unfinished = UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner);
    all()
}

/// Has the run cleaned up, and then ended as it would have been, when it is
/// interrupted, terminated, or loses its terminal.
#[cfg(unix)]
pub(super) fn clean_up_when_asked() {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;
    // Where no signal can be waited for, the run ends at once.
    let Ok(mut signals) = Signals::new([SIGHUP, SIGINT, SIGTERM]) else {
        return;
    };
    std::thread::spawn(move || {
        if let Some(signal) = signals.forever().next() {
            // Held until the run has ended.
            let own = UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner);
            kobling::remove_unfinished();
            for folder in own.iter() {
                // What cannot be removed is named as a part.
                let _ = std::fs::remove_dir_all(folder);
            }
            let _ = signal_hook::low_level::emulate_default_handler(signal);
            std::process::exit(1);
        }
    });
}

/// Elsewhere the run ends at once.
#[cfg(not(unix))]
pub(super) fn clean_up_when_asked() {}
