"""The recap on paper: the same sheets, in the reader's language, for the page, the terminal and a workbook."""

from cueroom.sheets.book import book_of
from cueroom.sheets.cells import Book, Sheet, text_of
from cueroom.sheets.workbook import workbook_of

__all__ = ["Book", "Sheet", "book_of", "text_of", "workbook_of"]
