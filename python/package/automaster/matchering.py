"""For scripts that call Matchering: the same call, another engine. docs/from-matchering.md tells what is different.

``import matchering as mg`` becomes ``import automaster.matchering as mg``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from os import PathLike, fspath
from typing import Any, Optional, Union

from . import _automaster
from .api import render, suggest
from .errors import UsageError
from .results import Master

__all__ = ["Result", "log", "pcm16", "pcm24", "process"]

FilePath = Union[str, PathLike[str]]
_BITS = {"PCM_16": "16", "PCM_24": "24", "PCM_32": "32", "FLOAT": "32f"}
_told: dict[str, Callable[[str], object]] = {}


@dataclass(frozen=True)
class Result:
    """A file to write.

    Parameters
    ----------
    file : path
        Where to, .wav or .flac.
    subtype : {"PCM_16", "PCM_24", "PCM_32", "FLOAT"}
        Its words; FLAC holds the first two.
    use_limiter, normalize : bool
        Of Matchering. Only their defaults are taken: this engine's limiter is where its promises are kept, and loudness
        follows the reference.
    """

    file: FilePath
    subtype: str
    use_limiter: bool = True
    normalize: bool = True


def pcm16(file: FilePath) -> Result:
    """A file of 16-bit words."""
    return Result(file, "PCM_16")


def pcm24(file: FilePath) -> Result:
    """A file of 24-bit words."""
    return Result(file, "PCM_24")


def log(
    default_handler: Optional[Callable[[str], object]] = None,
    warning_handler: Optional[Callable[[str], object]] = None,
    info_handler: Optional[Callable[[str], object]] = None,
    debug_handler: Optional[Callable[[str], object]] = None,
    **ignored: Any,
) -> None:
    """Sets who is told what happens, as Matchering's `log` does; codes are not shown."""
    handlers = {"info": info_handler, "warning": warning_handler, "debug": debug_handler}
    _told.clear()
    _told.update({level: handler or default_handler for level, handler in handlers.items() if handler or default_handler})  # type: ignore[misc]


def process(
    target: FilePath,
    reference: FilePath,
    results: Union[Result, FilePath, list[Union[Result, FilePath]]],
    config: Optional[Any] = None,
    preview_target: Optional[Result] = None,
    preview_result: Optional[Result] = None,
    **options: Any,
) -> list[Master]:
    """Masters `target` to sound like `reference`, and writes every one of `results`, replacing what is there.

    Parameters
    ----------
    target : path
        The mix.
    reference : path
        The record.
    results : Result, path, or a list of them
        What to write; a plain path is written with 16-bit words, as Matchering does.
    config, preview_target, preview_result
        Of Matchering; they must be None.
    **options
        Options of `automaster.suggest`.

    Returns
    -------
    list of Master
        Matchering returns nothing; this is what each file measures.
    """
    if config is not None or preview_target is not None or preview_result is not None:
        raise UsageError("Matchering's config and previews are not taken", 2, "see docs/from-matchering.md")
    if isinstance(results, (Result, str, PathLike)):
        results = [results]
    wanted = [one if isinstance(one, Result) else pcm16(one) for one in results]
    if not wanted:
        raise UsageError("there is no result to write", 2, 'results=[pcm24("master.wav")]')
    for one in wanted:
        if one.subtype not in _BITS:
            raise UsageError(f"{fspath(one.file)}: subtype {one.subtype}", 2, f"there are {', '.join(_BITS)}")
        if not (one.use_limiter and one.normalize):
            raise UsageError("use_limiter=False and normalize=False are not taken", 2, "see docs/from-matchering.md")
    _automaster.check_outputs([one.file for one in wanted], [target, reference], True)
    _tell("info", f"listening to {fspath(target)} and {fspath(reference)}")
    proposal = suggest(target, references=[reference], **options)
    masters = []
    for one in wanted:
        _tell("info", f"rendering {fspath(one.file)}")
        masters.append(render(target, proposal, output=one.file, bits=_BITS[one.subtype], overwrite=True))
    _tell("info", "done")
    return masters


def _tell(level: str, text: str) -> None:
    if level in _told:
        _told[level](text)
