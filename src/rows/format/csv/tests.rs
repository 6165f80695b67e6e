//! The splitter gives what a naive one gives, and what the `csv` crate gives where that is sound.

use proptest::prelude::*;

use super::records::{RecordFault, Records, Stop};

type Record = Vec<Vec<u8>>;

/// All records of `text`, and the fault at which they end.
type Split = (Vec<Record>, Option<(RecordFault, u64)>);

/// By the splitter; the first `begun` bytes are there at once, the rest comes after.
fn split(text: &[u8], begun: usize, delimiter: u8, line_end: u8, width: Option<usize>) -> Split {
    let (begun, rest) = text.split_at(begun);
    let mut records = Records::new(begun.to_vec(), rest, delimiter, line_end, 1);
    let mut all = Vec::new();
    loop {
        match records.advance(width) {
            Ok(true) => {
                let fields = (0..records.len()).map(|at| records.field(at).to_vec());
                all.push(fields.collect());
            }
            Ok(false) => return (all, None),
            Err(Stop::Fault(fault, line)) => return (all, Some((fault, line))),
            Err(Stop::Io(error)) => panic!("a slice is read: {error}"),
        }
    }
}

/// Character by character, from a text that is there as a whole.
struct Naive<'a> {
    rest: &'a [u8],
    line: u64,
    delimiter: u8,
    line_end: u8,
}

impl Naive<'_> {
    fn line_break(&self) -> usize {
        match self.rest {
            [first, ..] if *first == self.line_end => 1,
            [b'\r', b'\n', ..] if self.line_end == b'\n' => 2,
            _ => 0,
        }
    }

    fn ends_field(&self) -> bool {
        self.rest.is_empty() || self.line_break() > 0 || self.rest[0] == self.delimiter
    }

    fn quoted(&mut self, opening: usize) -> Result<Vec<u8>, (RecordFault, u64)> {
        let opened = self.line;
        self.rest = &self.rest[opening..];
        let mut field = Vec::new();
        loop {
            match *self.rest {
                [] => return Err((RecordFault::Open, opened)),
                [0, ..] => return Err((RecordFault::Nul, self.line)),
                [b'"', b'"', ..] => {
                    field.push(b'"');
                    self.rest = &self.rest[2..];
                }
                [b'"', ..] => break,
                [byte, ..] => {
                    self.line += u64::from(byte == self.line_end);
                    field.push(byte);
                    self.rest = &self.rest[1..];
                }
            }
        }
        self.rest = &self.rest[1..];
        if !self.ends_field() {
            return Err(match self.line - opened {
                0 => (RecordFault::TextAfterQuote, opened),
                lines => (RecordFault::ClosedElsewhere(lines), opened),
            });
        }
        let odd = |byte: &u8| [b'"', b'\r', self.delimiter, self.line_end].contains(byte);
        if opening == 2 && field.iter().any(odd) {
            return Err((RecordFault::QuoteInside, opened));
        }
        let bare = field.len() >= 3 && field.starts_with(b"=\"") && field.ends_with(b"\"");
        if opening == 1 && bare && field.iter().filter(|byte| **byte == b'"').count() == 2 {
            field = field[2..field.len() - 1].to_vec();
        }
        Ok(field)
    }

    fn plain(&mut self) -> Result<Vec<u8>, (RecordFault, u64)> {
        let mut field = Vec::new();
        while !self.ends_field() {
            let fault = match self.rest[0] {
                b'"' => RecordFault::QuoteInside,
                b'\r' => RecordFault::LoneReturn,
                b'\n' => RecordFault::LoneFeed,
                0 => RecordFault::Nul,
                byte => {
                    field.push(byte);
                    self.rest = &self.rest[1..];
                    continue;
                }
            };
            return Err((fault, self.line));
        }
        Ok(field)
    }

    fn record(&mut self) -> Result<Record, (RecordFault, u64)> {
        let mut fields = Vec::new();
        loop {
            fields.push(match self.rest {
                [b'"', ..] => self.quoted(1)?,
                [b'=', b'"', ..] => self.quoted(2)?,
                _ => self.plain()?,
            });
            if self.rest.first() != Some(&self.delimiter) {
                self.line += 1;
                self.rest = &self.rest[self.line_break()..];
                return Ok(fields);
            }
            self.rest = &self.rest[1..];
        }
    }
}

fn naively(text: &[u8], delimiter: u8, line_end: u8, width: Option<usize>) -> Split {
    let mut naive = Naive {
        rest: text,
        line: 1,
        delimiter,
        line_end,
    };
    let mut all = Vec::new();
    loop {
        if naive.rest.is_empty() {
            return (all, None);
        }
        match naive.line_break() {
            0 => {}
            length => {
                naive.rest = &naive.rest[length..];
                naive.line += 1;
                continue;
            }
        }
        let (line, before) = (naive.line, naive.rest);
        match naive.record() {
            Err(fault) => return (all, Some(fault)),
            Ok(fields) => {
                let taken = &before[..before.len() - naive.rest.len()];
                let taken = taken.strip_suffix(&[line_end]).unwrap_or(taken);
                let lines: Vec<&[u8]> = taken.split(|byte| *byte == line_end).collect();
                let each = |lines: &[&[u8]], width: usize| {
                    lines.iter().all(|line| {
                        line.iter().filter(|byte| **byte == delimiter).count() + 1 == width
                    })
                };
                if width.is_some_and(|width| width > 1 && lines.len() > 1 && each(&lines, width)) {
                    return (all, Some((RecordFault::TwoReadings, line)));
                }
                all.push(fields);
            }
        }
    }
}

/// Text of few characters, most of which mean something.
fn texts() -> impl Strategy<Value = Vec<u8>> {
    let characters: &[u8] = b"ab=;;,\"\"\"\n\n\r\t\0";
    let pieces: Vec<&[u8]> = vec![
        b"\"a\"",
        b"\"a\"\"b\"",
        b"\r\n",
        b"=\"1\"",
        b"\"=\"\"1\"\"\"",
        b"a;b\n",
    ];
    let one = prop::sample::select(characters).prop_map(|byte| vec![byte]);
    let piece = prop::sample::select(pieces).prop_map(<[u8]>::to_vec);
    prop::collection::vec(prop_oneof![one, piece], 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn records_are_split_as_a_naive_splitter_does(
        text in texts(),
        begun in any::<prop::sample::Index>(),
        line_end in prop::sample::select(vec![b'\n', b'\n', b'\n', b'\r']),
        width in prop::option::of(1usize..4),
    ) {
        let begun = begun.index(text.len() + 1);
        let fast = split(&text, begun, b';', line_end, width);
        prop_assert_eq!(&fast, &naively(&text, b';', line_end, width));
        // What RFC 4180 allows, others read alike.
        if line_end == b'\n' && fast.1.is_none() {
            let mut reader = ::csv::ReaderBuilder::new();
            let reader = reader.delimiter(b';').has_headers(false).flexible(true);
            let records = reader.from_reader(&text[..]).into_byte_records();
            let records: Vec<Record> = records
                .map(|record| record.unwrap().iter().map(without_guard).collect())
                .collect();
            prop_assert_eq!(fast.0, records);
        }
    }
}

fn without_guard(field: &[u8]) -> Vec<u8> {
    let inside = field
        .strip_prefix(b"=\"")
        .and_then(|field| field.strip_suffix(b"\""));
    let inside = inside.filter(|inside| !inside.contains(&b'"'));
    inside.unwrap_or(field).to_vec()
}

#[test]
fn records_longer_than_the_buffer_are_split_alike() {
    let long = "x".repeat(300_000);
    let text = format!("a;b\n1;{long}\n\"{long}\n\"\"{long}\";2\n;\n").repeat(3);
    let fast = split(text.as_bytes(), 0, b';', b'\n', Some(2));
    assert_eq!(fast.0.len(), 12);
    assert_eq!(fast, naively(text.as_bytes(), b';', b'\n', Some(2)));
}
