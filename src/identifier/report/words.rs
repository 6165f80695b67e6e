//! The identifier report as a table for people.

use std::fmt;

use super::IdentifierReport;
use crate::count::Count;

/// Characters of a line's name, its indent included.
const NAME: usize = 24;

/// Characters of a count.
const COUNT: usize = 14;

impl fmt::Display for IdentifierReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = self.columns.join(", ");
        writeln!(
            f,
            "{}: identifiers in {columns} ({})",
            self.source, self.kind
        )?;
        line(f, "rows", self.rows, "")?;
        line(f, "  filtered", self.filtered, "left out by `keep`")?;
        line(f, "  missing", self.missing, "no identifier")?;
        for (reason, rows) in &self.quarantined {
            line(f, &format!("  {reason}"), *rows, "quarantined")?;
        }
        for (column, reasons) in &self.parts {
            for (reason, rows) in reasons {
                line(f, &format!("    {column}"), *rows, reason)?;
            }
        }
        line(f, "  identified", self.identified, "")?;
        for (kind, rows) in &self.valid {
            line(f, &format!("    {kind}"), *rows, "")?;
        }
        line(
            f,
            "    of them synthetic",
            self.synthetic,
            "invented persons",
        )?;
        line(
            f,
            "    of them repeated",
            self.repeated,
            "occur in several rows",
        )?;
        line(f, "distinct identifiers", self.distinct, "")?;
        line(f, "most frequent one", self.most_frequent, "")?;
        match self.rounded_to {
            1 => writeln!(f, "  exact counts: for the agency only"),
            base => writeln!(
                f,
                "  counts are rounded to {base}; 1 to {} are not shown",
                base - 1
            ),
        }
    }
}

fn line(f: &mut fmt::Formatter<'_>, name: &str, rows: Count, what: &str) -> fmt::Result {
    let line = format!("  {name:<NAME$}{rows:>COUNT$}  {what}");
    writeln!(f, "{}", line.trim_end())
}
