//! Tables with so many unsafe sums that their pattern carries its proofs: held against the
//! auditor, who has the release alone.

use std::collections::BTreeMap;

use kobling_sdc::audit::{Audit, AuditBudget, Primes, Requirement, Seen, Sign};
use kobling_sdc::structure::Structure;

use crate::support::desk::Desk;
use crate::support::parse;
use crate::support::towns::{Draw, plan_with};

const COLUMNS: &str = "town = { from = 'town', type = 'category' }
    band = { from = 'band', type = 'category' }
    amount = { from = 'amount', type = 'integer' }";

const TABLE: &str = "[table.t]
    from = 'pay'
    by = ['pay.town', 'pay.band']
    margins = true
    sensitive = []
    measures = [{ persons = true }, { sum = 'pay.amount', as = 'sum' }]
    protect = { min_persons = 5, p_percent = 10, method = 'suppress' }";

/// Amounts by town and band.
type Amounts = BTreeMap<[String; 2], Vec<i128>>;

fn amounts(draw: &mut Draw) -> (Amounts, String) {
    let mut amounts = Amounts::new();
    let mut csv = "nr,town,band,amount\n".to_owned();
    for nr in 0..2_400 {
        let (town, band) = (draw.below(60), draw.below(12) * draw.below(12) / 11);
        let place = [format!("t{town}"), format!("b{band}")];
        let amount = draw.below(400) * draw.below(400) + 1;
        csv += &format!("{nr},{},{},{amount}\n", place[0], place[1]);
        amounts.entry(place).or_default().push(amount.into());
    }
    (amounts, csv)
}

/// How far up an unsafe sum must reach; none if it is safe (the handbook's p % rule, and
/// p % of the largest where there are few).
fn level(mut amounts: Vec<i128>) -> Option<i128> {
    amounts.sort_unstable_by(|a, b| b.cmp(a));
    let part = (amounts.first()? + 9) / 10;
    let rest: i128 = amounts.iter().skip(2).sum();
    let level = if amounts.len() < 5 { part } else { part - rest };
    (level > 0).then_some(level)
}

#[test]
fn many_unsafe_sums_keep_their_distance() {
    let (amounts, csv) = amounts(&mut Draw(5));
    let plan = parse(&plan_with("one", COLUMNS, TABLE));
    let desk = Desk::new();
    let tables = desk.tables(&plan, &csv, desk.protection());
    let release = tables.unwrap().protect().unwrap().release().unwrap();
    let schema = release.table("t").unwrap().schema();
    let sum = schema.index_of("sum").unwrap();
    let inner: Vec<(&[String; 2], &Vec<i128>)> = amounts.iter().collect();
    let (mut cells, mut values, mut required) = (Vec::new(), Vec::new(), Vec::new());
    for row in release.rows("t").unwrap() {
        let text = |at: usize| row[at].clone().unwrap_or_default();
        let is_in = |place: &[String; 2]| {
            let mut each = place.iter().zip([0, 2]);
            each.all(|(own, at)| text(at + 1) == "total" || *own == text(at))
        };
        let members = (0..).zip(&inner).filter(|(_, (place, _))| is_in(place));
        let members: Vec<u32> = members.map(|(at, _)| at).collect();
        let of_cell = members.iter().flat_map(|at| inner[*at as usize].1);
        let of_cell: Vec<i128> = of_cell.copied().collect();
        let value: i128 = of_cell.iter().sum();
        if let Some(above) = level(of_cell) {
            assert_eq!(row[sum], None, "an unsafe sum is published");
            required.push(Requirement {
                cell: cells.len(),
                value,
                below: 0,
                above,
                width: above,
            });
        }
        let seen = row[sum].as_ref().map(|sum| sum.parse::<i128>().unwrap());
        assert!(seen.is_none_or(|seen| seen == value));
        cells.push(members);
        values.push(seen);
    }
    assert!(required.len() > 250, "{} unsafe sums", required.len());
    assert!(values.iter().filter(|value| value.is_some()).count() > 30);
    let structure = Structure::new(inner.len(), cells);
    let seen = Seen {
        structure: &structure,
        values: &values,
        sign: Sign::NonNegative,
    };
    let audit = Audit::new(seen, AuditBudget::default()).unwrap();
    let singletons = (0..).zip(&inner).filter(|(_, (_, own))| own.len() == 1);
    let singletons: Vec<Vec<u32>> = singletons.map(|(at, _)| vec![at]).collect();
    let disclosed = audit
        .disclosed(&singletons, Primes::drawn([2; 16]))
        .unwrap();
    let is_unsafe = |cell: &usize| required.iter().any(|required| required.cell == *cell);
    assert!(!disclosed.to_all.iter().any(is_unsafe));
    assert!(
        !disclosed
            .to_insiders
            .iter()
            .any(|(_, cell)| is_unsafe(cell))
    );
    assert!(audit.required(&required).unwrap().missed.is_empty());
}
