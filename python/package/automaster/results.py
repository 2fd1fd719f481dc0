"""What comes back: plain, frozen, pickled like any other value."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Optional, Union, cast

import numpy as np
import numpy.typing as npt

from . import _automaster

if TYPE_CHECKING:
    from os import PathLike

    from .types import Analysis, Decision, Promise, ReportDict, Source

__all__ = ["Measured", "Plan", "Report", "Master", "Proposal"]


@dataclass(frozen=True)
class Measured:
    """What a file or array measures.

    Attributes
    ----------
    data : Source
        Everything, as in the report's `mix`: `info`, `analysis`, `trace`, `genres`.
    """

    data: Source

    @property
    def integrated_lufs(self) -> float:
        """Integrated loudness in LUFS (ITU-R BS.1770-5)."""
        return self.data["analysis"]["loudness"]["integrated_lufs"]

    @property
    def true_peak_dbtp(self) -> float:
        """Largest true peak in dBTP."""
        return self.data["analysis"]["loudness"]["true_peak_dbtp"]

    @property
    def lra_lu(self) -> float:
        """Loudness range in LU (EBU Tech 3342)."""
        return self.data["analysis"]["loudness"]["lra_lu"]

    @property
    def sample_rate_hz(self) -> int:
        """Sample rate in Hz."""
        return self.data["info"]["sample_rate_hz"]

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.data["analysis"]["frames"] / self.sample_rate_hz

    @property
    def genres(self) -> dict[str, float]:
        """Shares of genres, the largest first, adding up to 1; empty where they were not asked for."""
        return {share["genre"]: share["share"] for share in self.data.get("genres", [])}


@dataclass(frozen=True)
class Plan:
    """Every setting of a master, with its reasons: the plan file of the program.

    Attributes
    ----------
    toml : str
        The plan as TOML.
    """

    toml: str

    @classmethod
    def read(cls, path: Union[str, PathLike[str]]) -> Plan:
        """Reads a plan that the program or `write` wrote."""
        return cls(Path(path).read_text(encoding="utf-8"))

    def write(self, path: Union[str, PathLike[str]]) -> None:
        """Writes the plan for `automaster render` or for a person to change."""
        Path(path).write_text(self.toml, encoding="utf-8")

    def revised(self, words: str) -> Plan:
        """The plan changed by words: ``plan.revised("a bit brighter, 1 dB quieter")``. Raises `UsageError` for words that are
        not understood."""
        return Plan(_automaster.revise(self.toml, words)[0])


@dataclass(frozen=True)
class Report:
    """What came in, what was aimed for, what was done and why, what came out.

    Attributes
    ----------
    data : ReportDict
        The report as the program writes it with ``--json``; docs/report.schema.json describes it.
    """

    data: ReportDict

    @classmethod
    def of(cls, text: str) -> Report:
        """Reads a report from JSON."""
        return cls(cast("ReportDict", json.loads(text)))

    @property
    def integrated_lufs(self) -> float:
        """Integrated loudness of the master in LUFS; of the mix, where nothing was rendered."""
        return self._analysis()["loudness"]["integrated_lufs"]

    @property
    def true_peak_dbtp(self) -> float:
        """Largest true peak of the master in dBTP; of the mix, where nothing was rendered."""
        return self._analysis()["loudness"]["true_peak_dbtp"]

    @property
    def decisions(self) -> list[Decision]:
        """The moves and their reasons, in the order of the chain."""
        return self.data["plan"]["decisions"]

    @property
    def settings(self) -> dict[str, float]:
        """Settings of the chain that differ from neutral, by their id in docs/parameters.md."""
        return {setting["param"]: setting["value"] for setting in self.data["plan"]["settings"]}

    @property
    def promises(self) -> list[Promise]:
        """What was promised and what the master has; empty where nothing was rendered."""
        master = self.data.get("master")
        return master["promises"] if master else []

    def _analysis(self) -> Analysis:
        master = self.data.get("master")
        return master["analysis"] if master else self.data["mix"]["analysis"]


@dataclass(frozen=True)
class Proposal:
    """What `suggest` gives: a plan, and the report of it."""

    plan: Plan
    report: Report


@dataclass(frozen=True)
class Master:
    """A master.

    Attributes
    ----------
    plan : Plan
        Its settings.
    report : Report
        What was done and what it measures.
    rate_hz : int
        Its sample rate in Hz.
    audio : ndarray of float32, shape (frames, channels), or None
        Its samples, full scale ±1, exactly those that the file would hold; None where it was written to `path`.
    path : Path or None
        Where it was written.
    """

    plan: Plan
    report: Report
    rate_hz: int
    audio: Optional[npt.NDArray[np.float32]] = None
    path: Optional[Path] = None
