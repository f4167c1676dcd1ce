"""Why a file of rows cannot be read at all; each says what to do next."""

from models.base import _
from services.errors import UserError


class TableUnusableError(UserError):
    """The file as a whole cannot be read as a table."""

    message = _("The file cannot be read as a table. Save it as XLSX or CSV (UTF-8) and choose it again.")


class TableEmptyError(TableUnusableError):
    message = _("The file holds no rows. Choose a file with a table in it.")


class TableFormatUnknownError(TableUnusableError):
    message = _("This is no table that can be read. Choose a CSV, XLSX or XLS file.")


class TableTooLargeError(TableUnusableError):
    message = _("The file is too large to be read: split it into files of at most %(rows)s rows.")


class TableDamagedError(TableUnusableError):
    message = _("The file is damaged or incomplete. Open it in a spreadsheet program, save it again and choose it.")


class TableLockedError(TableUnusableError):
    message = _("The file is protected by a password. Save it without one and choose it again.")


class CellTooLongError(TableUnusableError):
    message = _("Line %(line)s holds a cell of more than %(most)s MB; most likely a closing quote is missing there.")
