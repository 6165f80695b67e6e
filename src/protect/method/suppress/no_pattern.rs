//! Why there is no pattern, in words for the linkage unit: which kind of cell is in the
//! way, what keeps it published, and what can be done.

use crate::error::{Error, ErrorKind, counted};
use crate::protect::history::further::FurtherCell;
use crate::protect::view::RecipientView;
use crate::watch::cancelled;
use kobling_sdc::audit;
use kobling_sdc::suppress::{self, Unprovable, Unproven};

const HELP: &str = "coarser dimensions, first where a category has one or two persons in all; fewer margins or conditions, or categories that the plan declares (`categories`, `map`); or `method = \"cell-key\"`, which suppresses no numbers of persons";

/// Why suppressor or auditor could not finish.
pub(super) enum NoPattern {
    Suppressor(suppress::SuppressionRefusal),
    Auditor(audit::AuditRefusal),
    /// The last pattern that could be had leaves so many unsafe cells too certain.
    Certain(usize),
    Unprovable(Unprovable),
    /// By whoever watches.
    Cancelled,
}

impl From<suppress::SuppressionRefusal> for NoPattern {
    fn from(refusal: suppress::SuppressionRefusal) -> Self {
        match refusal {
            suppress::SuppressionRefusal::Cancelled => Self::Cancelled,
            other => Self::Suppressor(other),
        }
    }
}

impl From<audit::AuditRefusal> for NoPattern {
    fn from(refusal: audit::AuditRefusal) -> Self {
        match refusal {
            audit::AuditRefusal::Cancelled => Self::Cancelled,
            other => Self::Auditor(other),
        }
    }
}

impl From<Unproven> for NoPattern {
    fn from(unproven: Unproven) -> Self {
        match unproven {
            Unproven::Cell(cell) => Self::Unprovable(cell),
            Unproven::Cancelled => Self::Cancelled,
        }
    }
}

/// What is to be said where numbers of persons do not add up.
fn as_if(view: &RecipientView) -> &'static str {
    match view.adds_up {
        true => "",
        false => {
            ", where numbers of persons who have several rows are compared as if they added up"
        }
    }
}

/// Why a cell of the release is published, whatever else is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stays {
    /// The plan publishes it although a rule finds it unsafe.
    Excepted,
    /// Nobody contributes to it, which everybody may know.
    Empty,
}

impl Stays {
    /// What is wrong with a cell called `name`, and what to do about it.
    fn refusal(self, name: &str) -> (String, String) {
        match self {
            Self::Excepted => (
                format!(
                    "publishing {name} in spite of the rules would disclose other cells, which the rules protect"
                ),
                format!("leave it out of `publish`; or {HELP}"),
            ),
            Self::Empty => (
                format!(
                    "everybody may know that nobody contributes to {name}, and this discloses other cells, which the rules protect"
                ),
                HELP.to_owned(),
            ),
        }
    }
}

/// What a refusal says of the cells of a view.
pub(super) struct Words<'a> {
    pub(super) view: &'a RecipientView,
    /// Of each cell, whether it is published, whatever else is.
    pub(super) forced: &'a [bool],
    /// What kind of cell an own one is.
    pub(super) name: &'a dyn Fn(usize) -> String,
    /// Why an own cell that is forced is.
    pub(super) stays: &'a dyn Fn(usize) -> Stays,
    /// What is known in any case, in words.
    pub(super) known: &'a dyn Fn() -> String,
}

impl Words<'_> {
    fn further(&self, cell: usize) -> Option<&FurtherCell> {
        let own = self.view.locations.len();
        self.view.further.get(cell.wrapping_sub(own))
    }

    fn named(&self, cell: usize) -> String {
        let further = self.further(cell).map(FurtherCell::to_string);
        further.unwrap_or_else(|| (self.name)(cell))
    }

    /// That what stays published of `cell` discloses others. The suppressor names the first
    /// of several that are the same sum; and it is another one that has to stay, if an
    /// earlier release published that.
    fn forced(&self, cell: usize) -> (String, String) {
        let members = self.view.structure.members(cell);
        let is_same = |other: &usize| self.view.structure.members(*other) == members;
        let mut others = (0..self.forced.len()).rev();
        let stays = match self.forced[cell] {
            true => Some(cell),
            false => others.find(|other| self.forced[*other] && is_same(other)),
        };
        let Some(stays) = stays else {
            let rule = "what stays published would disclose other cells, which the rules protect";
            return (rule.to_owned(), HELP.to_owned());
        };
        match self.further(stays) {
            Some(further) => (
                format!(
                    "{further} discloses cells that need protection now{}",
                    as_if(self.view)
                ),
                format!(
                    "what is published stays known: leave out what divides its cells otherwise than then; or {HELP}"
                ),
            ),
            None => (self.stays)(stays).refusal(&(self.name)(stays)),
        }
    }
}

impl NoPattern {
    /// The refusal of the release.
    pub(super) fn refusal(self, words: &Words<'_>) -> Error {
        use suppress::SuppressionRefusal::{Empty, Forced, Level};
        let view = words.view;
        let rule = match self {
            Self::Suppressor(Forced { cell }) => {
                let (rule, help) = words.forced(cell);
                return Error::new(ErrorKind::Protection, rule).help(help);
            }
            Self::Suppressor(Level { cell }) => {
                format!(
                    "the feasibility interval of {} stays narrower than its protection level, whatever else is suppressed",
                    words.named(cell)
                )
            }
            Self::Suppressor(Empty { cell }) if words.further(cell).is_none() => {
                let name = (words.name)(cell);
                format!("{name} needs protection, and is known to be empty")
            }
            Self::Suppressor(other) => other.to_string(),
            Self::Auditor(refusal) => refusal.to_string(),
            Self::Unprovable(Unprovable {
                cell,
                to_contributors,
            }) => {
                let overlaps = |other: &&FurtherCell| {
                    let members = view.structure.members(cell);
                    let mut shared = other.members.iter();
                    other.published.is_some() && shared.any(|at| members.contains(at))
                };
                format!(
                    "the feasibility interval of {} cannot be kept wide enough{}, since {}",
                    words.named(cell),
                    match to_contributors {
                        true => " for the contributors of another cell",
                        false => "",
                    },
                    match view.further.iter().find(overlaps) {
                        Some(known) => format!("{known} stays known{}", as_if(view)),
                        None => format!("too few values agree with {}", (words.known)()),
                    }
                )
            }
            Self::Cancelled => return cancelled(),
            Self::Certain(cells) => format!(
                "the auditor can still derive {}",
                counted(cells as u64, "suppressed cell")
            ),
        };
        Error::new(ErrorKind::Protection, rule).help(HELP)
    }
}
