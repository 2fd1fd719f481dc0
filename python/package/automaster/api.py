"""The verbs: measure, suggest, render, master."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from os import PathLike, fspath
from pathlib import Path
from typing import Any, Optional, Union

import numpy as np
import numpy.typing as npt

from . import _automaster
from .errors import UsageError
from .results import Master, Measured, Plan, Proposal, Report

__all__ = ["analyze", "suggest", "render", "master"]

FilePath = Union[str, PathLike[str]]
Audio = Union[FilePath, npt.ArrayLike]
#: A path; a pair (array, rate in Hz); either with a weight behind: (path, 2.0), (array, 44100, 2.0).
Reference = Union[FilePath, tuple[Any, ...]]
#: Called with a step's name (``listen_mix``, ``listen_reference``, ``recognise``, ``propose``, ``render``, ``verify``) and
#: its share that is done, 0 to 1. What it raises stops the job and is raised.
Progress = Callable[[str, float], object]


def _is_path(source: object) -> bool:
    return isinstance(source, (str, PathLike))


def _source(source: Any, rate: Optional[int], name: str) -> Any:
    """A source for the compiled part. An array that is C-contiguous float32 already is not copied."""
    if _is_path(source):
        if rate is not None:
            raise UsageError("rate is for arrays; a file tells its own", 2, "leave rate out")
        return fspath(source)
    if rate is None:
        raise UsageError("an array needs its rate in Hz", 2, "analyze(array, 44100)")
    samples = np.asarray(source)
    if np.issubdtype(samples.dtype, np.integer) or samples.dtype == bool:
        raise UsageError(
            f"samples of {samples.dtype} have no full scale", 2, "scale them to ±1 as floats: x / 32768 for 16 bits"
        )
    samples = np.ascontiguousarray(samples[:, None] if samples.ndim == 1 else samples, dtype=np.float32)
    if samples.ndim != 2 or not 1 <= samples.shape[1] <= 2:
        shape = np.shape(source)
        raise UsageError(f"an array of shape {shape}", 2, "give (frames,) or (frames, channels) with 1 or 2 channels")
    return (name, samples, int(rate))


def _references(references: Union[Reference, Iterable[Reference]]) -> list[tuple[Any, float]]:
    if _is_path(references):
        references = [references]  # type: ignore[list-item]
    taken = []
    for number, one in enumerate(references, start=1):  # type: ignore[arg-type]
        parts = one if isinstance(one, tuple) else (one,)
        audio, rest = parts[0], list(parts[1:])
        rate = None if _is_path(audio) or not rest else rest.pop(0)
        weight = float(rest.pop(0)) if rest else 1.0
        if rest or not 0 < weight < float("inf"):
            raise UsageError(f"reference {number}: {parts[1:]}", 2, "give path, (path, weight), (array, rate) or (array, rate, weight)")
        taken.append((_source(audio, rate, f"reference {number}"), weight))
    return taken


def _options(options: dict[str, Any]) -> str:
    unknown = [name for name in options if name in ("ref", "references", "refs")]
    if unknown:
        raise UsageError(f"{unknown[0]} is not an option here", 2, "give references=")
    given = {name.rstrip("_"): value for name, value in options.items() if value is not None}
    try:
        return json.dumps(given, default=fspath, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise UsageError(f"the options cannot be taken: {error}", 2, "give finite numbers, text, paths, and lists of them") from None


def analyze(
    source: Audio,
    rate: Optional[int] = None,
    *,
    genres: bool = False,
    progress: Optional[Progress] = None,
    threads: Optional[int] = None,
) -> Measured:
    """Measures a file or an array.

    Parameters
    ----------
    source : path, or array of shape (frames,) or (frames, channels)
        The music; arrays in full scale ±1, mono or stereo.
    rate : int, optional
        Sample rate of an array, in Hz.
    genres : bool
        Whether the genres are recognised too.
    progress : callable, optional
        Is told how far the work is; see `Progress`.
    threads : int, optional
        Threads to use: one works alone, more let each stage have its own; the result is the same. Default: one a core.

    Returns
    -------
    Measured

    Raises
    ------
    InputError
        Unreadable, silent, shorter than 0.4 s, not finite.
    UsageError
        An array without a rate, of another shape, or of integers.

    Examples
    --------
    >>> import numpy as np, automaster
    >>> t = np.arange(2 * 48000) / 48000
    >>> sine = 0.1 * np.sin(2 * np.pi * 997 * t)          # −20 dBFS in one of two equal channels
    >>> measured = automaster.analyze(np.stack([sine, sine], axis=1), 48000)
    >>> round(measured.integrated_lufs, 1), round(measured.true_peak_dbtp, 1)
    (-20.0, -20.0)
    """
    return Measured(json.loads(_automaster.measure(_source(source, rate, "mix"), genres, (progress, threads))))


def suggest(
    mix: Audio,
    rate: Optional[int] = None,
    *,
    references: Union[Reference, Iterable[Reference]] = (),
    progress: Optional[Progress] = None,
    threads: Optional[int] = None,
    **options: Any,
) -> Proposal:
    """Proposes a plan for a mix: settings of the whole chain, each with its reason.

    Parameters
    ----------
    mix, rate
        As in `analyze`.
    references : path, or list
        Records that the master should sound like; each a path, ``(path, weight)``, ``(array, rate)`` or
        ``(array, rate, weight)``. None, and no genre: the mix's own genres, recognised.
    **options
        The options of the command line by name, with ``_`` for ``-`` and, where you like, the unit behind:
        ``genre="metal:2,rock"``, ``for_="spotify"``, ``loudness_lufs=-11``, ``ceiling_dbtp=-1``, ``amount_percent=70``,
        ``tone_amount=40``, ``match=["tone", "loudness"]``, ``bits=16``, ``dither="shaped"``, ``sample_rate_hz=48000``,
        ``set={"limiter.release_ms": 80}``, ``force_loudness=True``, ``engine="learned"``, ``instructions="notes.txt"``.

    Returns
    -------
    Proposal

    Raises
    ------
    UsageError, InputError, ModelError
    """
    plan, report = _automaster.suggest(
        _source(mix, rate, "mix"), _references(references), _options(options), (progress, threads)
    )
    return Proposal(Plan(plan), Report.of(report))


def render(
    mix: Audio,
    plan: Union[Plan, Proposal],
    rate: Optional[int] = None,
    *,
    output: Optional[FilePath] = None,
    bits: Union[int, str, None] = None,
    overwrite: bool = False,
    progress: Optional[Progress] = None,
    threads: Optional[int] = None,
) -> Master:
    """Renders a plan, and checks its promises on what it made.

    Parameters
    ----------
    mix, rate
        As in `analyze`.
    plan : Plan or Proposal
        What to do.
    output : path, optional
        Where to write the master, .wav or .flac. Without it, its samples come back.
    bits : 16, 24, 32 or "32f", optional
        Word length instead of the plan's.
    overwrite : bool
        Whether an existing file is replaced.

    Returns
    -------
    Master

    Raises
    ------
    PromiseError
        The master does not keep what the plan promises; nothing is written.
    UsageError, InputError
    """
    plan = plan.plan if isinstance(plan, Proposal) else plan
    words = None if bits is None else str(bits)
    toml, report, audio, rate_hz = _automaster.render(
        _source(mix, rate, "mix"), plan.toml, words, output, overwrite, (progress, threads)
    )
    return Master(Plan(toml), Report.of(report), rate_hz, audio, None if output is None else Path(output))


def master(
    mix: Audio,
    rate: Optional[int] = None,
    *,
    references: Union[Reference, Iterable[Reference]] = (),
    output: Optional[FilePath] = None,
    reports: Iterable[FilePath] = (),
    overwrite: bool = False,
    progress: Optional[Progress] = None,
    threads: Optional[int] = None,
    **options: Any,
) -> Master:
    """Masters a mix: `suggest` and `render` in one; the program's bytes.

    Parameters
    ----------
    mix, rate, references, **options
        As in `suggest`.
    output : path, optional
        Where to write the master, .wav or .flac; ``{stem}`` is the mix's name; a folder takes it under its usual name.
        Without it, its samples come back.
    reports : list of paths
        Reports to write, .html, .md or .json.
    overwrite : bool
        Whether existing files are replaced.

    Returns
    -------
    Master

    Raises
    ------
    UsageError, InputError, PromiseError, ModelError
    """
    if output is not None:
        output = _automaster.destination(fspath(mix) if _is_path(mix) else "mix", output)[0]  # type: ignore[arg-type]
    plan, report, audio, rate_hz = _automaster.master(
        _source(mix, rate, "mix"),
        _references(references),
        _options(options),
        (output, list(reports), overwrite),
        (progress, threads),
    )
    return Master(Plan(plan), Report.of(report), rate_hz, audio, None if output is None else Path(output))
