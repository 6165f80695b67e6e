//! Two cuts of one column beside each other: whoever subtracts them.
//!
//! Everybody knows that whoever is below 18 is below 19. So the variables are numbers of
//! persons by town and year of age, which no table has, and every figure is a sum of them.
//! What is asked are the persons between an edge of one cut and an edge of the other.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray, UInt64Array};
use kobling::{Plan, Release, Result};

use crate::draw::Draw;
use crate::model::Model;
use crate::pipeline::released_of;
use crate::plan::PROJECT;
use crate::simplex::{End, Simplex};
use crate::tally::Tally;
use crate::whole::{Asked, Found, Pool, attack};

const AGES: std::ops::Range<u64> = 15..25;

/// Those that the plan lists, and one of all others; in some worlds nobody lives in some.
const TOWNS: [&str; 4] = ["t0", "t1", "t2", "other"];

/// How the two cuts are asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Form {
    /// Two columns of bands, in two tables of a release.
    Tables,
    /// Two counts with a condition, in one table.
    Conditions,
    /// A column of bands and a condition, in two tables.
    Both,
}

struct World {
    seed: u64,
    form: Form,
    /// Of each cut, the first age of every band but the first.
    edges: [Vec<u64>; 2],
    /// Town, age and amount of each person.
    persons: Vec<(usize, u64, i64)>,
    margins: bool,
    money: bool,
    min_persons: u64,
}

impl World {
    fn drawn(seed: u64) -> Self {
        let mut draw = Draw::new(seed ^ 0xc075);
        let form = draw.pick(&[Form::Tables, Form::Tables, Form::Conditions, Form::Both]);
        let towns = draw.from(1, 3);
        let mut persons = Vec::new();
        for town in 0..towns {
            for age in AGES {
                let many = draw.pick(&[0, 1, 1, 2, 3, 5, 9, 14]);
                persons.extend((0..many).map(|_| (town, age, draw.from(50, 400) as i64)));
            }
        }
        let mut edge = |at_most: usize| {
            let count = draw.from(1, at_most);
            let mut edges: Vec<u64> = (0..count)
                .map(|_| AGES.start + 1 + draw.below(9) as u64)
                .collect();
            edges.sort_unstable();
            edges.dedup();
            edges
        };
        let edges = match form {
            Form::Tables => [edge(3), edge(3)],
            Form::Conditions => [edge(1), edge(1)],
            Form::Both => [edge(3), edge(1)],
        };
        Self {
            seed,
            form,
            edges,
            persons,
            margins: draw.chance(60),
            money: form == Form::Tables && draw.chance(50),
            min_persons: draw.pick(&[3, 4, 5]),
        }
    }

    /// The table with the cut, or with both.
    fn plan(&self, cuts: &[usize]) -> Plan {
        let mut text = format!(
            "{PROJECT}
[source.reg]
agency = 'An agency'
legal_basis = ['A law']
identifier = {{ column = 'nr', type = 'number' }}
rows = 'one'
[source.reg.columns]
town = {{ from = 'town', type = 'category', categories = ['t0', 't1', 't2'] }}
"
        );
        if self.money {
            text += "amount = { from = 'amount', type = 'integer' }\n";
        }
        let is_band = |cut: usize| match self.form {
            Form::Tables => true,
            Form::Conditions => false,
            Form::Both => cut == 0,
        };
        if !cuts.iter().all(|cut| is_band(*cut)) {
            text += "age = { from = 'age', type = 'integer' }\n";
        }
        for cut in cuts.iter().filter(|cut| is_band(**cut)) {
            let labels = (0..=self.edges[*cut].len()).map(|label| format!("b{label}"));
            let _ = writeln!(
                text,
                "band{cut} = {{ from = 'age', type = 'category', bands = {{ edges = {:?}, labels = {:?} }} }}",
                self.edges[*cut],
                labels.collect::<Vec<_>>()
            );
        }
        let measures = |of: &[usize]| {
            let mut all = vec!["{ persons = true }".to_owned()];
            if self.money {
                all.push("{ sum = 'reg.amount' }".to_owned());
            }
            all.extend(of.iter().map(|cut| {
                let below = self.edges[*cut][0] - 1;
                format!("{{ persons = {{ where = [{{ column = 'reg.age', at_most = {below} }}] }}, as = 'below{cut}' }}")
            }));
            all.join(", ")
        };
        let mut table = |name: &str, band: Option<usize>, conditions: &[usize]| {
            let by = band.map_or(String::new(), |cut| format!(", 'reg.band{cut}'"));
            let _ = writeln!(
                text,
                "[table.{name}]\nfrom = 'reg'\nby = ['reg.town'{by}]\nmeasures = [{}]\nmargins = {}\nsensitive = []\nprotect = {{ min_persons = {}, p_percent = 10, method = 'suppress' }}",
                measures(conditions),
                self.margins,
                self.min_persons
            );
        };
        match self.form {
            Form::Conditions => table("t", None, cuts),
            _ => {
                for cut in cuts {
                    match is_band(*cut) {
                        true => table(&format!("t{cut}"), Some(*cut), &[]),
                        false => table(&format!("t{cut}"), None, &[*cut]),
                    }
                }
            }
        }
        Plan::parse(&text).unwrap_or_else(|findings| panic!("{}: {findings}\n{text}", self.seed))
    }

    fn batch(&self) -> RecordBatch {
        let numbers: UInt64Array = (1..=self.persons.len() as u64).map(Some).collect();
        let towns: StringArray = self
            .persons
            .iter()
            .map(|person| Some(format!("t{}", person.0)))
            .collect();
        let ages: Int64Array = self
            .persons
            .iter()
            .map(|person| Some(person.1 as i64))
            .collect();
        let amounts: Int64Array = self.persons.iter().map(|person| Some(person.2)).collect();
        let columns: [(&str, ArrayRef); 4] = [
            ("nr", Arc::new(numbers)),
            ("town", Arc::new(towns)),
            ("age", Arc::new(ages)),
            ("amount", Arc::new(amounts)),
        ];
        RecordBatch::try_from_iter(columns).expect("columns of one length")
    }

    fn released(&self, cuts: &[usize], ledger: Option<&Path>) -> Result<Release> {
        released_of(&self.plan(cuts), vec![("reg", self.batch())], ledger)
    }
}

/// A figure: by towns and ages, and whether it is a sum.
struct Said {
    towns: Vec<usize>,
    ages: std::ops::Range<u64>,
    is_sum: bool,
    value: f64,
}

/// All that a release says.
fn said(world: &World, release: &Release) -> Vec<Said> {
    let mut all = Vec::new();
    for name in ["t", "t0", "t1"] {
        let Some(rows) = release.rows(name) else {
            continue;
        };
        let schema = release.table(name).expect("the table").schema();
        for row in rows {
            let field = |name: &str| {
                let at = schema.index_of(name).ok()?;
                row[at].clone()
            };
            let is_total = |name: &str| field(&format!("{name}_level")).as_deref() == Some("total");
            let towns = match is_total("town") {
                true => (0..TOWNS.len()).collect(),
                false => {
                    let town = field("town").expect("a town");
                    let mut towns = TOWNS.iter();
                    vec![towns.position(|other| *other == town).expect("a town")]
                }
            };
            let mut ages = AGES;
            for cut in 0..2 {
                let column = format!("band{cut}");
                if let Some(band) = field(&column).filter(|_| !is_total(&column)) {
                    let band: usize = band[1..].parse().expect("its number");
                    let edges = &world.edges[cut];
                    let first = band.checked_sub(1).map_or(AGES.start, |at| edges[at]);
                    ages = first..edges.get(band).copied().unwrap_or(AGES.end);
                }
            }
            let mut say = |name: &str, ages: std::ops::Range<u64>, is_sum: bool| {
                if let Some(value) = field(name) {
                    let towns: &Vec<usize> = &towns;
                    all.push(Said {
                        towns: towns.clone(),
                        ages,
                        is_sum,
                        value: value.parse().expect("a number"),
                    });
                }
            };
            say("persons", ages.clone(), false);
            say("sum_amount", ages.clone(), true);
            for cut in 0..2 {
                let below = ages.start..ages.end.min(world.edges[cut][0]);
                say(&format!("below{cut}"), below, false);
            }
        }
    }
    all
}

/// The figures as equations of what persons by town and age there are, or have.
fn model(
    world: &World,
    said: &[Said],
    sums: bool,
) -> (Model, impl Fn(usize, u64) -> usize + use<>) {
    let at = move |town: usize, age: u64| town * 10 + (age - AGES.start) as usize;
    let mut model = Model::default();
    for town in 0..TOWNS.len() {
        for age in AGES {
            let persons = world.persons.iter();
            let own = persons.filter(|person| (person.0, person.1) == (town, age));
            let truth: i64 = own.map(|person| if sums { person.2 } else { 1 }).sum();
            model.variable(0.0, f64::INFINITY, !sums, truth as f64);
        }
    }
    for said in said.iter().filter(|said| said.is_sum == sums) {
        let towns = said.towns.iter();
        let terms = towns.flat_map(|town| said.ages.clone().map(move |age| (at(*town, age), 1.0)));
        model.row(terms.collect(), said.value, said.value);
    }
    (model, at)
}

/// What lies between neighbouring edges of the two cuts, in a town or in all. What lies
/// between others is several such cells, as a total is, and a total of unsafe ones may be
/// known.
fn between(world: &World) -> Vec<(Vec<usize>, std::ops::Range<u64>)> {
    let mut all = Vec::new();
    let each = (0..TOWNS.len()).map(|town| vec![town]);
    for towns in each.chain([(0..TOWNS.len()).collect()]) {
        for one in &world.edges[0] {
            for other in &world.edges[1] {
                let ages = *one.min(other)..*one.max(other);
                let mut edges = world.edges.iter().flatten();
                if !edges.any(|edge| *edge > ages.start && *edge < ages.end) {
                    all.push((towns.clone(), ages));
                }
            }
        }
    }
    all
}

fn attacked(world: &World, said: &[Said], tally: &mut Tally) {
    let (mut counts, at) = model(world, said, false);
    let terms = |towns: &[usize], ages: &std::ops::Range<u64>| -> Vec<(usize, f64)> {
        let towns = towns.iter();
        let cells = towns.flat_map(|town| ages.clone().map(|age| (at(*town, age), 1.0)));
        cells.collect()
    };
    let is_few = |value: &u64| (1..world.min_persons).contains(value);
    let mut asked = Vec::new();
    let mut few = Vec::new();
    for (towns, ages) in between(world) {
        let terms = terms(&towns, &ages);
        let truth = Model::value(&terms, &counts.truth) as u64;
        if is_few(&truth) {
            let windows = (truth.saturating_sub(2)..=truth).map(|first| 0b111 << first);
            few.push((towns, ages));
            asked.push(Asked {
                terms,
                truth,
                enough: windows.collect(),
            });
        }
    }
    if !counts.tighten() || !counts.holds(&counts.truth) {
        return tally.lost(world.seed, "contradiction", "counts".to_owned());
    }
    let mut pool = Pool::new(&asked);
    pool.add(&asked, &counts.truth);
    let found = attack(&counts, &asked, &mut pool, || Simplex::new(&counts));
    tally.counts += asked.len();
    for ((towns, ages), found) in few.iter().zip(found) {
        let text = format!("{:?}: {towns:?} {ages:?}: {found:?}", world.form);
        match found {
            Found::Kept => {}
            Found::Fewer(..) => tally.lost(world.seed, "between", text),
            Found::Undecided => tally.lost(world.seed, "undecided", text),
        }
    }
    if !said.iter().any(|said| said.is_sum) {
        return;
    }
    let (sums, _) = model(world, said, true);
    let mut simplex = Simplex::new(&sums).expect("the truth is a solution");
    for (towns, ages) in &few {
        let terms = terms(towns, ages);
        let truth = Model::value(&terms, &sums.truth);
        tally.sums += 1;
        if let End::At(most) = simplex.most(&terms, &mut |_| false)
            && most < truth + 1.0
        {
            let text = format!("{towns:?} {ages:?}: {truth}, at most {most}");
            tally.lost(world.seed, "sum between", text);
        }
    }
}

fn one(seed: u64, tally: &mut Tally) {
    let world = World::drawn(seed);
    tally.worlds += 1;
    match world.released(&[0, 1], None) {
        Err(error) => tally.refuse(seed, error.rule()),
        Ok(release) => {
            tally.released += 1;
            attacked(&world, &said(&world, &release), tally);
        }
    }
}

/// One cut in a release, the other in the next.
fn two(seed: u64, tally: &mut Tally) {
    let world = World::drawn(seed);
    let folder = tempfile::tempdir().expect("a folder");
    tally.worlds += 1;
    let mut all = Vec::new();
    for cut in 0..2 {
        match world.released(&[cut], Some(folder.path())) {
            Err(error) => return tally.refuse(seed, error.rule()),
            Ok(release) => all.extend(said(&world, &release)),
        }
    }
    tally.released += 1;
    tally.pairs += 1;
    attacked(&world, &all, tally);
}

fn seeds() -> std::ops::Range<u64> {
    let first = crate::first();
    match crate::single() {
        Some(seed) => seed..seed + 1,
        None => first..first + crate::asked().map_or(60, |attacks| attacks / 4),
    }
}

#[test]
fn what_lies_between_two_cuts_is_not_disclosed() {
    let tally = crate::each(seeds(), one);
    tally.print("two cuts of one column");
    assert!(tally.released > 0, "nothing was released");
    assert!(
        tally.losses.is_empty(),
        "{} worlds lost",
        tally.lost_worlds()
    );
}

#[test]
fn what_lies_between_cuts_of_two_releases_is_seldom_disclosed() {
    let tally = crate::each(seeds(), two);
    tally.print("two cuts of one column, one after the other");
    assert!(tally.released > 0, "nothing was released");
    // Cells and sums of neighbouring ones are held against each other, and not what follows
    // of several cells of both releases: a limit that every such release has in its manifest.
    assert!(
        tally.lost_worlds() * 25 < tally.released,
        "{} worlds lost of {}",
        tally.lost_worlds(),
        tally.released
    );
}
