//! Whatever a release holds comes back from its ledger as it was.

use std::collections::BTreeMap;

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;

use super::Desk;
use crate::ledger::entry::{
    CategoryEntry, CellEntry, ContributionEntry, Coordinate, CountInterval, DimensionEntry, Figure,
    Fingerprint, LackingEntry, LevelEntry, NameEntry, Origin, Padded, PowerOfTwo, PromiseEntry,
    QuantityEntry, ReleaseEntry, Signs, Sketch, TableEntry, UnsafeSum,
};

/// Any text: quotes, newlines, NUL and what is beyond the first plane.
fn text() -> impl Strategy<Value = String> {
    vec(any::<char>(), 0..6).prop_map(String::from_iter)
}

fn fingerprint() -> impl Strategy<Value = Fingerprint> {
    any::<u64>().prop_map(Fingerprint)
}

fn sketch() -> impl Strategy<Value = Sketch> {
    any::<[u16; 32]>().prop_map(Sketch)
}

fn signs() -> impl Strategy<Value = Signs> {
    prop_oneof![
        Just(Signs::NonNegative),
        Just(Signs::NonPositive),
        Just(Signs::Mixed),
    ]
}

fn padded() -> impl Strategy<Value = Padded> {
    any::<u128>().prop_map(Padded)
}

fn contribution() -> impl Strategy<Value = ContributionEntry> {
    let largest = option::of(any::<u128>().prop_map(PowerOfTwo::above));
    let parts = (sketch(), largest);
    parts.prop_map(|(sketch, largest)| ContributionEntry { sketch, largest })
}

fn origin() -> impl Strategy<Value = Origin> {
    let parts = (text(), option::of(text()));
    parts.prop_map(|(source, column)| Origin { source, column })
}

fn dimension() -> impl Strategy<Value = DimensionEntry> {
    let of = btree_map(text(), text(), 0..3);
    let level = (text(), of).prop_map(|(name, of): (_, BTreeMap<_, _>)| LevelEntry { name, of });
    let lacking = (option::of(text()), origin());
    let lacking = lacking.prop_map(|(name, of)| LackingEntry { name, of });
    let lacking = option::of(lacking);
    let origins = vec(origin(), 0..3);
    let parts = (text(), any::<bool>(), origins, lacking, vec(level, 0..3));
    parts.prop_flat_map(|(name, hidden, origins, lacking, levels)| {
        let name_entry = (coordinate(levels.len()), any::<u64>());
        let names = vec(
            name_entry.prop_map(|(at, persons)| NameEntry { at, persons }),
            0..3,
        );
        let category = (option::of(text()), fingerprint(), vec(fingerprint(), 0..3));
        let category = category.prop_map(|(name, rows, fingerprints)| CategoryEntry {
            name,
            rows,
            fingerprints,
        });
        let parts = (names, vec(category, 0..3));
        parts.prop_map(move |(names, jointly)| DimensionEntry {
            name: name.clone(),
            hidden,
            origins: origins.iter().cloned().collect(),
            lacking: lacking.clone(),
            levels: levels.clone(),
            names,
            jointly,
        })
    })
}

fn promise() -> impl Strategy<Value = PromiseEntry> {
    let interval = prop_oneof![
        Just(CountInterval::Full),
        (CountInterval::LEAST..).prop_map(CountInterval::Values),
    ];
    (any::<u64>(), interval).prop_map(|(min_persons, count_interval)| PromiseEntry {
        min_persons,
        count_interval,
    })
}

fn quantity() -> impl Strategy<Value = QuantityEntry> {
    let measures = vec(text(), 0..3);
    let each = (measures, fingerprint(), option::of(origin()), any::<bool>());
    each.prop_map(|(measures, fingerprint, of, of_rows)| QuantityEntry {
        measures,
        fingerprint,
        of,
        of_rows,
    })
}

fn figure() -> impl Strategy<Value = Figure> {
    prop_oneof![
        any::<i128>().prop_map(Figure::Published),
        (-9_i128..9).prop_map(Figure::Published),
        Just(Figure::Primary),
        Just(Figure::Complementary),
        Just(Figure::Perturbed),
    ]
}

/// A place in a dimension that has `levels`.
fn coordinate(levels: usize) -> BoxedStrategy<Coordinate> {
    let own = option::of(text()).prop_map(Coordinate::Own);
    if levels == 0 {
        return prop_oneof![own, Just(Coordinate::Total)].boxed();
    }
    let level = (0..levels, option::of(text()));
    let level = level.prop_map(|(level, name)| Coordinate::Level(level, name));
    prop_oneof![own, level, Just(Coordinate::Total)].boxed()
}

/// A cell of a table of such dimensions, with so many quantities.
fn cell(
    dimensions: &[DimensionEntry],
    quantities: usize,
) -> impl Strategy<Value = CellEntry> + use<> {
    let levels = dimensions.iter().map(|dimension| dimension.levels.len());
    let at: Vec<_> = levels.map(coordinate).collect();
    let figure = (fingerprint(), figure(), option::of(contribution()));
    let unsafe_sum = (padded(), padded());
    let unsafe_sum = unsafe_sum.prop_map(|(value, level)| UnsafeSum { value, level });
    let singletons = (option::of(fingerprint()), (signs(), option::of(unsafe_sum)));
    let persons = (any::<u64>(), padded(), sketch());
    let parts = (
        at,
        fingerprint(),
        persons,
        vec((figure, singletons), quantities),
    );
    parts.prop_map(|(at, rows, (persons, padded, sketch), figures)| {
        let published = |figure: &Figure| matches!(figure, Figure::Published(_));
        let (figures, singletons): (Vec<_>, Vec<_>) = figures.into_iter().unzip();
        let (singletons, sums): (Vec<_>, Vec<_>) = singletons.into_iter().unzip();
        let (signs, unsafe_sums): (Vec<_>, Vec<_>) = sums.into_iter().unzip();
        let is_published = figures.iter().any(|(_, figure, _)| published(figure));
        CellEntry {
            at,
            rows,
            persons: is_published.then_some(persons),
            padded,
            sketch: is_published.then_some(sketch),
            fingerprints: figures.iter().map(|figure| figure.0).collect(),
            contributions: figures
                .iter()
                .map(|(_, figure, contribution)| contribution.filter(|_| published(figure)))
                .collect(),
            singletons,
            signs,
            unsafe_sums,
            figures: figures.into_iter().map(|figure| figure.1).collect(),
        }
    })
}

fn table() -> impl Strategy<Value = TableEntry> {
    let form = (vec(dimension(), 0..3), vec(quantity(), 0..3));
    let parts = form.prop_flat_map(|(mut dimensions, quantities)| {
        for dimension in &mut dimensions {
            for category in &mut dimension.jointly {
                let held = &mut category.fingerprints;
                held.resize(quantities.len(), Fingerprint(0));
            }
        }
        let cells = vec(cell(&dimensions, quantities.len()), 0..4);
        (
            text(),
            text(),
            (fingerprint(), any::<bool>()),
            (text(), promise()),
            Just(dimensions),
            Just(quantities),
            cells,
        )
    });
    parts.prop_map(
        |(
            name,
            base,
            (population, one_row_each),
            (method, promise),
            dimensions,
            quantities,
            cells,
        )| {
            TableEntry {
                name,
                base,
                population,
                one_row_each,
                method,
                promise,
                dimensions,
                quantities,
                cells,
            }
        },
    )
}

fn release() -> impl Strategy<Value = ReleaseEntry> {
    let tables = vec(table(), 0..3);
    let extracts = btree_map(text(), text(), 0..3);
    let numbers = (any::<u32>(), any::<u64>());
    (text(), text(), numbers, extracts, tables).prop_map(
        |(made_at, plan_digest, (epoch, rho_billionths), extracts, tables)| ReleaseEntry {
            made_at,
            plan_digest,
            epoch,
            extracts,
            rho_billionths,
            tables,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn releases_come_back_as_they_were(releases in vec(release(), 1..4)) {
        let desk = Desk::new();
        let mut ledger = desk.open();
        for release in &releases {
            ledger.append(release.clone()).expect("it is written");
        }
        let again = desk.open();
        let read: Vec<_> = again.entries().iter().map(|entry| entry.release.clone()).collect();
        prop_assert_eq!(read, releases);
        prop_assert_eq!(again.entries(), ledger.entries());
        prop_assert_eq!(again.chain, ledger.chain);
    }
}
