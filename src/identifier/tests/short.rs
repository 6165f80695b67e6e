//! The short ways to a canonical form, each compared with the long way that it must agree with.

use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, DictionaryArray, Int64Array, LargeStringArray, StringArray, StringViewArray,
};
use proptest::prelude::*;

use super::super::{Forms, Raw, short};
use super::near::{FNR, every_type, near, near_fnr, rule};
use crate::plan::IdentifierType;
use crate::plan::identifier::PartTypes;
use crate::rows::cell::{Cell, ColumnCells};

fn written(kind: IdentifierType) -> BoxedStrategy<Option<String>> {
    let fnr = near_fnr().prop_map(|number| String::from_utf8_lossy(&number).into_owned());
    let texts = prop_oneof![
        4 => fnr,
        2 => near(kind),
        2 => "[0-9]{1,12}",
        1 => "[1-9][0-9]{12,19}",
        1 => "[0-9]{63,66}",
        1 => " ?[0-9]{4,11} ?",
    ];
    prop::option::weighted(0.95, texts).boxed()
}

/// The rows of `cells` that hold and have a canonical form, by the long way only.
fn the_long_way(kind: IdentifierType, cells: &ColumnCells, rows: usize) -> Vec<Option<Vec<u8>>> {
    let form = |row| {
        let raw = match cells.get(row) {
            Cell::Text(text) => Raw::Text(text),
            Cell::Integer(integer) => Raw::Integer(integer),
            _ => Raw::Missing,
        };
        let mut form = Vec::new();
        rule(kind).canonical(raw, &mut form).ok().map(|_| form)
    };
    (0..rows).map(form).collect()
}

/// Runs of the short way from row to row give the long way's forms; returns how many rows it took.
fn runs_agree(kind: IdentifierType, array: ArrayRef, holds: &[bool]) -> usize {
    let cells = ColumnCells::of(&array).expect("a type that registers are read from");
    let long = the_long_way(kind, &cells, holds.len());
    let mut taken = 0;
    for from in 0..holds.len() {
        let mut forms = Forms::new(&PartTypes::of(&[kind]), 0);
        let run = short::run(&cells, holds, from, rule(kind), &mut forms);
        assert_eq!(forms.len(), run);
        for (index, row) in (from..from + run).enumerate() {
            assert!(holds[row]);
            assert_eq!(Some(forms.get(index)), long[row].as_deref());
        }
        taken += usize::from(run > 0);
    }
    taken
}

proptest! {
    #[test]
    fn the_short_way_gives_the_long_ways_forms(
        (kind, texts) in prop::sample::select(every_type()).prop_flat_map(|kind| {
            (Just(kind), prop::collection::vec((written(kind), prop::bool::weighted(0.9)), 1..20))
        }),
    ) {
        let (texts, holds): (Vec<Option<String>>, Vec<bool>) = texts.into_iter().unzip();
        let strings: StringArray = texts.iter().map(Option::as_deref).collect();
        let large: LargeStringArray = texts.iter().map(Option::as_deref).collect();
        let views: StringViewArray = texts.iter().map(Option::as_deref).collect();
        let coded: DictionaryArray<Int32Type> = texts.iter().map(Option::as_deref).collect();
        let numbers = texts.iter().map(|text| text.as_ref()?.trim().parse().ok());
        let numbers: Int64Array = numbers.collect();
        let taken = runs_agree(kind, Arc::new(strings.clone()), &holds);
        for same in [Arc::new(large) as ArrayRef, Arc::new(views), Arc::new(coded)] {
            prop_assert_eq!(runs_agree(kind, same, &holds), taken);
        }
        runs_agree(kind, Arc::new(numbers), &holds);
        // A slice begins in the middle of its buffers.
        let last = holds.len() - 1;
        runs_agree(kind, Arc::new(strings.slice(last, 1)), &holds[last..]);
    }
}

#[test]
fn what_registers_write_takes_the_short_way() {
    let holds = [true; 3];
    for (kind, texts) in [
        (IdentifierType::NoFnr, [FNR, FNR, FNR]),
        (IdentifierType::Number, ["1", "12", "9966"]),
        (IdentifierType::Digits(4), ["0001", "9999", "0301"]),
    ] {
        let numbers: [i64; 3] = texts.map(|text| text.parse().expect("digits"));
        assert_eq!(
            runs_agree(kind, Arc::new(StringArray::from(texts.to_vec())), &holds),
            3
        );
        assert_eq!(
            runs_agree(kind, Arc::new(Int64Array::from(numbers.to_vec())), &holds),
            3
        );
    }
}
