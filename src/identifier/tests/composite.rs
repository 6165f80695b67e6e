//! Composite identifiers: their canonical forms, and the message of their pseudonyms.

use std::sync::Arc;

use arrow_array::{ArrayRef, StringArray};

use crate::identifier::Forms;
use crate::plan::identifier::PartTypes;
use crate::rows::cell::ColumnCells;
use arrow_array::Date32Array;

use super::*;
use crate::identifier::composite::{IdentifierColumns, RefusedPart};
use crate::plan::document::InvalidIdentifier;
use crate::plan::identifier::{Identifier, IdentifierPart};

fn composite(types: &[IdentifierType]) -> Identifier {
    let part = |(index, kind): (usize, &IdentifierType)| IdentifierPart {
        column: index.to_string(),
        rule: rule(*kind),
        format: None,
        missing: Default::default(),
    };
    Identifier {
        parts: types.iter().enumerate().map(part).collect(),
        invalid: InvalidIdentifier::Quarantine,
    }
}

/// The form of the one row of `columns`, or the part that is refused, by its place, and why.
fn form(
    types: &[IdentifierType],
    columns: &[ArrayRef],
) -> Result<Vec<u8>, (String, IdentifierFault)> {
    let identifier = composite(types);
    let cells = |name: &str| {
        let place: usize = name.parse().expect("a place");
        Ok(ColumnCells::of(&columns[place]).expect("a type that registers are read from"))
    };
    let mut read = IdentifierColumns::of(&identifier, cells).expect("all columns are there");
    let mut out = Vec::new();
    match read.form(0, &mut out) {
        Ok(_) => {
            assert!(out.len() <= read.most_bytes());
            let mut forms = Forms::new(&identifier.types(), 1);
            forms.push(&out);
            assert_eq!(forms.get(0), out);
            Ok(out)
        }
        Err(RefusedPart { part, reason }) => Err((part.column.clone(), reason)),
    }
}

fn texts(texts: &[Option<&str>]) -> Vec<ArrayRef> {
    let array = |text: &Option<&str>| Arc::new(StringArray::from(vec![*text])) as ArrayRef;
    texts.iter().map(array).collect()
}

#[test]
fn a_composite_has_the_documented_message() {
    use IdentifierType::{Date, Text};
    let columns = texts(&[Some(" OLA "), Some("1980-01-31")]);
    let form = form(&[Text, Date], &columns).expect("a form");
    assert_eq!(form, b"\0\0\0\x03ola\0\0\0\x0a1980-01-31");
    let mut out = Vec::new();
    PartTypes::of(&[Text, Date]).encode(&form, &mut out);
    assert_eq!(
        out,
        b"\x14composite(text,date)\0\0\0\x15\0\0\0\x03ola\0\0\0\x0a1980-01-31"
    );
}

#[test]
fn the_longest_name_fits_its_length() {
    let longest = every_type()
        .into_iter()
        .max_by_key(|kind| kind.to_string().len());
    let types = PartTypes::of(&[longest.expect("a type"); 8]);
    let name = types.to_string();
    let mut out = Vec::new();
    types.encode(b"", &mut out);
    assert_eq!(usize::from(out[0]), name.len());
    assert!(
        every_type()
            .iter()
            .all(|kind| !kind.to_string().contains(','))
    );
}

#[test]
fn forms_of_parts_of_one_length_are_kept_by_their_length() {
    use IdentifierType::{Date, NoFnr};
    let birth: ArrayRef = Arc::new(Date32Array::from(vec![3682]));
    let number = texts(&[Some(FNR)]).remove(0);
    let form = form(&[NoFnr, Date], &[number, birth]).expect("a form");
    let expected = [
        b"\0\0\0\x0b",
        FNR.as_bytes(),
        b"\0\0\0\x0a1980-01-31".as_slice(),
    ];
    assert_eq!(form, expected.concat());
}

#[test]
fn every_part_is_required() {
    use IdentifierType::{Date, Number, Text};
    let (name, day, seven) = (Some("a"), Some("1980-01-31"), Some("7"));
    for (given, part, reason) in [
        ([None, day, seven], "0", IdentifierFault::Missing),
        ([Some(" "), day, seven], "0", IdentifierFault::Missing),
        ([name, None, seven], "1", IdentifierFault::Missing),
        ([name, day, Some("")], "2", IdentifierFault::Missing),
        (
            [name, Some("1980-02-30"), None],
            "1",
            IdentifierFault::NotADate,
        ),
    ] {
        let refused = form(&[Text, Date, Number], &texts(&given));
        assert_eq!(refused, Err((part.to_owned(), reason)));
    }
}

/// The parts of a composite's canonical form.
fn decode_parts(mut form: &[u8]) -> Option<Vec<String>> {
    let mut parts = Vec::new();
    while !form.is_empty() {
        let (length, rest) = form.split_first_chunk()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (part, rest) = rest.split_at_checked(length)?;
        parts.push(String::from_utf8(part.to_vec()).ok()?);
        form = rest;
    }
    Some(parts)
}

proptest! {
    #[test]
    fn a_composite_holds_the_form_of_each_part(
        given in prop::collection::vec(typed_text(), 2..=8),
    ) {
        let (types, given): (Vec<IdentifierType>, Vec<String>) = given.into_iter().unzip();
        let each = types.iter().zip(&given).map(|(kind, given)| text(*kind, given));
        let each: Result<Vec<String>, IdentifierFault> = each.collect();
        let columns = texts(&given.iter().map(|text| Some(text.as_str())).collect::<Vec<_>>());
        match (form(&types, &columns), each) {
            (Ok(form), Ok(each)) => prop_assert_eq!(decode_parts(&form), Some(each)),
            (Err((_, reason)), Err(invalid)) => prop_assert_eq!(reason, invalid),
            _ => prop_assert!(false, "refused one way, and not the other"),
        }
    }
}
