//! The command line: parses, calls the library, and says what came of it.
//!
//! There is no logic of the field here. What a command refuses, the library
//! refuses; what is added is how a person hears of it, and that a long run
//! does not fail at its end for a reason that was plain at its start.

mod arguments;
mod command;
mod console;
mod explain;
mod failure;
mod inspect;
mod key;
mod link;
mod output;
mod plan;
mod protect;
mod pseudonymise;
mod rehearse;
mod report;
mod show;
mod stop;
mod synthesise;
mod watching;

use std::process::ExitCode;

use clap::Parser as _;

use arguments::{Arguments, Command, KeyCommand, PlanCommand};
use console::{Console, Report};
use failure::Failure;

/// The system's allocator gives memory back at once, and then clears it again.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    hush_decoders();
    refuse_to_be_dumped();
    stop::clean_up_when_asked();
    let console = Console::new(arguments.quiet, arguments.json);
    match run(&arguments.command, &console) {
        Ok(report) => console.report(&report),
        Err(failure) => console.fail(&failure),
    }
}

/// A damaged file is refused, by name; where a decoder panicked over it, that
/// says nothing more, and may quote what is in the file.
fn hush_decoders() {
    let otherwise = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !kobling::is_decoding() {
            otherwise(panic);
        }
    }));
}

/// Has the system write no core dump of this process, nor show its memory to
/// others: keys and identifiers are in it.
#[cfg(unix)]
fn refuse_to_be_dumped() {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    // Where neither can be had, the run is what it was without.
    let _ = setrlimit(Resource::Core, none);
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
}

/// Elsewhere the system's settings hold.
#[cfg(not(unix))]
fn refuse_to_be_dumped() {}

fn run(command: &Command, console: &Console) -> Result<Report, Failure> {
    match command {
        Command::Key(KeyCommand::New(new)) => key::new(new),
        Command::Key(KeyCommand::Domain(domain)) => key::domain(domain),
        Command::Key(KeyCommand::Show { file }) => key::show(file),
        Command::Plan(PlanCommand::Check { on, plan }) => plan::check(plan, *on),
        Command::Plan(PlanCommand::New(arguments)) => plan::new(arguments),
        Command::Plan(PlanCommand::Schema) => Ok(plan::schema()),
        Command::Pseudonymise(arguments) => pseudonymise::run(arguments, console),
        Command::Link(arguments) => link::run(arguments, console),
        Command::Protect(arguments) => protect::compare(arguments, console),
        Command::Explain(arguments) => explain::run(arguments, console),
        Command::Inspect(arguments) => inspect::run(arguments, console),
        Command::Rehearse(arguments) => rehearse::run(arguments, console),
        Command::Synthesise(arguments) => synthesise::run(arguments, console),
    }
}
