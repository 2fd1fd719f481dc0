"""The compiled part: plain values in, text and samples out. Use the functions of `automaster`."""

from os import PathLike
from typing import Callable, Optional, Union

import numpy as np
import numpy.typing as npt

_Path = Union[str, PathLike[str]]
_Samples = npt.NDArray[np.float32]
_Source = Union[_Path, tuple[_Path, _Samples, int]]
_Call = tuple[Optional[Callable[[str, float], object]], Optional[int]]

__version__: str

def measure(source: _Source, genres: bool, call: _Call) -> str: ...
def suggest(mix: _Source, references: list[tuple[_Source, float]], options: str, call: _Call) -> tuple[str, str]: ...
def master(
    mix: _Source,
    references: list[tuple[_Source, float]],
    options: str,
    target: tuple[Optional[_Path], list[_Path], bool],
    call: _Call,
) -> tuple[str, str, Optional[_Samples], int]: ...
def render(
    mix: _Source, plan: str, bits: Optional[str], output: Optional[_Path], overwrite: bool, call: _Call
) -> tuple[str, str, Optional[_Samples], int]: ...
def check_outputs(outputs: list[_Path], inputs: list[_Path], overwrite: bool) -> None: ...
def destination(mix: _Path, output: Optional[_Path]) -> list[str]: ...
def revise(plan: str, words: str) -> tuple[str, str]: ...
