"""kobling links registers that different agencies hold, on keyed pseudonyms, keeps only what a
signed plan needs, and lets nothing out but disclosure-controlled tables.

The flow, and who runs what:

* the key custodian: `LinkageKey.generate`, `LinkageKey.domain_key`;
* an agency: `identifier_report`, `pseudonymise`, `Extract.write`;
* the linkage unit: `ReleaseKey.generate`, `compare`, `link`, or `link_part` and `merge`;
  `Ledger.read`, `SuppressionReport.read`, `explain`;
* anyone: `synthesise`, `rehearse`, `inspect`.

Whatever is refused is a `kobling.Error`, with the file, source, table, column, row, rule and
help as attributes, and never a value of a row, an identifier or a key.
"""

from ._agency import identifier_report, pseudonymise
from ._anyone import inspect, rehearse, synthesise
from ._audit import Audit, SuppressedFigure, SuppressionReport
from ._compare import Comparison
from ._database import Query
from ._errors import (
    CancelledError,
    ConsumedError,
    Error,
    ExtractError,
    FileError,
    Finding,
    IdentifierError,
    LedgerError,
    LinkageError,
    NotPermittedError,
    PlanError,
    ProtectionError,
    RowsError,
    SynthesisError,
    TooLargeError,
    WrongKeyError,
)
from ._explain import ChangedCell, Explanation, OtherTable, explain
from ._kobling import (
    DomainKey,
    Extract,
    LinkageKey,
    Plan,
    Release,
    ReleaseKey,
    Table,
    __version__,
)
from ._ledger import Ledger, LedgerEntry, LedgerTable
from ._progress import Progress
from ._report import ExtractReport, ValueCounts
from ._unit import compare, link, link_part, merge

__all__ = [
    "Audit",
    "CancelledError",
    "Comparison",
    "ChangedCell",
    "ConsumedError",
    "DomainKey",
    "Error",
    "Explanation",
    "Extract",
    "ExtractError",
    "ExtractReport",
    "FileError",
    "Finding",
    "IdentifierError",
    "Ledger",
    "LedgerEntry",
    "LedgerError",
    "LedgerTable",
    "LinkageError",
    "LinkageKey",
    "NotPermittedError",
    "OtherTable",
    "Plan",
    "PlanError",
    "Progress",
    "ProtectionError",
    "Query",
    "Release",
    "ReleaseKey",
    "RowsError",
    "SuppressedFigure",
    "SuppressionReport",
    "SynthesisError",
    "Table",
    "TooLargeError",
    "ValueCounts",
    "WrongKeyError",
    "__version__",
    "compare",
    "explain",
    "identifier_report",
    "inspect",
    "link",
    "link_part",
    "merge",
    "pseudonymise",
    "rehearse",
    "synthesise",
]
