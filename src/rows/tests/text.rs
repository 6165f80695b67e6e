//! Delimited text: in which ways it is read, and how what is none is refused.

use super::{file, folder, read, refusal, strings, texts};
use arrow_array::Array as _;

#[test]
fn csv_dialects() {
    let folder = folder();
    for (name, text) in [
        ("bom.csv", "\u{feff}id,name\n1,x\n"),
        ("semicolon.csv", "id;name\r\n1;x\r\n"),
        ("tab.tsv", "id\tname\n1\tx\n"),
        ("tab.csv", "id\tname\n1\tx\n"),
        ("bar.csv", "id|name\n1|x\n"),
        ("comma-in-name.csv", "id;Tax, assessed;name\n1;7;x\n"),
        ("said.csv", "sep=;\r\nid;name\r\n1;x\r\n"),
        ("behind.csv", "id;name\n1;x;\n"),
        ("behind-all.csv", "id;name;\n1;x;\n"),
        ("behind-header.csv", "id;name;\n1;x\n"),
        ("guarded.csv", "id;name\n=\"1\";\"=\"\"x\"\"\"\n"),
        ("quoted.csv", "\"id\",\"name\"\n\"1\",\"x\"\n"),
        ("quoted-delimiter.csv", "\"a;b\",id,name\n0,1,x\n\n\n"),
        ("return.csv", "id,name\r1,x\r"),
    ] {
        let path = file(&folder, name, text);
        let read_back = read(&[&path], &["id", "name"]).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(
            (texts(&read_back, 0), texts(&read_back, 1)),
            (strings(&["1"]), strings(&["x"]))
        );
    }
    let path = file(
        &folder,
        "fields.csv",
        "id,name\n\"a\"\"b\",\n\"\",\"c\n\nx\"\n",
    );
    let read_back = read(&[&path], &["id", "name"]).unwrap();
    assert_eq!(texts(&read_back, 0), ["a\"b", ""]);
    assert_eq!(texts(&read_back, 1), ["", "c\n\nx"]);
    assert_eq!(read_back[0].batch.column(0).null_count(), 0);
    for end in ["\n", "\r\n", "\n\n"] {
        let path = file(&folder, "end.csv", format!("id\nx{end}"));
        assert_eq!(
            texts(&read(&[&path], &["id"]).unwrap(), 0),
            ["x"],
            "{end:?}"
        );
        let path = file(&folder, "header-only.csv", format!("id{end}"));
        assert!(read(&[&path], &["id"]).unwrap().is_empty());
    }
}

#[test]
fn csv_refusals_say_where() {
    let folder = folder();
    let said = |bytes: &[u8]| {
        let path = file(&folder, "a.csv", bytes);
        let error = refusal(&[&path], &["id", "name"]);
        let text = error.to_string();
        assert!(text.starts_with(&path.display().to_string()), "{text}");
        assert!(!text.contains("Secret"), "{text}");
        text[path.display().to_string().len() + 2..].to_owned()
    };
    let quote = "\n  help: in RFC 4180, a field that holds a quote, a delimiter or a line break \
                 is put between quotes, and each quote in it is doubled";
    let strictly = |bytes: &[u8]| {
        let text = said(bytes);
        let text = text.strip_suffix(quote).unwrap_or_else(|| panic!("{text}"));
        text.to_owned()
    };
    assert_eq!(
        strictly(b"id,name\n1,x\n\nSecret\n"),
        "row 2: has 1 field, the header has 2 (line 4)"
    );
    assert_eq!(
        strictly(b"id,name\nSecret,x,y\n"),
        "row 1: has 3 fields, the header has 2 (line 2)"
    );
    assert_eq!(
        strictly(b"id;name\n1;x;\n2;Secret;AS;\n"),
        "row 2: has 4 fields, the rows before have 3 (line 3)"
    );
    assert_eq!(
        strictly(b"id;name\n1;x;\n2;Secret;AS\n"),
        "row 2: has text where the rows before have a delimiter behind the last field (line 3)"
    );
    assert_eq!(
        strictly(b"id,name\n1,\"Sec\nret\" AS\n2,\"Secret\" AS\n3,y\n4,Sec\"ret\n"),
        "row 1: has a quote (line 2) that is not closed before another row (line 3); \
         as have row 2 (line 3), row 3 (line 4) and row 5 (line 6)"
    );
    assert_eq!(
        strictly(b"id,name\n1,\"Secret\" AS\n"),
        "row 1: has text after a closing quote (line 2)"
    );
    assert_eq!(
        strictly(b"id,name\n1,Sec\"ret\n2, \"x\"\n"),
        "row 1: has a quote inside a field that does not begin with one (line 2); \
         as has row 2 (line 3)"
    );
    let open = "has a quoted field (line 3) that is not closed before the end of the file";
    assert_eq!(
        strictly(b"id,name\n1,x\n2,\"Secret\n3,y\n"),
        format!("row 2: {open}")
    );
    assert!(
        said(b"id,name\n1,\"Sec\n2,ret\"\n").starts_with("row 1: is one row or several (line 2)")
    );
    assert!(said(b"id,name\n1,Secret\r2,x\n").starts_with("row 1: has a carriage return without"));
    assert!(said(b"id,name\r1,Secret\r\n2,x\r").starts_with("row 2: has a line feed, where"));
    assert!(said(b"id,name\n1,Sec\0ret\n").starts_with("row 1: holds a byte of zero (line 2)"));
    let encoding = |bytes: &[u8]| {
        let text = said(bytes);
        assert!(
            text.contains("\n  help: name it in the source's format = { encoding"),
            "{text}"
        );
        text.lines().next().unwrap().to_owned()
    };
    assert_eq!(
        encoding(b"id,name\n1,\xc3\xb8\n\n2,Secret\xf8\n"),
        "column name, row 2: is of another encoding than the rows before"
    );
    assert_eq!(
        encoding(b"id,name\n1,Secret\x9b\n"),
        "column name, row 1: is neither UTF-8 nor letters of Windows-1252"
    );
    assert_eq!(
        encoding(b"\xef\xbb\xbfid,name\n1,Secret\xf8\n"),
        "column name, row 1: is not UTF-8"
    );
    assert!(said(b"\xff\xfei\0d\0").contains("UTF-16"));
    for empty in ["", "\u{feff}", "\n\n"] {
        assert_eq!(said(empty.as_bytes()), "is empty: not even a header");
    }
    let lacks = |bytes: &[u8], column: &str| {
        let text = said(bytes);
        let start = format!("column {column}: the file has no such column\n  help: ");
        text.strip_prefix(&start)
            .unwrap_or_else(|| panic!("{text}"))
            .to_owned()
    };
    assert_eq!(
        lacks(b"id,nam\n", "name"),
        "did you mean \"nam\"? it has 2 columns, separated by commas: \"id\", \"nam\""
    );
    assert_eq!(
        lacks(b"ID;name\n1;x\n", "id"),
        "did you mean \"ID\"? it has 2 columns, separated by semicolons: \"ID\", \"name\""
    );
    assert_eq!(
        lacks(b"ID\tNames\n1\tx\n", "id"),
        "did you mean \"ID\"? it has 2 columns, separated by tabs; they are not listed, since the \
         first line may be a row and no header: then put a line with the names of the columns above it"
    );
    // A person's row, also where others have digits.
    let row = lacks(b"Id Amin\tName\n1\tx\n", "id");
    assert!(!row.contains("Amin") && row.contains("not listed"), "{row}");
    assert_eq!(
        lacks(b"Incomes, by person\n\nid;name\n1;x\n", "id"),
        "line 3 has all columns: write format = { header_row = 3 } under the source in the plan"
    );
    let title = said(b"Incomes of \"all\" 2019\nid;name\n1;x\n");
    assert!(
        title.contains("(line 1)\n  help: line 2 has all columns"),
        "{title}"
    );
    assert_eq!(
        said(b"id,name,name\n"),
        "column name: the file has this column twice"
    );
    let shown = lacks(b"id,n\x1b\xe2\x80\xaeame\n", "name");
    assert!(
        shown.starts_with("did you mean \"n\\u{1b}\\u{202e}ame\"?"),
        "{shown}"
    );
    // A copy that was cut short, or a program that ends no last line.
    for cut in [
        &b"id,name\n1,x\n2,Secret"[..],
        b"id,name",
        b"id,name\n1,x\n2,\"Secret\"",
    ] {
        let text = said(cut);
        assert!(text.starts_with("its last line has no line end"), "{text}");
        assert!(
            text.contains("format = { last_line = \"as-it-is\" }"),
            "{text}"
        );
    }
}

#[test]
fn a_first_row_in_the_headers_place_is_not_shown() {
    let folder = folder();
    for text in [
        "12345678901,Kari\n12345678902,Ola\n",
        "Kari;k@a.no\nOla;o@a.no\n",
        "Kari,Nordmann\nOla,Nordmann\n",
        "Kari\t1950-12-31\nOla\t1951-01-02\n",
    ] {
        let path = file(&folder, "a.csv", text);
        for asked in ["fnr", "12345678902", "name"] {
            let text = refusal(&[&path], &[asked]).to_string();
            assert!(
                !text.contains("12345678901") && !text.contains("Kari"),
                "{text}"
            );
            let explained =
                asked == "12345678902" || text.contains("it has 2 columns, separated by");
            assert!(explained, "{text}");
        }
    }
}

#[test]
fn a_record_without_end_is_refused() {
    let folder = folder();
    let mut text = b"id\n\"".to_vec();
    text.resize((1 << 26) + (1 << 20), b'a');
    text.push(b'\n');
    let path = file(&folder, "a.csv", text);
    assert!(refusal(&[&path], &["id"]).rule().contains("64 MiB"));
}

/// Small files on which other readers of delimited text were seen to lose rows,
/// to take another delimiter, or to stop.
#[test]
fn what_others_stumbled_over_is_read_or_refused() {
    let folder = folder();
    let wide: String = (0..150_000)
        .map(|place| format!("column_{place},"))
        .collect();
    let zeros = "0,".repeat(150_000);
    let long = "x".repeat(2_000_000);
    // Line breaks between quotes mislead a reader that recognises a delimiter by lines.
    for (text, asked, values) in [
        (
            "id,comment\n1,\"line one\nline two\"\n2,\"has \"\"quotes\"\" inside\"\n",
            "comment",
            vec!["line one\nline two", "has \"quotes\" inside"],
        ),
        ("A;B;\"F\ni,e,l,d\n,3\"\n1;2;3\n", "B", vec!["2"]),
        (
            "Queue,Comments,\nBarrier(),\"mask: 0\nNew: 1\n\",\nEnd(),,\n",
            "Comments",
            vec!["mask: 0\nNew: 1\n", ""],
        ),
        // More commas than semicolons, in values.
        (
            "id;cost;group;sub_group\n4;46.50;['112', '112'];['765', '766']\n",
            "cost",
            vec!["46.50"],
        ),
        (
            "Country;Location;Count\nChina;\"35.86166;104.19397\";97100,7\n",
            "Count",
            vec!["97100,7"],
        ),
        ("a,b\r\n1,x\n2,y\r\n", "b", vec!["x", "y"]),
        (&format!("a,{wide}b\n1,{zeros}x\n"), "b", vec!["x"]),
        (&format!("a,b\n1,\"{long}\"\n"), "b", vec![&long]),
    ] {
        let path = file(&folder, "a.csv", text);
        let read = read(&[&path], &[asked]).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(texts(&read, 0), values);
    }
    for (text, rule) in [
        // Quotes after a backslash, which the RFC does not know.
        (
            &b"a,b\na1,\"text \\\" more\"\nb2,y\nc3,\"also \\\" it\"\n"[..],
            "row 1: has text after a closing quote (line 2)",
        ),
        (
            b"\"a\",\"b\"\n\"332\", \"Surname\\, First\"\n",
            "row 1: has a quote inside",
        ),
        // Not of the column that is asked for: the rows behind it went missing.
        (b"b,a\nx,abc\"\ny,z\n", "row 1: has a quote inside a field"),
        (
            b"a,b,c\n1,2,3\n0,0,\"foo\n\n",
            "row 2: has a quoted field (line 3) that is not closed",
        ),
        (b"a,b\n1,\"x\0y\"\n", "row 1: holds a byte of zero (line 2)"),
        (b"\0a,b\n1,x\n", "holds a byte of zero (line 1)"),
        (b"a\0\t\0b\0\n\0", "holds a byte of zero (line 1)"),
        (
            b"a, b\n1, x\n",
            "column b: the file has no such column\n  help: did you mean \" b\"?",
        ),
    ] {
        let path = file(&folder, "a.csv", text);
        let said = refusal(&[&path], &["b"]).to_string();
        let said = &said[path.display().to_string().len() + 2..];
        assert!(said.starts_with(rule), "{said}");
    }
}
