"""What can go wrong: one class for each way in which the program ends."""

from __future__ import annotations

from typing import Optional

__all__ = ["Error", "UsageError", "InputError", "PromiseError", "ModelError", "Interrupted", "UnexpectedError"]


class Error(Exception):
    """A job ended without a result.

    Attributes
    ----------
    message : str
        What is wrong, with the file it is about.
    code : int
        The program's exit code for it.
    hint : str or None
        What to do.
    """

    def __init__(self, message: str, code: int = 1, hint: Optional[str] = None) -> None:
        super().__init__(message, code, hint)
        self.message = message
        self.code = code
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class UsageError(Error, ValueError):
    """Something impossible is asked for: an unknown option, a value out of range, an output that exists. Nothing was done."""


class InputError(Error, ValueError):
    """An input is missing, unreadable, not audio, damaged, silent, too short or not finite."""


class PromiseError(Error):
    """The master did not keep what was promised of it (true peak, loudness, length) and was not delivered."""


class ModelError(Error):
    """A model or profile is missing, damaged or of another version."""


class Interrupted(Error):
    """The job was told to stop; nothing is left of it."""


class UnexpectedError(Error):
    """Something that should not happen: a full disk, a bug."""
