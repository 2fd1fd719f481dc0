"""Which licences the package names, and the texts that come with it."""

from __future__ import annotations

from importlib.metadata import distribution

import pytest
from conftest import ROOT

LICENCES = ROOT / "python" / "licences"


def test_the_wheel_names_the_licences_of_all_that_it_holds():
    words = distribution("automaster").metadata["License-Expression"].split()
    assert {"LGPL-2.0-or-later", "LGPL-3.0-only", "MPL-2.0", "BSD-3-Clause", "ISC"} <= set(words), "LAME, Symphonia, libvorbis, musicnn"
    assert words[:4] == ["(MIT", "OR", "Apache-2.0)", "AND"]


def test_every_text_lies_in_the_wheel():
    files = distribution("automaster").files or []
    carried = {file.name: file.locate() for file in files if ".dist-info/licenses/" in str(file)}
    assert carried.keys() == {file.name for file in LICENCES.iterdir()}
    for name, path in carried.items():
        assert path.read_bytes() == (LICENCES / name).read_bytes(), name


@pytest.mark.parametrize("original", ["LICENSE-APACHE", "LICENSE-MIT", "models/musicnn.LICENCE.md"])
def test_a_copy_is_its_original(original):
    source = ROOT / original
    assert (LICENCES / source.name).read_bytes() == source.read_bytes()
