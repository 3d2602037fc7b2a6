"""Fetching a panel: from a server in this process, which can also fail."""

from __future__ import annotations

import gzip
import hashlib
import re
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from gwasmeta.errors import GwasmetaError
from gwasmeta.ldscores import fetch
from gwasmeta.ldscores.fetch import PublishedPanel, default_panel, fetch_panel, published_panel
from gwasmeta.ldscores.panel import read_panel

SCORES = "CHR\tSNP\tBP\tL2\n{0}\trs{0}1\t100\t1.5\n{0}\trs{0}2\t200\t2.5\n"
CONTENTS = {f"{c}.l2.ldscore.gz": gzip.compress(SCORES.format(c).encode()) for c in (1, 2)}
CONTENTS |= {f"{c}.l2.M_5_50": b"2\n" for c in (1, 2)}


class Server:
    """Serves `contents`, and remembers what was asked for."""

    def __init__(self) -> None:
        self.contents = dict(CONTENTS)
        self.cut: set[str] = set()
        self.asked: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                name = self.path.removeprefix("/panel/")
                outer.asked.append(name)
                if name not in outer.contents:
                    self.send_error(404)
                    return
                content = outer.contents[name]
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content[: len(content) // 2] if name in outer.cut else content)

            def log_message(self, *words: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}/panel/"


@pytest.fixture
def server() -> Iterator[Server]:
    pytest.importorskip("pooch")
    served = Server()
    thread = threading.Thread(target=served.http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield served
    served.http.shutdown()
    thread.join()
    served.http.server_close()


@pytest.fixture
def panel(server) -> PublishedPanel:
    checksums = {name: hashlib.sha256(content).hexdigest() for name, content in CONTENTS.items()}
    return PublishedPanel("small", "two chromosomes", server.url, "[1-2].l2.{ldscore.gz,M_5_50}", checksums)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_all_files_are_fetched_and_make_a_panel(server, panel, cache_home):
    done: list[tuple[int, int]] = []
    folder = fetch_panel(panel, progress=lambda *report: done.append(report))
    assert folder.is_relative_to(cache_home)
    assert contents(folder) == CONTENTS
    assert sorted(server.asked) == sorted(CONTENTS)
    assert done == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert read_panel(folder).variant_ids.to_list() == ["rs11", "rs12", "rs21", "rs22"]


def test_what_is_there_and_right_is_not_fetched_again(server, panel, tmp_path):
    folder = fetch_panel(panel, tmp_path / "new" / "panel")
    (folder / "1.l2.M_5_50").unlink()
    (folder / "2.l2.ldscore.gz").write_bytes(CONTENTS["2.l2.ldscore.gz"][:20])
    server.asked.clear()
    fetch_panel(panel, folder)
    assert sorted(server.asked) == ["1.l2.M_5_50", "2.l2.ldscore.gz"]
    assert contents(folder) == CONTENTS
    server.asked.clear()
    fetch_panel(panel, folder)
    assert server.asked == []


def test_a_fetch_that_broke_off_goes_on_where_it_stopped(server, panel, tmp_path):
    server.cut.add("1.l2.ldscore.gz")
    panel = replace(panel, checksums=dict(sorted(panel.checksums.items())))
    with pytest.raises(GwasmetaError, match=r"1\.l2\.ldscore\.gz: cannot be fetched"):
        fetch_panel(panel, tmp_path)
    assert contents(tmp_path) == {"1.l2.M_5_50": b"2\n"}  # nothing of the file that broke off
    server.cut.clear()
    server.asked.clear()
    fetch_panel(panel, tmp_path)
    assert contents(tmp_path) == CONTENTS
    assert "1.l2.M_5_50" not in server.asked


def test_another_content_is_refused_and_the_older_file_stays(server, panel, tmp_path):
    server.contents["1.l2.ldscore.gz"] = b"<html>Log in, please</html>"
    (tmp_path / "1.l2.ldscore.gz").write_bytes(b"older")
    with pytest.raises(
        GwasmetaError, match=r"1\.l2\.ldscore\.gz: what came is not the file that was published"
    ) as refused:
        fetch_panel(panel, tmp_path)
    assert "a page to log in" in str(refused.value)
    assert contents(tmp_path) == {"1.l2.ldscore.gz": b"older"}


def test_a_file_that_the_server_does_not_have_is_told(server, panel, tmp_path):
    del server.contents["1.l2.ldscore.gz"]
    with pytest.raises(GwasmetaError, match=r"1\.l2\.ldscore\.gz: cannot be fetched: 404"):
        fetch_panel(panel, tmp_path)


def test_without_a_network_it_says_what_to_fetch_by_hand_and_where_to_put_it(panel, tmp_path):
    panel = replace(panel, url="http://127.0.0.1:9/panel/")  # nobody answers there
    with pytest.raises(GwasmetaError) as refused:
        fetch_panel(panel, tmp_path)
    message = str(refused.value)
    assert f"{panel.url}1.l2.ldscore.gz: cannot be fetched: Connection refused" in message
    assert "fetch the 4 files" in message
    assert f"'{panel.url}[1-2].l2.{{ldscore.gz,M_5_50}}'" in message
    assert f"put them into {tmp_path}" in message
    for name, content in CONTENTS.items():
        (tmp_path / name).write_bytes(content)
    assert fetch_panel(panel, tmp_path) == tmp_path


def test_a_missing_package_is_named_with_its_remedy(panel, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pooch", None)
    with pytest.raises(
        GwasmetaError, match=r"needs the package pooch.*\n.*install 'gwasmeta\[ldscores\]'\n(.*\n)*.*curl"
    ):
        fetch_panel(panel, tmp_path)


def test_a_folder_that_cannot_be_made_is_told(panel, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(GwasmetaError, match="file/panel: cannot be written: Not a directory"):
        fetch_panel(panel, tmp_path / "file" / "panel")


def test_the_default_panel_is_the_fetched_one(server, panel, monkeypatch):
    monkeypatch.setattr(fetch, "published_panel", lambda name="small": panel)
    with pytest.raises(GwasmetaError, match=r"small \(two chromosomes\) is not there yet\n.*ldscores fetch small"):
        default_panel()
    folder = fetch_panel("small")
    assert default_panel() == folder
    (folder / "2.l2.M_5_50").unlink()
    with pytest.raises(GwasmetaError, match="lacks 1 of its files"):
        default_panel()


def test_the_european_panel_is_known_by_all_its_files():
    panel = published_panel("eur_w_ld_chr")
    assert set(panel.checksums) == {f"{c}.l2.{kind}" for c in range(1, 23) for kind in ("ldscore.gz", "M_5_50")}
    assert all(re.fullmatch("[0-9a-f]{64}", checksum) for checksum in panel.checksums.values())
    assert "/JonJala/mtag/9e17f3cf1fbcf57b6bc466daefdc51fd0de3c5dc/ld_ref_panel/eur_w_ld_chr/" in panel.url
    with pytest.raises(GwasmetaError, match="afr: is no panel that can be fetched; there is eur_w_ld_chr"):
        published_panel("afr")


def test_the_checksums_are_those_of_the_european_panel(european_panel):
    for name, checksum in published_panel().checksums.items():
        assert hashlib.sha256((european_panel / name).read_bytes()).hexdigest() == checksum
