# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # Mastering in a notebook
#
# The mix and the reference are those of `examples/`; any file or array of yours does as well.

# %%
from pathlib import Path

import automaster
import numpy as np

examples = next(folder / "examples" for folder in [Path.cwd(), *Path.cwd().parents] if (folder / "examples/mix.flac").exists())
mix, record = examples / "mix.flac", examples / "reference.flac"

# %% [markdown]
# What do they measure?

# %%
for file in (mix, record):
    heard = automaster.analyze(file)
    print(f"{file.name:16} {heard.integrated_lufs:6.1f} LUFS  {heard.true_peak_dbtp:5.1f} dBTP  LRA {heard.lra_lu:.1f} LU")

# %% [markdown]
# What would be done, and why?

# %%
proposal = automaster.suggest(mix, references=[record])
for decision in proposal.report.decisions[:8]:
    evidence = decision.get("evidence", [])
    why = f"{evidence[0]['feature']}: {evidence[0]['measured']:.1f}, wanted {evidence[0]['target']:.1f}" if evidence else ""
    print(f"{decision['param']:28} {decision['value']:8.2f}   {why}")

# %% [markdown]
# Render it into memory; the samples are a NumPy array.

# %%
done = automaster.render(mix, proposal)
print(done.audio.shape, done.audio.dtype, done.rate_hz)
for promise in done.report.promises:
    print(f"{promise['what']:16} promised {promise['promised']:9.1f}  reached {promise['reached']:9.2f}  kept {promise['kept']}")
assert all(promise["kept"] for promise in done.report.promises)

# %% [markdown]
# A change by words, and how much the master changed.

# %%
warmer = automaster.render(mix, proposal.plan.revised("a bit less treble"))
difference = warmer.audio - done.audio
print(f"difference {20 * np.log10(np.sqrt(np.mean(difference**2))):.1f} dBFS RMS")
assert difference.any()
