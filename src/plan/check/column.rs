//! Checks of one column's recipe.

mod names;

use crate::plan::document::{
    BandsDocument, Closed, ColumnDocument, InvalidValue, Truncate, TypeName,
};
use crate::plan::finding::{Collector, Path};
use crate::plan::nfc::nfc;
use crate::plan::recipe::{Bands, Categories, Clip, ColumnType, DateFormat, Map, Reads, Recipe};
use crate::plan::scalar::{Excess, ListedValues, MOST_SCALE, Number};

/// Checks a column made from one of type `input`, or from a register's own column (`None`).
pub(super) fn check(
    document: &ColumnDocument,
    input: Option<ColumnType>,
    path: &Path,
    findings: &mut Collector,
) -> Option<Recipe> {
    let before = findings.count();
    let output = output(document, path, findings);
    check_steps(document, path, findings);
    names::check(document, path, findings);
    let numeric = document.bands.is_some() || output.scale().is_some();
    let reads = if document.truncate.is_some() {
        Reads::Date(format(document, path, findings))
    } else if numeric {
        number(document, input, output)
    } else if document.map.is_some() {
        Reads::Text
    } else {
        match output {
            ColumnType::Boolean => Reads::Boolean,
            ColumnType::Date => Reads::Date(format(document, path, findings)),
            _ => Reads::Text,
        }
    };
    if let Some(input) = input {
        check_input(input, &reads, document, path, findings);
    }
    // The year of a date is a whole number.
    let scale = match &reads {
        Reads::Number { scale, .. } => *scale,
        _ => 0,
    };
    let clip = document.clip.as_ref().and_then(|clip| {
        let path = path.at("clip");
        let mut bound = |bound: Option<Number>| match bound {
            None => Some(None),
            Some(number) => match number.at_scale(scale) {
                Some(bound) => Some(Some(bound)),
                None => {
                    findings.add(&path, format!("{number} does not fit scale {scale}"));
                    None
                }
            },
        };
        let (at_least, at_most) = (bound(clip.at_least)?, bound(clip.at_most)?);
        if at_least.zip(at_most).is_some_and(|(low, high)| low > high)
            || (at_least.is_none() && at_most.is_none())
        {
            findings.add(&path, "needs `at_least`, `at_most` or both, in that order");
        }
        Some(Clip { at_least, at_most })
    });
    let bands = document
        .bands
        .as_ref()
        .and_then(|bands| check_bands(bands, scale, &path.at("bands"), findings));
    let composed = |name: &String| nfc(name).into_owned();
    let map = document.map.as_ref();
    let map = map.map(|names| Map::new(names, document.otherwise.as_ref()));
    if let (Some(map), Some(names)) = (&map, &document.map)
        && map.names.len() < names.len()
    {
        findings.add(
            &path.at("map"),
            "has a name twice: in Unicode's canonical composition two are the same",
        );
    }
    (findings.count() == before).then(|| Recipe {
        missing: ListedValues::of(&document.missing),
        invalid: document.invalid,
        invalid_at_most: document.invalid_at_most,
        reads,
        clip,
        truncate: document.truncate,
        bands,
        map,
        prefix: document.prefix.map(|prefix| prefix as usize),
        categories: document
            .categories
            .as_ref()
            .map(|listed| Categories::new(listed.names())),
        rare: document.rare.as_ref().map(composed),
        absent: document.absent.as_ref().map(composed),
        output,
    })
}

/// Replaces a recipe that a check refused, so that what refers to the
/// column is not refused for want of it. No plan comes of it.
pub(super) fn stand_in(document: &ColumnDocument) -> Recipe {
    Recipe {
        missing: ListedValues::default(),
        invalid: document.invalid,
        invalid_at_most: document.invalid_at_most,
        reads: Reads::Text,
        clip: None,
        truncate: None,
        bands: None,
        map: None,
        prefix: None,
        categories: None,
        rare: None,
        absent: None,
        output: column_type(document),
    }
}

fn output(document: &ColumnDocument, path: &Path, findings: &mut Collector) -> ColumnType {
    let decimal = document.kind == TypeName::Decimal;
    match document.scale {
        Some(scale) if decimal && scale > MOST_SCALE => {
            findings.add(&path.at("scale"), "a decimal has 0 to 18 decimals");
        }
        Some(_) if !decimal => {
            findings.add(&path.at("scale"), "is for columns of type decimal");
        }
        None if decimal => {
            findings
                .add(
                    path,
                    "a decimal needs its `scale`: how many decimals are kept",
                )
                .help("scale = 2");
        }
        _ => {}
    }
    column_type(document)
}

/// The type that the document names, whatever else is wrong with it.
fn column_type(document: &ColumnDocument) -> ColumnType {
    match document.kind {
        TypeName::Category => ColumnType::Category,
        TypeName::Integer => ColumnType::Integer,
        TypeName::Decimal => ColumnType::Decimal {
            scale: document.scale.unwrap_or(0).min(MOST_SCALE),
        },
        TypeName::Boolean => ColumnType::Boolean,
        TypeName::Date => ColumnType::Date,
    }
}

/// Which steps may be combined, and for which type.
fn check_steps(document: &ColumnDocument, path: &Path, findings: &mut Collector) {
    use TypeName::{Boolean, Category, Date, Decimal, Integer};
    let kind = document.kind;
    let mut only = |key: &str, given: bool, kinds: &[TypeName], words: &str| {
        if given && !kinds.contains(&kind) {
            findings.add(&path.at(key), format!("is for columns of type {words}"));
        }
    };
    only("bands", document.bands.is_some(), &[Category], "category");
    only("prefix", document.prefix.is_some(), &[Category], "category");
    only("absent", document.absent.is_some(), &[Category], "category");
    let map = document.map.is_some();
    only("map", map, &[Category, Boolean], "category or boolean");
    let truncate = document.truncate.is_some();
    only(
        "truncate",
        truncate,
        &[Category, Date, Integer],
        "category, date or integer",
    );
    let clip = document.clip.is_some() && document.bands.is_none();
    only(
        "clip",
        clip,
        &[Integer, Decimal],
        "integer or decimal, or with bands",
    );
    let dates = truncate || kind == Date;
    if document.format.is_some() && !dates {
        findings.add(&path.at("format"), "is for dates");
    }
    if document.truncate == Some(Truncate::Month) && (kind == Integer || document.bands.is_some()) {
        findings
            .add(&path.at("truncate"), "a month is no number")
            .help("type = \"category\" gives 2026-01, type = \"date\" the first of the month");
    }
    if document.clip.is_some() && truncate && document.bands.is_none() && kind != Integer {
        findings.add(
            &path.at("clip"),
            "clips numbers; a truncated date is one only with type integer or bands",
        );
    }
    if map && (document.bands.is_some() || truncate) {
        findings
            .add(&path.at("map"), "cannot be combined with bands or truncate")
            .help("bands take `labels`");
    }
    if document.otherwise.is_some() && !map {
        findings.add(&path.at("otherwise"), "belongs to `map`");
    }
    if kind == Boolean && map {
        let names = document.map.iter().flat_map(|map| map.values());
        if names
            .chain(&document.otherwise)
            .any(|name| !matches!(name.as_str(), "true" | "false"))
        {
            findings.add(&path.at("map"), "a boolean is \"true\" or \"false\"");
        }
    }
    if document.invalid_at_most.is_some() && document.invalid == InvalidValue::Fail {
        findings
            .add(
                &path.at("invalid_at_most"),
                "allows values that cannot be read, and the first one ends the run",
            )
            .help("invalid = \"missing\", or leave `invalid_at_most` out");
    }
    if document.prefix == Some(0) {
        findings.add(&path.at("prefix"), "keeps at least 1 character");
    }
}

fn format(document: &ColumnDocument, path: &Path, findings: &mut Collector) -> DateFormat {
    match document.format.as_deref().map(DateFormat::parse) {
        None => DateFormat::default(),
        Some(Some(format)) => format,
        Some(None) => {
            findings
                .add(&path.at("format"), "is no date format")
                .help("YYYY, MM and DD once each, such as MM/DD/YYYY or YYYYMMDD");
            DateFormat::default()
        }
    }
}

/// The scale that numbers are read at: what the type keeps, or what the bands distinguish.
fn number(document: &ColumnDocument, input: Option<ColumnType>, output: ColumnType) -> Reads {
    let Some(bands) = &document.bands else {
        return Reads::Number {
            scale: output.scale().unwrap_or(0),
            excess: Excess::Refuse,
        };
    };
    let clip = document
        .clip
        .iter()
        .flat_map(|clip| [clip.at_least, clip.at_most]);
    let scale = bands
        .edges
        .iter()
        .copied()
        .chain(clip.flatten())
        .map(Number::scale)
        .chain(input.and_then(ColumnType::scale))
        .max()
        .unwrap_or(0);
    // Rounded towards the edge that the band does not include, a number stays in its band.
    let excess = match bands.closed {
        Closed::Left => Excess::Floor,
        Closed::Right => Excess::Ceil,
    };
    Reads::Number { scale, excess }
}

fn check_bands(
    document: &BandsDocument,
    scale: u8,
    path: &Path,
    findings: &mut Collector,
) -> Option<Bands> {
    if document.edges.is_empty() || !document.edges.is_sorted_by(|a, b| a < b) {
        findings.add(path, "edges are numbers in ascending order, each once");
        return None;
    }
    let edges: Option<Vec<i128>> = document
        .edges
        .iter()
        .map(|edge| edge.at_scale(scale))
        .collect();
    let Some(edges) = edges else {
        findings.add(path, format!("an edge does not fit scale {scale}"));
        return None;
    };
    let open_below = match &document.labels {
        None => true,
        Some(labels) if labels.len() == edges.len() + 1 => true,
        Some(labels) if labels.len() == edges.len() => false,
        Some(labels) => {
            findings.add(
                &path.at("labels"),
                format!(
                    "{} labels for {} edges: one more than edges, or as many if nothing lies below the first",
                    labels.len(),
                    edges.len()
                ),
            );
            return None;
        }
    };
    let labels = document.labels.clone().unwrap_or_else(|| names(document));
    let labels = labels.iter().map(|label| nfc(label).into_owned()).collect();
    Some(Bands {
        edges,
        closed: document.closed,
        labels,
        open_below,
    })
}

/// `under 20`, `20–34`, `35+`: bands as people write them.
fn names(document: &BandsDocument) -> Vec<String> {
    let edges = &document.edges;
    let whole = edges.iter().all(|edge| edge.scale() == 0);
    let one = |edge: Number, step: i128| match edge.at_scale(0) {
        Some(edge) => (edge + step).to_string(),
        None => edge.to_string(),
    };
    let first = edges[0];
    let last = edges[edges.len() - 1];
    let between = edges.windows(2).map(|pair| {
        let (low, high) = (pair[0], pair[1]);
        match (document.closed, whole) {
            (Closed::Left, true) => match (one(low, 0), one(high, -1)) {
                (low, high) if low == high => low,
                (low, high) => format!("{low}–{high}"),
            },
            (Closed::Right, true) => match (one(low, 1), one(high, 0)) {
                (low, high) if low == high => low,
                (low, high) => format!("{low}–{high}"),
            },
            (Closed::Left, false) => format!("{low} to under {high}"),
            (Closed::Right, false) => format!("over {low} to {high}"),
        }
    });
    let (below, above) = match document.closed {
        Closed::Left => (format!("under {first}"), format!("{last}+")),
        Closed::Right => (format!("up to {first}"), format!("over {last}")),
    };
    std::iter::once(below)
        .chain(between)
        .chain(std::iter::once(above))
        .collect()
}

/// Whether a column of type `input` can be read as the recipe wants.
fn check_input(
    input: ColumnType,
    reads: &Reads,
    document: &ColumnDocument,
    path: &Path,
    findings: &mut Collector,
) {
    // A table's labels are known before its rows are; so a category or a map
    // starts from labels, or from bands, which have them.
    let category = document.kind == TypeName::Category && document.bands.is_none();
    let fits = match reads {
        Reads::Text => matches!(input, ColumnType::Category | ColumnType::Boolean),
        Reads::Number { scale, .. } => input.scale().is_some_and(|input| input <= *scale),
        Reads::Boolean => input == ColumnType::Boolean,
        Reads::Date(_) => input == ColumnType::Date && !category,
    };
    if !fits {
        let help = match input {
            ColumnType::Decimal { .. } => "give it `bands`",
            ColumnType::Integer | ColumnType::Date if category => {
                "give it `bands`, or make it a category in its source"
            }
            _ => "see which steps its type allows",
        };
        findings
            .add(
                path,
                format!("cannot be made from a column of type {input}"),
            )
            .help(help);
    }
    for (key, given) in [
        ("missing", !document.missing.is_empty()),
        ("format", document.format.is_some()),
        ("invalid_at_most", document.invalid_at_most.is_some()),
    ] {
        if given {
            findings.add(&path.at(key), "belongs to the source's column");
        }
    }
}
