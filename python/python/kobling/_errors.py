"""Why an operation refused: names sources, columns, rows and rules, never values."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with a plan, and where.

    Attributes
    ----------
    path : tuple of str
        The keys that lead to the place, such as ``("source", "tax", "columns")``.
    line, column : int or None
        The place in the plan's text, from 1, if it was read from text.
    rule : str
        What is wrong.
    help : str or None
        What to do about it.
    """

    path: tuple[str, ...]
    line: int | None
    column: int | None
    rule: str
    help: str | None


class Error(Exception):
    """Why an operation refused.

    Its text is the place, the rule and help; each can be had by itself. It never holds a
    value of a row, an identifier, a pseudonym or a key.

    Attributes
    ----------
    file : pathlib.Path or None
        The file or folder that it happened in; ``memory`` of rows that were in none.
    source : str or None
        The source (register), by its name in the plan.
    table : str or None
        The table, by its name in the plan.
    column : str or None
        The column: of a register by the name that it has there; several are separated by
        commas.
    row : int or None
        The row, counting rows of data from 1; in a spreadsheet the number that it shows.
    rule : str
        The rule that was broken, without the place and without help.
    help : str or None
        What to do about it.
    """

    def __init__(
        self,
        message: str,
        *,
        file: Path | None = None,
        source: str | None = None,
        table: str | None = None,
        column: str | None = None,
        row: int | None = None,
        rule: str | None = None,
        help: str | None = None,
    ) -> None:
        super().__init__(message)
        self.file = file
        self.source = source
        self.table = table
        self.column = column
        self.row = row
        self.rule = message if rule is None else rule
        self.help = help


class PlanError(Error):
    """The plan is not well-formed, or its checks found something.

    Attributes
    ----------
    findings : tuple of Finding
        All that is wrong with it; empty if the plan is right, and was asked for what it has
        not.
    """

    def __init__(
        self,
        message: str,
        *,
        file: Path | None = None,
        source: str | None = None,
        table: str | None = None,
        column: str | None = None,
        row: int | None = None,
        rule: str | None = None,
        help: str | None = None,
        findings: list[Finding] | None = None,
    ) -> None:
        super().__init__(
            message,
            file=file,
            source=source,
            table=table,
            column=column,
            row=row,
            rule=rule,
            help=help,
        )
        self.findings = tuple(findings or ())


class NotPermittedError(Error):
    """The plan does not allow this now: outside its dates, or not approved."""


class WrongKeyError(Error):
    """A key or key file is wrong, damaged, or readable by others."""


class RowsError(Error):
    """The rows of a register cannot be read as the plan declares them."""


class IdentifierError(Error):
    """An identifier does not fit, and the plan says ``invalid = "fail"``."""


class ExtractError(Error):
    """An extract is damaged, forged, or made under another plan or key."""


class LinkageError(Error):
    """The extracts do not make up the linkage that the plan describes."""


class TooLargeError(Error):
    """A figure is too large to be held exactly."""


class ProtectionError(Error):
    """A release cannot be protected as the plan asks, or it cannot be shown that it is."""


class LedgerError(Error):
    """The ledger is damaged, cut, forged, of another project or key, or has a newer entry."""


class FileError(Error):
    """A file could not be read or written, or is there already."""


class SynthesisError(Error):
    """A synthetic population cannot be made up as it was asked for."""


class CancelledError(Error):
    """Whoever watches the progress had it cancelled: nothing of it is left."""


class ConsumedError(Error):
    """What is used up by a verb was used before, and is gone."""


# They are the package's own, wherever they are written.
for _class in [Finding, Error, *Error.__subclasses__()]:
    _class.__module__ = "kobling"
