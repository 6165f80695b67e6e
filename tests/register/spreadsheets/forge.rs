//! Workbooks, made by hand so that bad ones can be made too.

use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;

const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const RELATIONS: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// Days, points in time, times of day and durations, in this order from style 1 on.
const STYLES: &str = r#"<cellXfs count="5"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="22"/><xf numFmtId="21"/><xf numFmtId="46"/></cellXfs>"#;

/// A workbook to be.
pub(crate) struct Book {
    /// The name of each sheet, what its element has beside it, and what is in its XML.
    pub(crate) sheets: Vec<(String, String, String)>,
    pub(crate) from_1904: bool,
    pub(crate) styles: String,
    /// The texts that cells share, as their part has them.
    pub(crate) texts: String,
    pub(crate) others: Vec<(String, Vec<u8>)>,
}

impl Book {
    /// One with a sheet of these rows, from the first one on: see [`rows`].
    pub(crate) fn of(cells: &[&[&str]]) -> Self {
        Self::with(&[("Ark1", cells)])
    }

    /// One with these sheets.
    pub(crate) fn with(sheets: &[(&str, &[&[&str]])]) -> Self {
        let sheets = sheets.iter().map(|(name, cells)| {
            let data = format!("<sheetData>{}</sheetData>", rows(1, cells));
            ((*name).to_owned(), String::new(), data)
        });
        Self {
            sheets: sheets.collect(),
            from_1904: false,
            styles: STYLES.to_owned(),
            texts: String::new(),
            others: Vec::new(),
        }
    }

    /// One with a sheet whose XML is this.
    pub(crate) fn raw(sheet: &str) -> Self {
        let mut book = Self::of(&[]);
        book.sheets[0].2 = sheet.to_owned();
        book
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let mut add = |name: &str, content: &[u8]| {
            archive
                .start_file(name, SimpleFileOptions::default())
                .unwrap();
            archive.write_all(content).unwrap();
        };
        add("[Content_Types].xml", b"<Types/>");
        let document = format!(
            r#"<Relationships xmlns="{RELATIONS}"><Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
        );
        add("_rels/.rels", document.as_bytes());
        let (mut listed, mut relations) = (String::new(), String::new());
        for (at, (name, state, data)) in self.sheets.iter().enumerate() {
            listed += &format!(r#"<sheet name="{name}" sheetId="{at}" {state} r:id="r{at}"/>"#);
            relations += &format!(
                r#"<Relationship Id="r{at}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{at}.xml"/>"#
            );
            let sheet = format!(r#"<worksheet xmlns="{MAIN}">{data}</worksheet>"#);
            add(&format!("xl/worksheets/sheet{at}.xml"), sheet.as_bytes());
        }
        let from = if self.from_1904 { "1" } else { "0" };
        let workbook = format!(
            r#"<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><workbookPr date1904="{from}"/><sheets>{listed}</sheets></workbook>"#
        );
        add("xl/workbook.xml", workbook.as_bytes());
        let relations =
            format!(r#"<Relationships xmlns="{RELATIONS}">{relations}</Relationships>"#);
        add("xl/_rels/workbook.xml.rels", relations.as_bytes());
        let styles = format!(r#"<styleSheet xmlns="{MAIN}">{}</styleSheet>"#, self.styles);
        add("xl/styles.xml", styles.as_bytes());
        if !self.texts.is_empty() {
            add("xl/sharedStrings.xml", self.texts.as_bytes());
        }
        for (name, content) in &self.others {
            add(name, content);
        }
        archive.finish().unwrap().into_inner()
    }
}

/// Rows from `first` on. A cell is a number, or says what it is: `'` text, `d:` a
/// day, `m:` a point in time, `t:` a time of day, `h:` a duration, `b:` true or false,
/// `e:` an error, `f:` a formula with or without a value, `s:` a shared text, `i:` a
/// day in ISO 8601. An empty one is not there.
pub(crate) fn rows(first: usize, rows: &[&[&str]]) -> String {
    let rows = rows.iter().enumerate().map(|(at, cells)| {
        let row = first + at;
        let cells = cells.iter().enumerate().map(|(column, cell)| {
            let place = format!("{}{row}", char::from(b'A' + column as u8));
            self::cell(&place, cell)
        });
        format!(r#"<row r="{row}">{}</row>"#, cells.collect::<String>())
    });
    rows.collect()
}

fn cell(place: &str, cell: &str) -> String {
    let (kind, value) = match cell.strip_prefix('\'') {
        Some(text) => ("'", text),
        None => cell.split_once(':').unwrap_or(("", cell)),
    };
    let attributes = match kind {
        "d" => "s=\"1\"",
        "m" => "s=\"2\"",
        "t" => "s=\"3\"",
        "h" => "s=\"4\"",
        "b" => "t=\"b\"",
        "e" => "t=\"e\"",
        "s" => "t=\"s\"",
        "i" => "t=\"d\"",
        "'" => "t=\"inlineStr\"",
        _ => "",
    };
    let content = match (kind, value) {
        ("", "") => return String::new(),
        ("'", text) => format!(r#"<is><t xml:space="preserve">{text}</t></is>"#),
        ("f", "") => "<f>A1+1</f>".to_owned(),
        ("f", value) => format!("<f>A1+1</f><v>{value}</v>"),
        (_, value) => format!("<v>{value}</v>"),
    };
    format!(r#"<c r="{place}" {attributes}>{content}</c>"#)
}
