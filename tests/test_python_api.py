"""The README's Python runs as it stands there and says what it promises."""

import re
import subprocess
import sys

from pipeline.settings import PROJECT_ROOT

README = (PROJECT_ROOT / "README.md").read_text(encoding="utf-8")


def test_the_python_of_the_readme_finds_frameworks_in_a_text_a_file_and_a_tree(tmp_path) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    clone = tmp_path / "clones" / "model"
    (clone / ".git").mkdir(parents=True)
    (clone / "README.md").write_text("A model.\n")
    (clone / "train.py").write_text("import jax\n")
    (clone / "broken.ipynb").write_text("{")
    (tmp_path / "paper.tex").write_text("\\documentclass{article}\\begin{document}Written in PyTorch.\\end{document}")
    ran = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    text, paper, tree = ran.stdout.splitlines()[:2], ran.stdout.splitlines()[2], sorted(ran.stdout.splitlines()[3:])
    assert text == ["caffe Caffe False", "pytorch PyTorch True"]
    assert paper.startswith("read [('mention', 'pytorch', 'line 1')")
    assert [line for line in tree if "train.py" in line] == ["clones/model train.py read {'jax'}"]
    assert any(line.startswith("clones/model broken.ipynb broken") for line in tree)
