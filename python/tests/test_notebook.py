"""The example notebook runs."""

from conftest import ROOT


def test_the_notebook_runs(tmp_path):
    import jupytext
    from nbclient import NotebookClient

    notebook = jupytext.read(ROOT / "python/examples/notebook.py")
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(ROOT)}}).execute()
    text = "".join(out.get("text", "") for cell in notebook.cells for out in cell.get("outputs", []))
    assert "loudness_lufs" in text and "kept False" not in text
