//! Perturbation files: two ways to say the same, and every way to be refused.

use kobling::protect::Protection;
use kobling::protect::perturbation::Perturbation;
use kobling::sdc::perturbation::{Design, PerturbationTable, RowKind};
use kobling::{ErrorKind, ReleaseKey, Result};
use std::sync::Arc;

use super::registers::{extracted, plan_of, protected, register};
use crate::support::{file, key, refusal};

const COUNTS: &str = "[counts]\nreach = 3\nvariance = 1.0\n";
const FLEX: &str = "flex = { point = 500, small = 0.5, large = 0.1, power = 3 }\n";

/// Reads a file of these settings, beside `tables` of a name and a text each.
fn read(text: &str, tables: &[(&str, &str)]) -> Result<Perturbation> {
    let folder = tempfile::tempdir().unwrap();
    for (name, table) in tables {
        file(folder.path(), name, table);
    }
    Perturbation::read(file(folder.path(), "perturbation.toml", text))
}

fn csv(design: &Design, kind: RowKind) -> String {
    let table = PerturbationTable::generate(design).unwrap();
    let mut text = Vec::new();
    table.write(&mut text, kind).unwrap();
    String::from_utf8(text).unwrap()
}

const GOOD: &str =
    "i,j,p,v,p_int_lb,p_int_ub,type\n0,0,1,0,0,1,all\n1,0,0.5,-1,0,0.5,all\n1,2,0.5,1,0.5,1,all\n";

#[test]
fn whoever_says_the_same_perturbs_by_the_same() {
    let release_key = Arc::new(ReleaseKey::generate().unwrap());
    let check = |perturbation: Result<Perturbation>| perturbation.unwrap().check(&release_key);
    let small = "i,j,p,v,p_int_lb,p_int_ub,type\n0,0,1,0,0,1,small_cells\n1,0.5,0.5,-0.5,0,0.5,small_cells\n1,1.5,0.5,0.5,0.5,1,small_cells\n";
    let even_odd = {
        let table = |kind| csv(&Design::sums(3, 1.0, 2, &[1, 3]), kind);
        let odd = table(RowKind::Odd);
        let (_, odd) = odd.split_once('\n').unwrap();
        table(RowKind::Even) + odd
    };
    let tables = [
        ("counts.csv", GOOD),
        ("small.csv", small),
        ("both.csv", &even_odd),
    ];
    let with = |rest: &str| read(&format!("{COUNTS}{rest}"), &tables);
    let sums = format!("[sums]\nreach = 3\nvariance = 1.0\n{FLEX}");
    let parity = format!("[sums]\ntable = 'both.csv'\nparity = true\n{FLEX}");
    let cells = "small_cells = { up_to = 3, magnitude = 1, table = 'small.csv' }\n";
    let checks = [
        check(read("counts.table = 'counts.csv'", &tables)),
        check(with("")),
        check(with("stay = 0.6")),
        check(with("unseen = 1")),
        check(with(&sums)),
        check(with(&sums.replace("500", "501"))),
        check(with(&format!("{sums}stay = 0.7\n"))),
        check(with(&format!("{sums}{cells}"))),
        check(with(&format!(
            "{sums}{}",
            cells.replace("up_to = 3", "up_to = 4")
        ))),
        check(with(&parity)),
        check(with(&format!(
            "{sums}small_cells = {{ up_to = 3, magnitude = 1, reach = 2, variance = 0.5 }}"
        ))),
    ];
    for (at, one) in checks.iter().enumerate() {
        assert!(checks[..at].iter().all(|other| other != one), "{at}");
    }
    // What holds where nothing is said; and another order.
    let said = "[counts]\nvariance = 1\nstay = 0\nunseen = 0\nreach = 3\n";
    let said =
        format!("{said}[sums]\noriginals = [1, 2, 3]\nsteps = 4\nreach = 3\nvariance = 1\n{FLEX}");
    assert_eq!(check(read(&said, &[])), checks[4]);
    let other_key = ReleaseKey::generate().unwrap();
    assert_ne!(with("").unwrap().check(&other_key), checks[1]);
    assert_eq!(format!("{:?}", with("").unwrap()), "Perturbation(..)");
}

/// The file in the documentation, whose CSV is made as it says.
#[test]
fn the_example_is_read() {
    let text = include_str!("../../../src/protect/perturbation.rs");
    let lines = text.lines().map_while(|line| line.strip_prefix("//!"));
    let lines = lines.map(|line| line.strip_prefix(' ').unwrap_or(line));
    let example: Vec<&str> = lines
        .skip_while(|line| !line.starts_with("```toml"))
        .skip(1)
        .take_while(|line| !line.starts_with("```"))
        .collect();
    let sums = csv(&Design::sums(5, 2.0, 4, &[1, 3, 5]), RowKind::All);
    let perturbation = read(&example.join("\n"), &[("sums.csv", &sums)]).unwrap();
    assert!(perturbation.perturbs_sums());
}

#[rustfmt::skip]
#[test]
fn what_is_no_perturbation_file_is_refused() {
    let unsound = GOOD.replace("1,2,0.5,1,0.5,1,all", "1,2,0.4,1,0.5,0.9,all");
    let biased = GOOD.replace("1,0,0.5,-1,0,0.5,all\n1,2,0.5,1,0.5,1,all", "1,1,0.5,0,0,0.5,all\n1,2,0.5,1,0.5,1,all");
    let (semicolons, words) = (GOOD.replace(',', ";"), GOOD.replace("\n1,0,", "\nnine thousand,0,"));
    let tables = [("unsound.csv", unsound.as_str()), ("biased.csv", &biased), ("good.csv", GOOD), ("text.csv", "no table"), ("semicolons.csv", &semicolons), ("words.csv", &words)];
    let sums = |rest: &str| format!("{COUNTS}[sums]\n{rest}");
    let flex = |flex: &str| sums(&format!("reach = 3\nvariance = 1\nflex = {{ {flex} }}"));
    let cases = [
        // The form, with its place.
        ("counts = 1".to_owned(), "line 1, column 10: counts: is not what is expected here"),
        ("".to_owned(), "`counts` is missing"),
        ("[counts]\nreach = 3\nvarianse = 1.0".to_owned(), "line 3, column 1: counts.varianse: unknown field `varianse`\n  help: did you mean `variance`?"),
        ("[counts]\nreach = 'nine thousand'\nvariance = 1.0".to_owned(), "line 2, column 9: counts.reach: is not what is expected here"),
        ("[counts]\nreach = -77\nvariance = 1.0".to_owned(), "line 2, column 9"),
        ("[counts\nreach = 9876".to_owned(), "line 1, column"),
        (sums("reach = 3\nvariance = 1.0"), "`flex` is missing"),
        (format!("{COUNTS}[sum]\n{FLEX}"), "unknown field `sum`\n  help: did you mean `sums`?"),
        // The content, by its section.
        ("[counts]".to_owned(), "[counts]: has either `table`, or `reach` and `variance`"),
        ("[counts]\nreach = 3".to_owned(), "[counts]: has either"),
        ("[counts]\ntable = 'good.csv'\nstay = 0.1".to_owned(), "[counts]: has either"),
        ("[counts]\ntable = 'nothing.csv'".to_owned(), "[counts]: cannot open its `table`"),
        ("[counts]\ntable = 'unsound.csv'".to_owned(), "[counts]: `unsound.csv`: perturbation table, original value 1: the probabilities do not sum to one"),
        ("[counts]\ntable = 'biased.csv'".to_owned(), "the mean of the noise is not zero"),
        ("[counts]\ntable = 'text.csv'".to_owned(), "[counts]: `text.csv`: perturbation table: there is no column `i`"),
        ("[counts]\ntable = 'semicolons.csv'".to_owned(), "[counts]: `semicolons.csv`: perturbation table: its fields are separated by semicolons"),
        ("[counts]\ntable = 'words.csv'".to_owned(), "[counts]: `words.csv`, row 2: perturbation table: an original value is not a whole number"),
        ("[counts]\ntable = '/dev/null'".to_owned(), "[counts]: its `table` is no regular file"),
        ("[counts]\ntable = '.'".to_owned(), "[counts]: its `table` is no regular file"),
        ("[counts]\nreach = 3\nvariance = 0".to_owned(), "[counts]: perturbation table: the variance is greater than zero"),
        ("[counts]\nreach = 3\nvariance = 1.0\nunseen = 5".to_owned(), "[counts]: perturbation table, original value"),
        ("[counts]\nreach = 3\nvariance = 1.0\nstay = 1.0".to_owned(), "the probability to stay"),
        ("[counts]\nreach = 4000000000\nvariance = 1.0".to_owned(), "the largest deviation is from 1 to 10,000"),
        (sums(FLEX), "[sums]: has either"),
        (sums(&format!("reach = 4000000000\nvariance = 1.0\n{FLEX}")), "the largest deviation is from 1 to 10,000"),
        (sums(&format!("reach = 3\nvariance = 1.0\nparity = true\n{FLEX}")), "[sums]: `parity` is for a `table`"),
        (sums(&format!("table = 'good.csv'\nparity = true\n{FLEX}")), "[sums]: `good.csv`: perturbation table: there are no rows of type `even`"),
        (flex("point = 0, small = 0.5, large = 0.1, power = 3"), "[sums]: cell keys: the flex point is greater than zero"),
        (flex("point = 1, small = 0.1, large = 0.5, power = 3"), "shares are 0 < large ≤ small ≤ 1"),
        (flex("point = 1, small = 0.5, large = 0.1, power = 1"), "power is from 2 to 16"),
        (sums(&format!("reach = 3\nvariance = 1\n{FLEX}small_cells = {{ up_to = 1, magnitude = 1 }}")), "[sums.small_cells]: has either"),
        (sums(&format!("reach = 3\nvariance = 1\n{FLEX}small_cells = {{ up_to = 1, magnitude = 0, reach = 2, variance = 1 }}")), "[sums]: cell keys: the magnitude of small cells"),
    ];
    for (text, words) in cases {
        let error = refusal(read(&text, &tables));
        let said = error.to_string();
        assert!(said.contains(words), "{text}\n{said}");
        assert!(said.contains("perturbation.toml: "), "{said}");
        assert!(["nine thousand", "-77", "9876", "4000000000"].iter().all(|value| !said.contains(value)), "{said}");
    }
    let device = refusal(Perturbation::read("/dev/null"));
    assert!(device.to_string().contains("is no regular file"), "{device}");
    let missing = refusal(Perturbation::read("no/such/file.toml"));
    assert_eq!(missing.kind(), ErrorKind::File);
    let folder = tempfile::tempdir().unwrap();
    for (content, words) in [(vec![0xff, 0xfe], "is UTF-8 text"), (vec![b' '; (1 << 20) + 1], "is larger than 1 MiB")] {
        let error = refusal(Perturbation::read(file(folder.path(), "p.toml", content)));
        assert!(error.to_string().contains(words), "{error}");
    }
}

#[test]
fn what_the_plan_needs_is_asked_after_before_any_row_is_read() {
    let table = |measures: &str| {
        plan_of(
            "one",
            &format!(
                "[table.t]\nfrom = 'pay'\nby = ['pay.town']\nsensitive = []\nmeasures = [{measures}]\nprotect = {{ min_persons = 3, p_percent = 10, method = 'cell-key' }}"
            ),
        )
    };
    let release_key = Arc::new(ReleaseKey::generate().unwrap());
    let plan = table("{ persons = true }, { mean = 'pay.income', as = 'pay' }");
    let none = Protection::new(release_key.clone());
    let refused = refusal(none.check_plan(&plan));
    assert_eq!(refused.kind(), ErrorKind::Protection);
    let said = refused.to_string();
    assert!(
        said.starts_with("table t: the cell-key method needs a perturbation file"),
        "{said}"
    );
    assert!(said.contains("--perturbation"), "{said}");
    let counts = Protection::new(release_key.clone()).perturbation(read(COUNTS, &[]).unwrap());
    let said = refusal(counts.check_plan(&plan)).to_string();
    assert!(
        said.starts_with("table t, column pay: the perturbation file says nothing of sums"),
        "{said}"
    );
    assert!(counts.check_plan(&table("{ persons = true }")).is_ok());
    // Whoever does not ask is refused all the same.
    let extract = || extracted(&plan, &key(&plan), &register(1, 20, false));
    for protection in [none, counts] {
        assert_eq!(
            refusal(protected(&plan, extract(), protection)).kind(),
            ErrorKind::Protection
        );
    }
}
