//! What the command line understands, and its help.

mod reading;
mod unit;

use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};
use kobling::extract::Part;
use kobling::plan::Date;
use kobling::{Format, Plan};

use crate::failure::Failure;
pub(crate) use reading::Reading;
pub(crate) use unit::{Explain, LinkageUnit, PerturbationArgument, Protect};

/// Links registers of different agencies on keyed pseudonyms; only
/// disclosure-controlled tables come out.
#[derive(Debug, Parser)]
#[command(
    name = "kobling",
    version,
    arg_required_else_help = true,
    after_help = "\
Who runs what:
  key custodian   kobling key new, kobling key domain
  agency          kobling pseudonymise
  linkage unit    kobling key new --role release, kobling protect --compare,
                  kobling link
  anyone          kobling plan new, kobling plan check, kobling rehearse, kobling inspect,
                  kobling synthesise

Begin with:
  kobling plan new --source tax=tax.csv --out plan.toml
  kobling rehearse plan.toml

All keys of a plan, with examples:
  kobling help plan

Exit codes: 0 done, 1 refused or failed, 2 wrong use."
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,

    /// Print errors only
    #[arg(long, short, global = true, conflicts_with = "json")]
    pub(crate) quiet: bool,

    /// Print one JSON object, for machines, and nothing else
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make keys, and show what a key file is
    #[command(subcommand)]
    Key(KeyCommand),
    /// Begin a linkage plan, check it, and read the language that it is written in
    #[command(subcommand, after_long_help = kobling::plan::LANGUAGE)]
    Plan(PlanCommand),
    /// Agency: make the extract of a register
    #[command(after_help = "\
Example:
  kobling pseudonymise --plan plan.toml --source tax --key domain.key \\
      --out tax.arrow tax-2024.csv tax-2025.csv

The extract goes to the linkage unit that the plan names, and to nobody else.

The register of a source of role `history` says which numbers were replaced by
which; its extract is made the same way, and holds both as pseudonyms.")]
    Pseudonymise(Pseudonymise),
    /// Linkage unit: link extracts, and write the protected tables
    #[command(after_help = "\
Example:
  kobling link --plan plan.toml --release-key release.key --out release \\
      population.arrow tax.arrow

Where the plan has a source of role `history`, its extract is one of them: rows
under a number that was replaced link by the one that took its place. Numbers
that were replaced by two current ones, or in a circle, are refused.

--ledger names the ledger: one file at the linkage unit that holds the project's
releases, so that no two of them together disclose what each suppresses. It is
begun if there is none, and each release is added as its last entry. Keep the
ledger with the release key: each is worth nothing without the other. A table with
method = \"noise\" needs the ledger: there the plan's privacy_budget is spent.

A release says that a figure is suppressed, and not why: the reason bounds the
value. The suppression report says which rule found which figure unsafe, which
figures are complementary suppressions, and which entry of the ledger a difference
is with (0 is another table of the release), one JSON object a line. It is written
next to the ledger, as ledger.report-3.jsonl for its third entry, or to the file
that --report names. It is for the linkage unit and the risk owner, and not for the
recipient. A release states which concentration rules apply, and not their parameters.

Where a table has method = \"cell-key\", --perturbation names a file that the
linkage unit keeps to itself, such as

  [counts]
  reach = 5
  variance = 2.0
  [sums]
  reach = 5
  variance = 2.0
  flex = { point = 100000, small = 0.3, large = 0.05, power = 3 }

with [sums] where tables have sums or means. reach is the largest noise, variance
that of the noise on all but small figures: of counts in persons or rows, of sums
in a share of the cell's largest contribution. The share is small up to point, in
the measure's unit, and falls to large beyond it, the faster the greater the
power. table = \"FILE.csv\", in place of reach and variance, takes a table that the
R package ptable wrote.")]
    Link(Link),
    /// Try all methods of protection on a plan's tables, before one is chosen
    #[command(after_help = "\
Example:
  kobling protect --compare --plan plan.toml --release-key release.key \\
      population.arrow tax.arrow

For each table and measure it says what each method leaves of the figures (how
many cells have one, what share of the total those hold, how far they are from
the true ones on average), and what it risks (how many figures the plan's rules
find unsafe, how many of those are published changed, how many of those are the
true ones nevertheless). All of it is measured against the true figures: it is for
the linkage unit and the risk owner, and no part of a release. The tables
themselves are not shown, and nothing is written or spent.")]
    Protect(Protect),
    /// Show what keeps one suppressed figure uncertain, or which it guards
    #[command(after_help = "\
Example:
  kobling explain --plan plan.toml --release-key release.key --table deaths \\
      --measure persons --cell sex=female --cell age=80+ population.arrow deaths.arrow

A dimension that is not named is the total over it, where the table has one.
The same extracts, plan and release key give the figures that `kobling link` gave. Of
an unsafe figure it shows other tables, by the cells in which they differ from the true
one: all of them agree with everything that is published, and the figure is another
one in each. Of a figure that is safe and suppressed it names the unsafe ones that it
guards. Nothing is written. It shows true figures: it is for the linkage unit and the
risk owner.

With --ledger it is what the next release would be; --entry 3 goes back to what the
third one was.")]
    Explain(Explain),
    /// Say what an extract, or a table or manifest of a release, says of itself; or,
    /// with --plan and --source, what the identifiers of a register are like
    #[command(after_help = "\
Examples:
  kobling inspect tax.arrow
  kobling inspect release/manifest.json
  kobling inspect --plan plan.toml --source tax tax-2024.csv tax-2025.csv

Of an extract, or a table of a release, nothing is verified beyond that the
file can be read whole; `kobling link` verifies.

With --plan and --source the files are the agency's register, as `kobling
pseudonymise` would read it. It says how many rows have an identifier, as what
they were recognised, why the others were not, and which occur more than once.
The identifiers themselves are never shown. Counts are rounded to 5, and 1 to 4
rows are not shown, so that the report can be passed on; --exact is for the
agency only.")]
    Inspect(Inspect),
    /// Play all the roles on throwaway keys, to try a plan
    #[command(after_help = "\
Example:
  kobling rehearse plan.toml --input tax=/data/tax-2024.csv

The register of source X is looked for in the plan's folder, as X.parquet, X.csv,
X.csv.gz, X.csv.zst, X.arrow, X.feather and the like or a folder X, unless --input
names it. What each role would have is left in a folder of its own; --commands shows
which files those are, and which commands each role would run. Nothing made in a
rehearsal passes for the real thing.
`kobling help link` says what --perturbation names.")]
    Rehearse(Rehearse),
    /// Make up registers of persons who do not exist, to try a plan on
    #[command(after_help = "\
Example:
  kobling synthesise --persons 100000 --seed 7 --out synthetic
  kobling rehearse synthetic/plan.toml

The registers have Skatteetaten's kind of test numbers (month + 80), and make
mistakes with them at the given rates; FOLDER/truth says which. The same
arguments give the same bytes.")]
    Synthesise(Synthesise),
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// Key custodian, linkage unit: make a new key
    #[command(after_help = "\
Examples:
  kobling key new --out linkage.key
  kobling key new --role release --out release.key")]
    New(KeyNew),
    /// Key custodian: derive the domain key of a plan, for its agencies
    #[command(after_help = "\
Example:
  kobling key domain --linkage-key linkage.key --plan plan.toml --out domain.key

The linkage unit must never hold the domain key.")]
    Domain(KeyDomain),
    /// Say what a key file is; never the key
    #[command(after_help = "\
Example:
  kobling key show domain.key")]
    Show {
        /// The key file
        file: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(crate) struct KeyNew {
    /// What the key is for
    #[arg(long, value_enum, default_value_t = KeyRole::Linkage)]
    pub(crate) role: KeyRole,
    /// The new key file; an existing one is never replaced
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum KeyRole {
    /// The key custodian's master secret
    Linkage,
    /// The linkage unit's own key, for protection
    Release,
}

#[derive(Debug, Args)]
pub(crate) struct KeyDomain {
    /// The linkage key's file
    #[arg(long, value_name = "FILE")]
    pub(crate) linkage_key: PathBuf,
    #[command(flatten)]
    pub(crate) plan: PlanArguments,
    /// The new key file; an existing one is never replaced
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PlanCommand {
    /// Say all that is wrong with a plan; or, in words, what it does
    #[command(after_help = "\
Example:
  kobling plan check plan.toml
  kobling plan check --on 2027-01-31 plan.toml")]
    Check {
        /// Say whether the plan may run on this day, instead of today
        #[arg(long, value_name = "DAY")]
        on: Option<Date>,
        /// The plan
        plan: PathBuf,
    },
    /// Write a first plan of registers, to be edited: it shows the names and types of
    /// their columns, never a value; the first line of a CSV file is taken for the names
    #[command(after_help = "\
Example:
  kobling plan new --source population=pop.parquet --source tax=tax.csv --out plan.toml
  kobling plan check plan.toml

What only a person can say is left empty, and the check asks for it.")]
    New(PlanNew),
    /// Print the JSON Schema of plans, by which editors complete and check them
    #[command(after_help = "\
Example:
  kobling plan schema > plan.schema.json

A plan whose first line is #:schema plan.schema.json is then checked while it is
written, by editors that know TOML and JSON Schema (Even Better TOML, taplo, tombi).
kobling itself checks more: kobling plan check.")]
    Schema,
}

#[derive(Debug, Args)]
pub(crate) struct PlanNew {
    /// A register: its name in the plan, and its file or folder; again for several
    #[arg(long, required = true, value_name = "SOURCE=PATH", value_parser = input)]
    pub(crate) source: Vec<(String, PathBuf)>,
    /// The new plan; without it, it is printed
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

/// The plan that a command works under.
#[derive(Debug, Args)]
pub(crate) struct PlanArguments {
    /// The linkage plan
    #[arg(long = "plan", value_name = "PLAN")]
    path: PathBuf,
    /// Work under the plan's rehearsal: on test data, without approval
    #[arg(long)]
    rehearsal: bool,
}

impl PlanArguments {
    pub(crate) fn read(&self) -> Result<Plan, Failure> {
        let plan = Plan::read(&self.path)?;
        Ok(if self.rehearsal {
            plan.rehearsal()
        } else {
            plan
        })
    }
}

#[derive(Debug, Args)]
pub(crate) struct Pseudonymise {
    #[command(flatten)]
    pub(crate) plan: PlanArguments,
    /// Which of the plan's sources the register is
    #[arg(long, value_name = "NAME")]
    pub(crate) source: String,
    /// The domain key's file, from the key custodian
    #[arg(long, value_name = "DOMAIN_KEY")]
    pub(crate) key: PathBuf,
    /// The new extract, ending in .arrow or .parquet; with --parts, its new folder
    #[arg(long, value_name = "FILE", value_parser = extract_path)]
    pub(crate) out: PathBuf,
    /// Write a folder of so many parts, each a file of one range of pseudonyms; whoever
    /// links names the folder
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=4096))]
    pub(crate) parts: Option<u32>,
    /// Sort within about this much memory, such as 512MiB or 8GiB; what does
    /// not fit is written, pseudonymised, to files next to the extract. Without
    /// it, all rows are held in memory
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(crate) memory: Option<u64>,
    /// The register: CSV, Parquet or Arrow files, or folders of them
    #[arg(required = true, value_name = "INPUT")]
    pub(crate) inputs: Vec<PathBuf>,
}

/// A number of bytes: `500000`, `500kB`, `512MiB`, `8GiB`.
fn size(text: &str) -> Result<u64, String> {
    const UNITS: [(&str, u64); 8] = [
        ("KiB", 1 << 10),
        ("MiB", 1 << 20),
        ("GiB", 1 << 30),
        ("kB", 1_000),
        ("MB", 1_000_000),
        ("GB", 1_000_000_000),
        ("B", 1),
        ("", 1),
    ];
    let unit = UNITS.iter().find(|(unit, _)| text.ends_with(unit));
    let &(unit, bytes) = unit.expect("every text ends with nothing");
    let number = text[..text.len() - unit.len()].trim_end();
    // No sign: `parse` would take a plus.
    let digits = number.bytes().all(|byte| byte.is_ascii_digit());
    let number: Option<u64> = number.parse().ok().filter(|number| digits && *number > 0);
    number
        .and_then(|number| number.checked_mul(bytes))
        .ok_or_else(|| "give a size such as 512MiB or 8GiB".to_owned())
}

/// The library refuses another ending too, but only once all rows are read.
fn extract_path(path: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(path);
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("arrow" | "parquet") | None => Ok(path),
        _ => Err("an extract is written as `.arrow` or `.parquet`".to_owned()),
    }
}

#[derive(Debug, Args)]
pub(crate) struct Inspect {
    /// The linkage plan that says how the register is read
    #[arg(long, value_name = "PLAN", requires = "source")]
    plan: Option<PathBuf>,
    /// Work under the plan's rehearsal: on test data, without approval
    #[arg(long, requires = "plan")]
    rehearsal: bool,
    /// Which of the plan's sources the register is
    #[arg(long, value_name = "NAME", requires = "plan")]
    source: Option<String>,
    /// Count the register's rows exactly: not to be passed on
    #[arg(long, requires = "plan")]
    pub(crate) exact: bool,
    #[command(flatten)]
    pub(crate) reading: Reading,
    /// The file; of a register all its files, or folders of them
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
}

impl Inspect {
    /// The plan and the source that the files are the register of, if they are one.
    pub(crate) fn register(&self) -> Option<(PlanArguments, &str)> {
        let plan = PlanArguments {
            path: self.plan.clone()?,
            rehearsal: self.rehearsal,
        };
        Some((plan, self.source.as_deref()?))
    }
}

#[derive(Debug, Args)]
pub(crate) struct Link {
    #[command(flatten)]
    pub(crate) unit: LinkageUnit,
    /// The new folder for the release; with --part, the new file for the sealed part
    #[arg(long, value_name = "FOLDER")]
    pub(crate) out: PathBuf,
    /// Link one part of the persons only, such as 3/64 (counted from 0), and seal its
    /// confidential tables under the release key, to be put together by --merge
    #[arg(long, value_name = "PART", conflicts_with_all = ["merge", "report", "ledger", "perturbation", "format"])]
    pub(crate) part: Option<Part>,
    /// Make the release of all sealed parts of one run, which are given in place of
    /// extracts; it is the same as that of a run in one piece
    #[arg(long)]
    pub(crate) merge: bool,
    /// Where the suppression report goes: why each suppressed figure is suppressed, for
    /// the linkage unit and the risk owner; without it, next to the ledger
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
    /// How the tables are written
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        default_value = "arrow,parquet,csv"
    )]
    pub(crate) format: Vec<FormatName>,
    #[command(flatten)]
    pub(crate) shown: ShownRows,
    #[command(flatten)]
    pub(crate) reading: Reading,
    /// One extract for each of the plan's sources, in any order; with --merge, the sealed
    /// parts
    #[arg(required = true, value_name = "EXTRACT")]
    pub(crate) extracts: Vec<PathBuf>,
}

/// How much of a table is shown; what is written is always all of it.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct ShownRows {
    /// Show at most this many rows of a table
    #[arg(long, value_name = "N", default_value_t = 30)]
    pub(crate) rows: usize,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum FormatName {
    Arrow,
    Parquet,
    Csv,
}

impl From<FormatName> for Format {
    fn from(name: FormatName) -> Self {
        match name {
            FormatName::Arrow => Self::Arrow,
            FormatName::Parquet => Self::Parquet,
            FormatName::Csv => Self::Csv,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Rehearse {
    /// The plan
    pub(crate) plan: PathBuf,
    /// The register of a source; again for several files
    #[arg(long, value_name = "SOURCE=PATH", value_parser = input)]
    pub(crate) input: Vec<(String, PathBuf)>,
    /// Show what each role holds, and the commands that it would run
    #[arg(long)]
    pub(crate) commands: bool,
    /// Where to leave everything; an earlier rehearsal there is replaced
    #[arg(long, value_name = "FOLDER", default_value = "rehearsal")]
    pub(crate) out: PathBuf,
    #[command(flatten)]
    pub(crate) perturbation: PerturbationArgument,
    #[command(flatten)]
    pub(crate) shown: ShownRows,
}

fn input(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((source, path)) if !source.is_empty() && !path.is_empty() => {
            Ok((source.to_owned(), Path::new(path).to_owned()))
        }
        _ => Err("write SOURCE=PATH, such as tax=tax-2024.csv".to_owned()),
    }
}

#[derive(Debug, Args)]
pub(crate) struct Synthesise {
    /// How many persons
    #[arg(long, value_name = "N")]
    pub(crate) persons: u64,
    /// Another seed is another population
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// The new folder
    #[arg(long, value_name = "FOLDER")]
    pub(crate) out: PathBuf,
    /// How the registers are written
    #[arg(long, value_enum, default_value = "parquet")]
    pub(crate) format: FormatName,
    /// How often which mistake is made, as TOML, such as `missing = 0.01`
    #[arg(long, value_name = "FILE")]
    pub(crate) rates: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) mistakes: Mistakes,
}

/// Rates that go before those of the file: shares of the rows of the tax and
/// the benefit register, from 0 to 1.
#[derive(Debug, Args)]
#[command(next_help_heading = "Mistakes with numbers, as shares of rows from 0 to 1")]
pub(crate) struct Mistakes {
    /// No number at all [default: 0.005]
    #[arg(long, value_name = "SHARE")]
    pub(crate) missing: Option<f64>,
    /// One digit is another one [default: 0.003]
    #[arg(long, value_name = "SHARE")]
    pub(crate) mistyped: Option<f64>,
    /// Two neighbouring digits have changed places [default: 0.001]
    #[arg(long, value_name = "SHARE")]
    pub(crate) swapped: Option<f64>,
    /// A leading 0 is gone, of the numbers that have one [default: 0.02]
    #[arg(long, value_name = "SHARE")]
    pub(crate) zero_lost: Option<f64>,
    /// The number of another person [default: 0.001]
    #[arg(long, value_name = "SHARE")]
    pub(crate) borrowed: Option<f64>,
}
