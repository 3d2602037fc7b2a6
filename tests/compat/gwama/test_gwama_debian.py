"""The self-test that Debian ships for GWAMA, with `GWAMA` being two lines that call `gwasmeta gwama`."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

_APPROXIMATE = {"p-value", "_-log10_p-value"}  # GWAMA's are not exact


@pytest.mark.parametrize(("option", "shipped"), [("", "fixed.out"), ("--random", "random.out")])
def test_output_is_what_debian_expects(option: str, shipped: str, golden_meta: Path, tmp_path: Path) -> None:
    shutil.copytree(golden_meta / "data_samples", tmp_path, dirs_exist_ok=True)
    stand_in = tmp_path / "bin" / "GWAMA"
    stand_in.parent.mkdir()
    stand_in.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m gwasmeta gwama "$@"\n')
    stand_in.chmod(0o755)
    command = (
        f'GWAMA --filelist "gwama.in" --quantitative --output "test" {option}'
        ' --name_marker "SNP" --name_ea "EFFECT_ALLELE" --name_nea "NON_EFFECT_ALLELE"'
    )
    path = f"{stand_in.parent}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(["sh", "-e", "-c", command], cwd=tmp_path, env=os.environ | {"PATH": path}, check=True)
    ours, theirs = ((tmp_path / name).read_bytes().decode().split("\n") for name in ("test.out", shipped))
    assert len(theirs) == 14
    assert theirs[-1] == ""
    header = theirs[0].split("\t")
    exact = [place for place, column in enumerate(header) if column not in _APPROXIMATE]
    assert len(exact) == len(header) - 2
    assert ours[0] == theirs[0]
    for our_line, line in zip(ours[:-1], theirs[:-1], strict=True):
        our_words, words = our_line.split("\t"), line.split("\t")
        assert len(our_words) == len(words)
        assert [our_words[place] for place in exact] == [words[place] for place in exact]
    assert ours[-1] == ""
