"""Masters a finished mix: to a reference, with every move explained and every promise measured.

>>> import automaster
>>> result = automaster.master("mix.wav", references=["favorite.flac"], output="master.wav")  # doctest: +SKIP
>>> result.report.integrated_lufs  # doctest: +SKIP
-9.1
"""

from . import errors, matchering
from ._automaster import __version__
from .api import analyze, master, render, suggest
from .errors import Error, InputError, Interrupted, ModelError, PromiseError, UnexpectedError, UsageError
from .results import Master, Measured, Plan, Proposal, Report

__all__ = [
    "__version__",
    "analyze",
    "errors",
    "master",
    "matchering",
    "render",
    "suggest",
    "Error",
    "InputError",
    "Interrupted",
    "Master",
    "Measured",
    "ModelError",
    "Plan",
    "PromiseError",
    "Proposal",
    "Report",
    "UnexpectedError",
    "UsageError",
]
