//! The commands that each role would run, so that they work when pasted.
//!
//! They play the rehearsal once more, in a folder of their own: what a
//! rehearsal left is not overwritten, and the keys that one command makes are
//! those that the next one takes.

use kobling::Plan;
use kobling::plan::Source;
use serde_json::{Value, json};

use super::folder::Roles;
use super::registers::Registers;
use crate::arguments::Rehearse;
use crate::command::CommandLine;

const REHEARSAL: &str = "--rehearsal";

/// The commands by role, in the order in which they are run.
pub(super) struct Commands {
    pub(super) custodian: Vec<String>,
    /// One for each source, in the plan's order.
    pub(super) agencies: Vec<String>,
    pub(super) linkage_unit: Vec<String>,
    pub(super) recipient: Vec<String>,
}

impl Commands {
    pub(super) fn new(plan: &Plan, arguments: &Rehearse, registers: &Registers) -> Self {
        let roles = Roles::below(&arguments.out).by_hand();
        let path = &arguments.plan;
        let sources = || plan.sources().iter().map(Source::name);
        let under = |command: &str| {
            let command = CommandLine::new(command).word(REHEARSAL);
            command.word("--plan").path(path)
        };

        let new = CommandLine::new("kobling key new --out").path(roles.linkage_key());
        let domain = |source| {
            under("kobling key domain")
                .word("--linkage-key")
                .path(roles.linkage_key())
                .word("--out")
                .path(roles.domain_key(source))
        };
        let pseudonymise = |source: &str| {
            let command = under("kobling pseudonymise")
                .word("--source")
                .word(source)
                .word("--key")
                .path(roles.domain_key(source))
                .word("--out")
                .path(roles.extract(source));
            let inputs = registers.of(source).iter();
            inputs.fold(command, |command, input| command.path(input))
        };
        let release =
            CommandLine::new("kobling key new --role release --out").path(roles.release_key());
        let link = under("kobling link")
            .word("--release-key")
            .path(roles.release_key())
            .word("--ledger")
            .path(roles.ledger())
            .word("--out")
            .path(roles.recipient());
        let perturbation = arguments.perturbation.path().into_iter();
        let link = perturbation.fold(link, |link, path| link.word("--perturbation").path(path));
        let link = sources().fold(link, |command, source| command.path(roles.extract(source)));
        let inspect = plan.table_names().map(|table| {
            let file = roles.recipient().join(format!("{table}.arrow"));
            CommandLine::new("kobling inspect").path(file).into_string()
        });

        Self {
            custodian: std::iter::once(new)
                .chain(sources().map(domain))
                .map(CommandLine::into_string)
                .collect(),
            agencies: sources()
                .map(|source| pseudonymise(source).into_string())
                .collect(),
            linkage_unit: vec![release.into_string(), link.into_string()],
            recipient: inspect.collect(),
        }
    }

    pub(super) fn to_json(&self) -> Value {
        json!({
            "key_custodian": self.custodian,
            "agencies": self.agencies,
            "linkage_unit": self.linkage_unit,
            "recipient": self.recipient,
        })
    }
}
