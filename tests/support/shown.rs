//! What a manifest shows of a number of rows: noise is drawn under the release key, so nobody
//! else can say it. A release of registers in which so many rows are without a match does.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, LazyLock, Mutex};

use kobling::protect::Protection;
use kobling::{Count, Linkage, ReleaseKey};

use super::{PROJECT, extract, key, parse};

/// Of the releases of a test program that are compared with each other: the same numbers are
/// shown alike, and of several cells of equal worth the same one is suppressed.
pub(crate) static RELEASE_KEY: LazyLock<Arc<ReleaseKey>> =
    LazyLock::new(|| Arc::new(ReleaseKey::generate().expect("a key")));

/// Whether a manifest of a release under [`RELEASE_KEY`] may show so many rows so. That there
/// are none, some of its counts show and others do not.
pub(crate) fn is_shown(count: Count, rows: u64) -> bool {
    count == shown(rows) || (rows == 0 && count.is_zero())
}

/// How `rows` are shown; that there are none is not.
pub(crate) fn shown(rows: u64) -> Count {
    static SHOWN: LazyLock<Mutex<HashMap<u64, Count>>> = LazyLock::new(Mutex::default);
    let mut known = SHOWN.lock().expect("no test panicked with it");
    *known.entry(rows).or_insert_with(|| unmatched(rows))
}

/// What the manifest says of base rows without a match, of which there are so many.
fn unmatched(rows: u64) -> Count {
    const MATCHED: u64 = 50;
    let plan = parse(&format!(
        "{PROJECT}
        [source.base]
        agency = 'An agency'
        legal_basis = ['A law']
        identifier = {{ column = 'nr', type = 'number' }}
        rows = 'one'
        columns.kind = {{ from = 'kind', type = 'category', categories = ['k'] }}
        [source.other]
        agency = 'Another agency'
        legal_basis = ['A law']
        identifier = {{ column = 'nr', type = 'number' }}
        rows = 'one'
        columns.here = {{ from = 'here', type = 'boolean' }}
        [table.t]
        from = 'base'
        by = ['base.kind', 'other.here']
        sensitive = []
        measures = [{{ persons = true }}]
        protect = {{ min_persons = 3, method = 'suppress' }}
        with.other = {{ need = 'optional' }}"
    ));
    let (mut base, mut other) = ("nr,kind\n".to_owned(), "nr,here\n".to_owned());
    for nr in 0..MATCHED + rows {
        writeln!(base, "{nr},k").expect("a text takes all");
        if nr < MATCHED {
            writeln!(other, "{nr},true").expect("a text takes all");
        }
    }
    let key = key(&plan);
    let extracts = [("base", base), ("other", other)]
        .map(|(source, csv)| extract(&plan, &key, source, &csv).expect("a good register"));
    let protection = Protection::new(RELEASE_KEY.clone());
    let tables = Linkage::new(&plan, extracts).and_then(|linkage| linkage.tabulate(protection));
    let release = tables.and_then(|tables| tables.protect()?.release());
    let manifest = release.expect("a release").manifest().clone();
    manifest.tables[0].look_ups[0].unmatched
}
