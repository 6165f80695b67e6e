//! What a manifest shows of a number of rows: noise is drawn under the release key.

use std::sync::{Arc, LazyLock};

use kobling::release::manifest::shown_count;
use kobling::{Count, ReleaseKey};

/// Of the releases of a test program that are compared with each other: the same numbers are
/// shown alike, and of several cells of equal worth the same one is suppressed.
pub(crate) static RELEASE_KEY: LazyLock<Arc<ReleaseKey>> =
    LazyLock::new(|| Arc::new(ReleaseKey::generate().expect("a key")));

/// Whether a manifest of a release under [`RELEASE_KEY`] may show so many rows of `what` so.
/// That there are none, some of its counts show and others do not.
pub(crate) fn is_shown(count: Count, what: &[&str], rows: u64) -> bool {
    count == shown(what, rows) || (rows == 0 && count.is_zero())
}

/// How `rows` are shown; that there are none is not.
pub(crate) fn shown(what: &[&str], rows: u64) -> Count {
    shown_count(&RELEASE_KEY, what, rows)
}

/// The two counts of base rows with and without a match, in this order, and what each is.
pub(crate) fn are_linked(
    shown: [Count; 2],
    (base, look_up): (&str, &str),
    rows: [u64; 2],
    group: &[&str],
) -> bool {
    let whole = (rows[0] + rows[1]).to_string();
    let mut each = shown.into_iter().zip(["matched", "unmatched"]).zip(rows);
    each.all(|((count, which), rows)| {
        is_shown(
            count,
            &[&[base, look_up, which, &*whole], group].concat(),
            rows,
        )
    })
}
