"""The shapes of a report, as `json.loads` gives it. Made by tools/report_types.py from docs/report.schema.json."""

from __future__ import annotations

import sys
from typing import Literal, Optional, TypedDict, Union

if sys.version_info >= (3, 11):
    from typing import NotRequired
else:
    from typing_extensions import NotRequired


AudioWarning = dict[str, object]
"""A peculiarity of a file that was read or written. Positions and lengths are in seconds."""


Author = Literal['proposed', 'instructions', 'words', 'hand']
"""Who changed a plan."""


ClampRule = Literal['nothing_there', 'largest_move', 'steepness', 'psr_floor', 'punch', 'no_louder', 'fixed_by_person', 'mono_safe', 'range']
"""Why a move is limited."""


Confidence = dict[str, object]
"""How far a value can be relied on."""


Container = Literal['wav', 'flac']
"""File format of the master."""


Defect = dict[str, object]
"""A fault of the signal, with a stable code; worded in `report`."""


Dimension = Literal['loudness', 'tone', 'dynamics', 'width', 'hygiene']
"""What a feature speaks of."""


Dither = Literal['none', 'tpdf', 'shaped']
"""Dither where the word gets shorter."""


Genre = Literal['pop', 'rock', 'metal', 'punk', 'hip-hop', 'rnb-soul', 'funk', 'electronic', 'house-techno', 'ambient', 'folk-acoustic', 'country', 'blues', 'jazz', 'reggae', 'classical-orchestral', 'cinematic']
"""A genre, as musicians and listeners name it."""


GenreSource = Literal['learned', 'convention', 'profile']
"""Where a genre's figures come from."""


MainCause = Literal['group', 'refinement', 'always']
"""What moved a value most."""


SampleFormat = Literal['int16', 'int24', 'int32', 'float32']
"""Word length of the master."""


Source2 = Literal['rules', 'model', 'refinement', 'user']
"""Where a value came from."""


class Analysis(TypedDict):
    """Everything measured of one file."""

    channels: int
    """1 or 2."""
    defects: list["Defect"]
    """Faults of the signal."""
    features_version: int
    """Version of the feature table that these figures belong to."""
    frames: int
    """Length in frames."""
    loud: "Section"
    """The same of the loud sections: what a person compares."""
    loudness: "Loudness"
    """Loudness and peaks of the whole file."""
    sample_rate_hz: int
    """Sample rate in Hz."""
    whole: "Section"
    """Tone, dynamics and image of everything above the loudness gate."""


class Asked(TypedDict):
    """Share of each difference that was to be taken over, 0 (leave it) to 1 (all of it)."""

    dynamics: float
    """Of the difference in dynamics."""
    loudness: float
    """Of the difference in loudness."""
    tone: float
    """Of the difference in tone."""
    width: float
    """Of the difference in width."""


class Attribution(TypedDict):
    """What made a value."""

    causes: NotRequired[list["Cause"]]
    """The feature groups behind the first proposal; the main one first, then by size."""
    confidence: "Confidence"
    """How far this can be relied on."""
    main: "MainCause"
    """What moved it most in the direction that it took."""
    neutral: float
    """The parameter's neutral value."""
    on_target: float
    """What would be proposed were everything on target."""
    others: NotRequired[float]
    """What the groups contribute that `causes` does not list."""
    param: str
    """The parameter that is explained: the decision's own; of a curve, the band that moves most."""
    proposed: float
    """What was proposed at first, from figures alone."""
    refinement: float
    """What auditions of the excerpts added to the first proposal."""
    steered_by: NotRequired[Optional[str]]
    """The feature group that refinement steers this parameter by."""


class BandDynamics(TypedDict):
    """Dynamics of one band."""

    crest_db: float
    """Crest factor: peak over RMS, median over 400 ms windows."""
    p10_dbfs: float
    """10th percentile of the 100 ms level."""
    p95_dbfs: float
    """95th percentile of the 100 ms level."""
    rms_dbfs: float
    """RMS level, left and right together."""
    spread_db: float
    """Spread of the 100 ms level about its mean of the 1.1 s around it: 90th minus 10th percentile. Fader and
    arrangement have little part in it."""


class BandImage(TypedDict):
    """Stereo image of one band."""

    correlation: float
    """Correlation of left and right, −1 to 1."""
    width_db: float
    """Side power over mid power; −60 at the least."""


class Cause(TypedDict):
    """A feature group's part in a value."""

    contribution: float
    """What it adds to the value (Shapley value of the first proposal)."""
    counterfactual: float
    """What would be proposed had this group been on target."""
    group: str
    """Id of the feature group."""
    measured: float
    """What the mix measures: the mean of the group's figures."""
    target: float
    """What it should measure: the target, as far as was asked for and mastering should go."""


Change = TypedDict("Change", {
    "from": NotRequired[Optional[float]],
    "setting": str,
    "to": NotRequired[Optional[float]],
})
"""A setting before and after. `from`: Before, in the registry's coding; none where no loudness was promised.
`setting`: The parameter, or [`LOUDNESS_ID`]. `to`: After."""


class Clamp(TypedDict):
    """A limit that held a move back."""

    freq_hz: NotRequired[Optional[float]]
    """Where in the spectrum, in Hz."""
    rule: "ClampRule"
    """Which rule held it."""
    wanted: float
    """The value that the evidence asked for: in the setting's unit, or where a frequency is given the change of
    tone or width there, in decibels."""


class Concession(TypedDict):
    """Something aimed for that the plan does not reach, on purpose."""

    feature: str
    """Id in the feature table."""
    planned: float
    """What the plan settles for."""
    rule: "ClampRule"
    """Why."""
    wanted: float
    """What was aimed for."""


class Decision(TypedDict):
    """A move and its reason."""

    attribution: NotRequired[Optional["Attribution"]]
    """Which figures made the value, and what would be proposed without them; none where a person set it."""
    clamped: NotRequired[Optional["Clamp"]]
    """Set when a limit held the move back."""
    evidence: NotRequired[list["Evidence"]]
    """What was measured and what it should be."""
    param: str
    """The parameter (`limiter.drive_db`), or a group of parameters that move together (`match_eq.mid`)."""
    source: "Source2"
    """Where the value came from."""
    value: float
    """The value in the parameter's unit; for a group, the value of largest magnitude."""


class Delivery(TypedDict):
    """File format and promises of the master."""

    ceiling_dbtp: float
    """True peak that no sample of the delivered file implies."""
    container: "Container"
    """File format."""
    dither: "Dither"
    """Dither where the word gets shorter."""
    loudness_lufs: NotRequired[Optional[float]]
    """Integrated loudness that is promised within 0.1 LU; none: whatever the chain gives."""
    psr_floor_lu: NotRequired[Optional[float]]
    """Smallest peak to short-term loudness; loudness yields to it. None: loudness is forced."""
    sample_format: "SampleFormat"
    """Word length."""
    sample_rate_hz: int
    """Sample rate in Hz."""


class Entry(TypedDict):
    """A step in a plan's history."""

    by: "Author"
    """Who changed it."""
    change: NotRequired[list["Change"]]
    """What was changed; nothing is listed of a first proposal."""
    said: NotRequired[Optional[str]]
    """The words."""
    when: NotRequired[Optional[str]]
    """When, as the caller gives it; nothing here reads a clock, so that the same job writes the same plan."""


class Evidence(TypedDict):
    """A feature that moved a decision."""

    feature: str
    """Id in the feature table."""
    measured: float
    """What the mix measures."""
    target: float
    """What it should measure."""
    tolerance: float
    """How far off is still right."""


class GainMeter(TypedDict):
    """Statistics of one gain over time."""

    max_db: float
    """Largest gain."""
    mean_db: float
    """Mean over all frames; of a section that is heard on the review page, the mean of its trace."""
    min_db: float
    """Smallest gain (deepest reduction)."""
    name: str
    """Which gain: a band's name, or the stage's."""
    trace_db: NotRequired[list[float]]
    """The gain over time: of each of up to 512 equal parts the value furthest from 0 dB; empty where it never
    moved."""


class GenreShare(TypedDict):
    """A genre and its share."""

    genre: "Genre"
    """The genre."""
    share: float
    """Its share, 0 to 1; the shares of all genres add up to 1."""


class GenreUse(TypedDict):
    """A genre or a profile and its share."""

    evidence_minutes: float
    """Minutes of music that it was learned from; 0 for a convention."""
    name: str
    """Name of the genre or of the profile."""
    source: "GenreSource"
    """Where its figures come from."""
    weight: float
    """Share in the blend, 0 to 1; all shares add up to 1."""


class Loudness(TypedDict):
    """Loudness and peaks (ITU-R BS.1770-5, EBU Tech 3342)."""

    integrated_lufs: float
    """Integrated loudness; −70 where nothing passes the gate."""
    lra_lu: float
    """Loudness range."""
    max_momentary_lufs: float
    """Largest momentary loudness (400 ms)."""
    max_short_term_lufs: float
    """Largest short-term loudness (3 s)."""
    plr_lu: float
    """True peak minus integrated loudness; of one channel as it is heard from two speakers ([`of_two_lu`])."""
    psr_lu: float
    """Peak to short-term loudness: median over the loud windows of (peak in the window − short-term loudness);
    of one channel as it is heard from two speakers ([`of_two_lu`])."""
    sample_peak_dbfs: float
    """Largest sample."""
    true_peak_dbtp: float
    """Largest true peak, at least the sample peak."""


class MasterReport(TypedDict):
    """What came out."""

    analysis: "Analysis"
    """What the written file measures."""
    drive_db: float
    """Drive into the limiter after loudness converged, in dB."""
    file: str
    """The file as it was given."""
    promises: list["Promise"]
    """What was promised and what the file has."""
    stages: list["StageReport"]
    """What each acting stage did."""
    trace: NotRequired["Trace"]
    """The file over time."""
    warnings: NotRequired[list["AudioWarning"]]
    """What was odd about writing it: tags left out, samples clipped."""


class PlanReport(TypedDict):
    """The plan, as far as a reader wants it."""

    concessions: list["Concession"]
    """What was aimed for and deliberately left."""
    decisions: list["Decision"]
    """The moves and their reasons, in the order of the chain."""
    delivery: "Delivery"
    """File format and promises."""
    history: NotRequired[list["Entry"]]
    """How the plan came to be what it is, the oldest step first."""
    notes: NotRequired[dict[str, str]]
    """What a person noted about a setting, by its id."""
    settings: list["Setting"]
    """Every setting that differs from neutral, in the order of the chain."""


class Promise(TypedDict):
    """A hard promise, checked on the written file."""

    kept: bool
    """Whether it is kept."""
    promised: float
    """The promised value."""
    reached: float
    """What the written file has."""
    tolerance: float
    """How far off still keeps the promise."""
    what: str
    """What is promised: `true_peak_dbtp`, `loudness_lufs`, `frames`."""


class ReferenceUse(TypedDict):
    """A reference and its share."""

    file: str
    """File as it was given."""
    weight: float
    """Share in the blend, 0 to 1; all shares add up to 1."""


class Row(TypedDict):
    """One feature before and after."""

    after: NotRequired[Optional[float]]
    """What the master measures; none after a dry run."""
    aim: NotRequired[Optional[float]]
    """What was aimed for: the target, scaled by what was asked; the promise where there is one; none of the
    image where mix or reference is mono, nor of third octaves above where one of them ends."""
    before: float
    """What the mix measures."""
    dimension: "Dimension"
    """What the feature speaks of."""
    feature: str
    """Id in the feature table."""
    inside: NotRequired[Optional[bool]]
    """Whether the master is within the tolerance of the aim."""
    reference: NotRequired[Optional[float]]
    """What the target measures: the references, what is expected of genres or a profile, or both, blended by
    their weights."""
    tolerance: NotRequired[Optional[float]]
    """How far off is still right; none where nothing is to be matched."""
    unit: str
    """Symbol of the unit; empty for plain numbers."""


class Section(TypedDict):
    """Tone, dynamics and image of a set of rows of the timeline."""

    balance_db: float
    """Level of left against right."""
    crest_db: float
    """Crest factor of the full band: peak over RMS, median over windows."""
    duration_s: float
    """Duration in seconds of what was measured."""
    dynamics: list["BandDynamics"]
    """Dynamics per band, low to high."""
    image: list["BandImage"]
    """Image per band, low to high."""
    mono_loss_db: float
    """What is lost when both channels are summed, full band: 0 for mono, 3 for uncorrelated."""
    spectrum: "Spectrum"
    """Long-term spectrum."""
    transients_per_s: float
    """Onsets per second."""


class Setting(TypedDict):
    """A setting of the chain that differs from neutral."""

    param: str
    """Id in the parameter registry."""
    text: str
    """The value for a person, with its unit."""
    value: float
    """The value in the registry's coding: switches 0 or 1, choices their index."""


class Shortfall(TypedDict):
    """Something aimed for and not reached."""

    feature: str
    """Id in the feature table."""
    reached: float
    """What the master has; before a render, what the plan settles for."""
    rule: NotRequired[Optional["ClampRule"]]
    """Why it was left, where that was on purpose."""
    wanted: float
    """What was aimed for."""


class Source(TypedDict):
    """A file that was read, and what it measures."""

    analysis: "Analysis"
    """What was measured."""
    file: str
    """The file as it was given."""
    genres: NotRequired[list["GenreShare"]]
    """The genres that were recognised in it, largest share first; none where that was not asked for."""
    info: "SourceInfo"
    """What the file says of itself."""
    trace: NotRequired["Trace"]
    """The file over time."""
    warnings: NotRequired[list["AudioWarning"]]
    """What was odd about the file."""


class SourceInfo(TypedDict):
    """What a file says of itself."""

    bits: NotRequired[Optional[int]]
    """Word length of integer formats."""
    channels: int
    """1 or 2."""
    format: str
    """Container and codec for a person: `WAV 24-bit`, `Ogg Vorbis`."""
    frames: NotRequired[Optional[int]]
    """Length in frames after gapless trims, where the header tells. A file that holds fewer is truncated; one
    that holds more is read to its end."""
    lossy: bool
    """Whether the codec is lossy."""
    sample_rate_hz: int
    """Sample rate in Hz."""


class Spectrum(TypedDict):
    """Long-term average spectrum in third octaves."""

    centroid_hz: float
    """Power-weighted mean frequency of the mid on the logarithmic axis."""
    mid_dbfs: list[float]
    """Power of the mid, (L+R)/2, in each third octave, dBFS (a full-scale sine in the band reads −3.01)."""
    side_dbfs: list[float]
    """Power of the side, (L−R)/2; −150 where there is none."""
    tilt_db_per_octave: float
    """Slope of the mid from 100 Hz to 10 kHz."""


class StageMeter(TypedDict):
    """What a stage did to the sound, for the report."""

    gains: list["GainMeter"]
    """Gain applied over time, one row for each gain element (`"gain"`, `"low"`, …)."""


class StageReport(TypedDict):
    """What a stage did."""

    meter: "StageMeter"
    """Its gains over time."""
    stage: str
    """Name of the stage, as in parameter ids."""


class Target(TypedDict):
    """The aim: figures of the master, blended from one or more references, or expected by genre."""

    genres: NotRequired[list["GenreUse"]]
    """The genres, or the user's profile, that they come from."""
    has_image: bool
    """Whether the references say anything about the stereo image: a mono reference does not."""
    references: list["ReferenceUse"]
    """The references that they come from."""
    spread: NotRequired[dict[str, float]]
    """How uncertain an expectation is, by feature id, one standard deviation in the feature's unit; empty for
    references."""
    strangeness: NotRequired[Optional[float]]
    """How far the mix lies from the music that was learned from: about 1 for music like it, over 2 for strange
    music."""
    value: "Analysis"
    """The figures to come close to."""


class Trace(TypedDict):
    """Loudness and peaks over time; every list has one value a step, rounded to 0.01."""

    clipped_s: list[float]
    """Where the file touches its flat top, in a file that is clipped: beginnings of steps, in seconds."""
    peak_dbfs: list[float]
    """Largest sample."""
    rms_dbfs: list[float]
    """Level of left and right together."""
    short_term_lufs: list[float]
    """Short-term loudness (3 s) that ends with the step; at the beginning of what there is; −70 at the least."""
    step_s: float
    """Length of a step in seconds: a tenth of a second, or as many as make 600 steps at most."""
    true_peak_dbtp: list[float]
    """Largest true peak that was looked at, at least the sample peak."""


class ReportDict(TypedDict):
    """Everything there is to say about one job."""

    asked: "Asked"
    """Share of each difference that was to be taken over."""
    master: NotRequired[Optional["MasterReport"]]
    """What came out; none after a dry run."""
    mix: "Source"
    """The mix."""
    not_reached: list["Shortfall"]
    """What was aimed for and not reached."""
    plan: "PlanReport"
    """What was proposed."""
    program: str
    """Program and version that made it."""
    references: list["Source"]
    """The references; none where a plan was rendered."""
    rows: list["Row"]
    """Every feature: before, after, aim."""
    schema_version: int
    """Version of this format."""
    target: NotRequired[Optional["Target"]]
    """What the references ask for; none where a plan was rendered."""
