"""What comes out, for files and for arrays, and what is refused."""

from __future__ import annotations

import json
import os
import pickle
import threading
import time
from pathlib import Path

import automaster
import numpy as np
import pytest
from automaster import InputError, PromiseError, UsageError
from conftest import RATE, ROOT


def test_an_array_measures_what_its_file_measures(mix, examples):
    heard = automaster.analyze(mix, RATE)
    assert heard.duration_s == pytest.approx(2.5) and heard.sample_rate_hz == RATE
    assert -40 < heard.integrated_lufs < -5 and heard.lra_lu >= 0
    assert automaster.analyze(mix.astype(np.float64), RATE) == heard
    assert automaster.analyze(np.asfortranarray(mix), RATE) == heard
    mono = automaster.analyze(mix[:, 0], RATE)
    assert mono.data["info"]["channels"] == 1
    file = automaster.analyze(examples / "reference.flac")
    assert file.data["file"].endswith("reference.flac") and file.genres == {}


def test_samples_come_back_that_keep_the_promises(mix, reference):
    before = mix.copy()
    done = automaster.master(mix, RATE, references=[(reference, RATE)], loudness_lufs=-16, ceiling_dbtp=-1)
    assert np.array_equal(mix, before), "the mix is not touched"
    assert done.audio is not None and done.audio.shape == mix.shape and done.audio.dtype == np.float32
    assert done.rate_hz == RATE and done.path is None
    again = automaster.analyze(done.audio, RATE)
    assert again.integrated_lufs == pytest.approx(-16, abs=0.11)
    assert again.true_peak_dbtp <= -0.95
    assert all(promise["kept"] for promise in done.report.promises)
    assert done.report.decisions and done.report.settings
    # The words of the plan are 24 bits: nothing between two of them comes back.
    assert np.array_equal(done.audio * 2**23, np.round(done.audio * 2**23))


def test_the_same_bytes_in_one_step_or_two_with_any_number_of_threads(mix, reference, tmp_path):
    one = automaster.master(mix, RATE, references=[(reference, RATE)], output=tmp_path / "one.flac", threads=1)
    proposal = automaster.suggest(mix, RATE, references=[(reference, RATE, 1.0)], threads=3)
    automaster.render(mix, proposal, RATE, output=tmp_path / "two.flac", threads=2)
    assert (tmp_path / "one.flac").read_bytes() == (tmp_path / "two.flac").read_bytes()
    assert one.path == tmp_path / "one.flac" and one.audio is None
    assert one.plan.toml.replace('container = "flac"', 'container = "wav"') == proposal.plan.toml
    samples = automaster.render(mix, proposal.plan, RATE, bits="32f").audio
    assert samples is not None and samples.shape == mix.shape


@pytest.mark.skipif("AUTOMASTER" not in os.environ, reason="AUTOMASTER does not name the program")
def test_the_programs_own_bytes_on_the_examples(examples, tmp_path):
    import subprocess

    program = Path(os.environ["AUTOMASTER"]).resolve()
    command = [program, "mix.flac", "--ref", "reference.flac", "-o", tmp_path / "program.wav", "--quiet"]
    subprocess.run(command, cwd=examples, check=True)
    here = Path.cwd()
    os.chdir(examples)
    try:
        automaster.master(
            "mix.flac", references=["reference.flac"], output=tmp_path / "python.wav", reports=[tmp_path / "python.json"]
        )
    finally:
        os.chdir(here)
    assert (tmp_path / "program.wav").read_bytes() == (tmp_path / "python.wav").read_bytes()
    theirs, ours = (json.loads((tmp_path / name).read_text()) for name in ("program.report.json", "python.json"))
    theirs["master"]["file"] = ours["master"]["file"]
    assert theirs == ours


def test_errors_are_of_a_tree_and_survive_pickling(mix, tmp_path):
    with pytest.raises(InputError, match="no such file") as caught:
        automaster.analyze(tmp_path / "none.wav")
    assert caught.value.code == 3 and isinstance(caught.value, automaster.Error)
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (type(copy), copy.message, copy.code, copy.hint) == (InputError, caught.value.message, 3, caught.value.hint)
    with pytest.raises(InputError, match="silent"):
        automaster.analyze(np.zeros((RATE, 2), np.float32), RATE)
    with pytest.raises(InputError, match="finite"):
        automaster.analyze(np.full((RATE, 2), np.nan, np.float32), RATE)
    for wrong, words in [
        (lambda: automaster.analyze(mix), "needs its rate"),
        (lambda: automaster.analyze(mix.T, RATE), r"shape \(2, "),
        (lambda: automaster.analyze((mix * 32767).astype(np.int16), RATE), "int16"),
        (lambda: automaster.analyze("a.wav", RATE), "a file tells its own"),
        (lambda: automaster.suggest(mix, RATE, loudness=-90), "LUFS from -40 to -3"),
        (lambda: automaster.suggest(mix, RATE, loudnes=-9), "no option loudnes"),
        (lambda: automaster.suggest(mix, RATE, genre="rock", loudness=float("nan")), "cannot be taken"),
        (lambda: automaster.suggest(mix, RATE, genre="rock", instructions=os.fsdecode(b"caf\xe9.txt")), "cannot be taken"),
        (lambda: automaster.suggest(mix, RATE, references=[(mix, RATE, -1.0)]), "reference 1"),
        (lambda: automaster.master(mix, RATE, genre="rock", output=tmp_path / "a.mp3"), "not written as .mp3"),
    ]:
        with pytest.raises(UsageError, match=words):
            wrong()
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten_without_being_told(mix, tmp_path):
    kept = tmp_path / "kept.wav"
    kept.write_bytes(b"precious")
    with pytest.raises(UsageError, match="exists already"):
        automaster.master(mix, RATE, genre="rock", output=kept)
    assert kept.read_bytes() == b"precious"
    automaster.master(mix, RATE, genre="rock", output=kept, overwrite=True)
    assert kept.stat().st_size > 100_000
    # A report that is there is seen before the master is written.
    report = tmp_path / "kept.html"
    report.write_bytes(b"precious")
    with pytest.raises(UsageError, match="exists already"):
        automaster.master(mix, RATE, genre="rock", output=tmp_path / "new.wav", reports=[report])
    assert sorted(tmp_path.iterdir()) == [report, kept] and report.read_bytes() == b"precious"


def test_nothing_replaces_what_it_is_made_from(mix, reference, tmp_path):
    import automaster.matchering as mg

    song, record = tmp_path / "song.wav", tmp_path / "record.wav"
    for file, audio in ((song, mix), (record, reference)):
        automaster.render(audio, automaster.suggest(audio, RATE, amount=0, loudness=-20), RATE, output=file)
    notes = tmp_path / "notes.md"
    notes.write_text("brighter", encoding="utf-8")
    plan = automaster.suggest(song, references=[record]).plan
    before = {file: file.read_bytes() for file in tmp_path.iterdir()}
    for wrong in [
        lambda: automaster.master(song, references=[record], output=song, overwrite=True),
        lambda: automaster.master(song, references=[record], output=record, overwrite=True),
        lambda: automaster.master(song, genre="rock", instructions=notes, output=tmp_path / "x.wav", reports=[notes], overwrite=True),
        lambda: automaster.render(song, plan, output=song, overwrite=True),
        lambda: mg.process(song, record, [mg.pcm16(tmp_path / "x.wav"), mg.pcm16(song)]),
        lambda: mg.process(song, record, [mg.pcm16(record)]),
    ]:
        with pytest.raises(UsageError, match="is read and would be written"):
            wrong()
    assert {file: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_a_promise_that_cannot_be_kept_is_an_error_and_leaves_nothing(tmp_path):
    # One click in near silence cannot be loud under its ceiling.
    click = np.full((4 * RATE, 2), 1e-3, np.float32) * np.random.default_rng(1).uniform(-1, 1, (4 * RATE, 2)).astype(np.float32)
    click[2 * RATE] = 0.9
    with pytest.raises(PromiseError):
        automaster.master(click, RATE, genre="rock", loudness_lufs=-5, force_loudness=True, output=tmp_path / "a.wav")
    assert list(tmp_path.iterdir()) == []


def test_progress_is_told_and_may_stop_the_work(mix):
    told = []
    automaster.master(mix, RATE, genre="rock", progress=lambda step, done: told.append((step, done)))
    assert told and all(0 <= done <= 1 for _, done in told)
    assert {step for step, _ in told} <= {"listen_mix", "listen_reference", "recognise", "propose", "render", "verify"}

    class Enough(Exception):
        pass

    def stop(step, done):
        raise Enough(step)

    with pytest.raises(Enough):
        automaster.master(np.tile(mix, (8, 1)), RATE, genre="rock", progress=stop)


def test_the_interpreter_runs_on_meanwhile(mix):
    counted, over = [0], threading.Event()

    def count():
        while not over.is_set():
            counted[0] += 1
            time.sleep(0.001)

    thread = threading.Thread(target=count)
    thread.start()
    before = counted[0]
    begun = time.perf_counter()
    automaster.master(mix, RATE, genre="rock", threads=1)
    took, during = time.perf_counter() - begun, counted[0] - before
    over.set()
    thread.join()
    assert during > 20 * took, f"{during} turns in {took:.2f} s"


def test_results_are_pickled_and_plans_are_files(mix, reference, tmp_path):
    done = automaster.master(mix, RATE, references=[(reference, RATE)], tone_amount=50)
    copy = pickle.loads(pickle.dumps(done))
    assert copy.plan == done.plan and copy.report == done.report and np.array_equal(copy.audio, done.audio)
    done.plan.write(tmp_path / "plan.toml")
    plan = automaster.Plan.read(tmp_path / "plan.toml")
    quieter = automaster.render(mix, plan.revised("1 dB quieter"), RATE)
    assert quieter.report.integrated_lufs == pytest.approx(done.report.integrated_lufs - 1, abs=0.2)
    with pytest.raises(UsageError, match="not in the vocabulary"):
        plan.revised("more purple")


def test_matcherings_call(mix, reference, tmp_path):
    import automaster.matchering as mg

    for name, audio in (("mix", mix), ("ref", reference)):
        automaster.render(audio, automaster.suggest(audio, RATE, amount=0, loudness=-20), RATE, output=tmp_path / f"{name}.wav")
    told = []
    mg.log(told.append)
    target, record = tmp_path / "mix.wav", tmp_path / "ref.wav"
    results = [mg.pcm16(tmp_path / "m16.wav"), mg.pcm24(tmp_path / "m24.flac"), mg.Result(tmp_path / "m.wav", "FLOAT")]
    masters = mg.process(target=target, reference=record, results=results)
    mg.log()
    assert [one.report.data["plan"]["delivery"]["sample_format"] for one in masters] == ["int16", "int24", "float32"]
    # A master's plan is the one that it was rendered by.
    assert automaster.render(target, masters[1].plan, output=tmp_path / "again.flac").path.read_bytes() == (
        tmp_path / "m24.flac"
    ).read_bytes()
    assert 'container = "flac"' in masters[1].plan.toml and "int16" in masters[0].plan.toml
    assert told[0].startswith("listening") and told[-1] == "done"
    same = automaster.master(target, references=[record], output=tmp_path / "same.flac")
    assert same.path.read_bytes() == (tmp_path / "m24.flac").read_bytes()
    with pytest.raises(UsageError, match="from-matchering"):
        mg.process(target, record, [mg.Result(tmp_path / "x.wav", "PCM_16", use_limiter=False)])


def test_the_shapes_of_reports_are_those_of_the_schema():
    import importlib.util

    spec = importlib.util.spec_from_file_location("types_tool", ROOT / "python/tools/report_types.py")
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    assert tool.MADE.read_text(encoding="utf-8") == tool.page(), "run python/tools/report_types.py"


def test_the_packages_docstrings_are_true():
    import doctest
    import importlib

    tried = 0
    for name in ("automaster", "automaster.api", "automaster.results", "automaster.errors", "automaster.matchering"):
        outcome = doctest.testmod(importlib.import_module(name))
        assert outcome.failed == 0, name
        tried += outcome.attempted
    assert tried >= 4
