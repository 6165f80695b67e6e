//! How the files of extracts are read.

use clap::Args;
use kobling::ReadOptions;

#[derive(Debug, Args)]
pub(crate) struct Reading {
    /// Copy extracts into memory instead of mapping them: a file that somebody shortens
    /// meanwhile is then refused, where it would end the run. Registers are never mapped
    #[arg(long)]
    no_map: bool,
}

impl Reading {
    pub(crate) fn options(&self) -> ReadOptions {
        ReadOptions::new().map(!self.no_map)
    }
}
