//! `kobling synthesise`: registers of persons who do not exist.

use kobling::synthesise::{Mistake, Rates, Register, SyntheticPopulation, WrittenRegisters};
use serde_json::{Value, json};

use crate::arguments::{Mistakes, Synthesise};
use crate::command::CommandLine;
use crate::console::{Console, Report};
use crate::failure::Failure;
use crate::output::{refuse_existing, warn_of_leftovers};

pub(crate) fn run(arguments: &Synthesise, console: &Console) -> Result<Report, Failure> {
    warn_of_leftovers(std::slice::from_ref(&arguments.out), console);
    refuse_existing(&arguments.out)?;
    let rates = rates(arguments)?;
    let population =
        SyntheticPopulation::new(arguments.persons, arguments.seed)?.with_rates(rates)?;
    console.note(&format!("making up {} persons", arguments.persons));
    let written = population.write(&arguments.out, arguments.format.into())?;
    Ok(Report::new(
        text(arguments, &written),
        to_json(arguments, &rates, &written),
    ))
}

/// The rates of the file, or the defaults; then those of the command line.
fn rates(arguments: &Synthesise) -> Result<Rates, Failure> {
    let mut rates = match &arguments.rates {
        Some(file) => Rates::read(file)?,
        None => Rates::default(),
    };
    for mistake in Mistake::ALL {
        if let Some(rate) = given(&arguments.mistakes, mistake) {
            *rates.of_mut(mistake) = rate;
        }
    }
    Ok(rates)
}

fn given(mistakes: &Mistakes, mistake: Mistake) -> Option<f64> {
    match mistake {
        Mistake::Missing => mistakes.missing,
        Mistake::Mistyped => mistakes.mistyped,
        Mistake::Swapped => mistakes.swapped,
        Mistake::ZeroLost => mistakes.zero_lost,
        Mistake::Borrowed => mistakes.borrowed,
        _ => None,
    }
}

/// The place of a register in the folder, without ending.
fn place(register: Register) -> String {
    match register.is_truth() {
        true => format!("truth/{}", register.name()),
        false => register.name().to_owned(),
    }
}

fn text(arguments: &Synthesise, written: &WrittenRegisters) -> String {
    let out = &arguments.out;
    let mut text = format!("{}: nobody in these registers exists\n", out.display());
    for register in Register::ALL {
        let (place, rows) = (place(register), written.rows(register));
        text.push_str(&format!("  {place:<14} {rows:>10} rows\n"));
    }
    let rehearse = CommandLine::new("kobling rehearse").path(out.join("plan.toml"));
    text.push_str(&format!("Next:\n  {}\n", rehearse.into_string()));
    text
}

fn to_json(arguments: &Synthesise, rates: &Rates, written: &WrittenRegisters) -> Value {
    let rows = Register::ALL.map(|register| (place(register), written.rows(register)));
    let rates = Mistake::ALL.map(|mistake| (mistake.name(), rates.of(mistake)));
    json!({
        "folder": arguments.out.display().to_string(),
        "plan": arguments.out.join("plan.toml").display().to_string(),
        "persons": arguments.persons,
        "seed": arguments.seed,
        "rates": rates.into_iter().collect::<std::collections::BTreeMap<_, _>>(),
        "rows": rows.into_iter().collect::<std::collections::BTreeMap<_, _>>(),
    })
}
