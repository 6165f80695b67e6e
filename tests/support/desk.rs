//! The linkage unit of one project, with its keys and its ledger: releases one after another.

use std::cell::RefCell;
use std::sync::Arc;

use kobling::protect::{AuditRecord, ConfidentialTables, Protection, SuppressedFigure};
use kobling::{DomainKey, Ledger, Linkage, LinkageKey, Plan, Release, ReleaseKey, Result};

use super::extract;

pub(crate) struct Desk {
    pub(crate) folder: tempfile::TempDir,
    linkage_key: LinkageKey,
    pub(crate) release_key: Arc<ReleaseKey>,
    /// Of the latest release, which recipients do not get.
    pub(crate) report: RefCell<Vec<SuppressedFigure>>,
    /// Of the latest release, what the auditor found; recipients do not get it either.
    pub(crate) audits: RefCell<Vec<AuditRecord>>,
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            linkage_key: LinkageKey::generate().unwrap(),
            release_key: Arc::new(ReleaseKey::generate().unwrap()),
            report: RefCell::default(),
            audits: RefCell::default(),
        }
    }

    pub(crate) fn domain_key(&self, plan: &Plan) -> DomainKey {
        self.linkage_key.domain_key(&plan.domain())
    }

    pub(crate) fn ledger(&self, plan: &Plan) -> Ledger {
        let path = self.folder.path().join("ledger.jsonl");
        Ledger::open(path, plan, &self.release_key).unwrap()
    }

    /// Protection by the release key alone.
    pub(crate) fn protection(&self) -> Protection {
        Protection::new(self.release_key.clone())
    }

    /// The tables of the register `pay`.
    pub(crate) fn tables(
        &self,
        plan: &Plan,
        csv: &str,
        protection: Protection,
    ) -> Result<ConfidentialTables> {
        let extract = extract(plan, &self.domain_key(plan), "pay", csv)?;
        Linkage::new(plan, [extract])?.tabulate(protection)
    }

    /// A release that the ledger knows of, and that knows of the ledger.
    pub(crate) fn release(&self, plan: &Plan, csv: &str) -> Result<Release> {
        let protection = self.protection().ledger(self.ledger(plan));
        let protected = self.tables(plan, csv, protection)?.protect()?;
        let report = protected.suppression_report();
        self.report.replace(report.figures().collect());
        self.audits.replace(report.summary().audits);
        protected.release()
    }

    /// Why the figures of the latest release are suppressed, in its order.
    pub(crate) fn reasons(&self) -> Vec<String> {
        let report = self.report.borrow();
        report.iter().map(|figure| figure.reason.clone()).collect()
    }
}
