"""Small files as people have them, and what each must give."""

from __future__ import annotations

from tests.files.corpus.case import ADA, LIN, MO, Case
from tests.files.corpus.columns import COLUMNS, HEADERS, VALUES
from tests.files.corpus.delimited import DIALECTS, ENCODINGS, ODD_CELLS, ROWS
from tests.files.corpus.workbooks import WORKBOOKS

CORPUS = [*ENCODINGS, *DIALECTS, *ODD_CELLS, *ROWS, *HEADERS, *COLUMNS, *VALUES, *WORKBOOKS]

__all__ = ["ADA", "CORPUS", "LIN", "MO", "Case"]
