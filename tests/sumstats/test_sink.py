"""Output files: whole or not at all, and readable by the tools that their names promise."""

from __future__ import annotations

import errno
import gzip
import io
import os
import random
import shutil
import struct
import subprocess
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gwasmeta.errors import GwasmetaError
from gwasmeta.sumstats.sink import Writable, compressed_text, whole_file

ENDINGS = (".tsv", ".tsv.gz", ".tsv.bgz", ".tsv.zst")
BGZF_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")  # SAM specification, 4.1.2
LARGEST_BLOCK = 0xFF00  # bytes of text in a block, as bgzip cuts them

NOISE = random.Random(7).randbytes(3 * LARGEST_BLOCK + 1)
TEXTS = {
    "nothing": b"",
    "a line": b"rs1\tA\tC\n",
    "a block": b"A" * LARGEST_BLOCK,
    "a block and a byte": b"A" * (LARGEST_BLOCK + 1),
    "noise that no compression makes smaller": NOISE,
    "a large table": b"rs1\t0.123\t1e-8\n" * 200_000,
}


@contextmanager
def text_sink(path: str | os.PathLike[str]) -> Iterator[Writable]:
    """Write one text file as results are written."""
    with whole_file(path) as beside, compressed_text(beside, path) as sink:
        yield sink


@pytest.fixture(autouse=True)
def _no_thread_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) <= before  # however writing ended


def write(path: Path, pieces: list[bytes]) -> Path:
    with text_sink(path) as sink:
        for piece in pieces:
            sink.write(piece)
    return path


def content(path: Path) -> bytes:
    """The text of a file, unpacked as its ending says by an implementation that is not ours."""
    match path.suffix:
        case ".gz" | ".bgz":
            return gzip.decompress(path.read_bytes())
        case ".zst":
            return zstandard.ZstdDecompressor().stream_reader(io.BytesIO(path.read_bytes())).read()
        case _:
            return path.read_bytes()


def bgzf_blocks(stored: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Each block of a BGZF file, as stored and as text; checks every field of the specification."""
    while stored:
        magic_and_flags, _mtime, _xfl, _os, extra_length = stored[:4], stored[4:8], stored[8], stored[9], stored[10:12]
        assert magic_and_flags == b"\x1f\x8b\x08\x04"
        assert extra_length == struct.pack("<H", 6)
        assert stored[12:16] == b"BC\x02\x00"
        size = struct.unpack("<H", stored[16:18])[0] + 1
        block, stored = stored[:size], stored[size:]
        text = zlib.decompress(block[18:-8], wbits=-15)
        assert struct.unpack("<2I", block[-8:]) == (zlib.crc32(text), len(text))
        yield block, text


# --- what is written can be read ------------------------------------------------------------------------


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
@pytest.mark.parametrize("ending", ENDINGS)
def test_what_is_written_is_read_by_others(tmp_path, ending, text):
    assert content(write(tmp_path / f"table{ending}", [text])) == text


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(sizes=st.lists(st.sampled_from([0, 1, 100, LARGEST_BLOCK - 1, LARGEST_BLOCK, LARGEST_BLOCK + 1]), max_size=4))
@pytest.mark.parametrize("ending", ENDINGS)
def test_the_pieces_in_which_text_comes_do_not_matter(tmp_path, ending, sizes):
    pieces = [bytes([65 + number]) * size for number, size in enumerate(sizes)]
    whole, in_pieces = tmp_path / f"whole{ending}", tmp_path / f"pieces{ending}"
    assert content(write(in_pieces, pieces)) == content(write(whole, [b"".join(pieces)])) == b"".join(pieces)


@pytest.mark.skipif(shutil.which("gzip") is None, reason="there is no gzip program")
@pytest.mark.parametrize("ending", [".tsv.gz", ".tsv.bgz"])
def test_the_gzip_program_finds_no_fault(tmp_path, ending):
    stored = write(tmp_path / f"table{ending}", [TEXTS["a large table"], NOISE]).read_bytes()
    unpacked = subprocess.run(["gzip", "-dc"], input=stored, capture_output=True, check=True)
    assert unpacked.stdout == TEXTS["a large table"] + NOISE
    assert unpacked.stderr == b""


@pytest.mark.parametrize("ending", ENDINGS[1:])
def test_compressed_files_are_smaller(tmp_path, ending):
    text = TEXTS["a large table"]
    assert write(tmp_path / f"table{ending}", [text]).stat().st_size < len(text) / 20


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_same_text_makes_the_same_bytes(tmp_path, ending):
    first, second = (write(tmp_path / f"{name}{ending}", [NOISE, NOISE]).read_bytes() for name in ("one", "another"))
    assert first == second
    if ending == ".tsv.gz":
        assert first[4:8] == bytes(4)  # no time of writing
        assert not first[3] & 0b1000  # and no file name


def test_capital_endings_are_endings(tmp_path):
    assert write(tmp_path / "TABLE.TSV.GZ", [b"rs1\n"]).read_bytes()[:2] == b"\x1f\x8b"


# --- bgzip's blocks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_bgz_is_full_blocks_and_the_mark_of_the_end(tmp_path, text):
    stored = write(tmp_path / "table.tsv.bgz", [text]).read_bytes()
    *blocks, last = bgzf_blocks(stored)
    assert last == (BGZF_END, b"")
    assert b"".join(text for _, text in blocks) == text
    assert all(len(block) <= 1 << 16 for block, _ in blocks)
    sizes = [len(text) for _, text in blocks]
    assert all(size == LARGEST_BLOCK for size in sizes[:-1])
    assert all(0 < size <= LARGEST_BLOCK for size in sizes)  # an empty one in the middle would be an end


def test_bgz_blocks_can_be_read_from_where_an_index_points(tmp_path):
    stored = write(tmp_path / "table.tsv.bgz", [NOISE]).read_bytes()
    first, second = list(bgzf_blocks(stored))[:2]
    assert gzip.decompress(stored[len(first[0]) :]) == NOISE[LARGEST_BLOCK:]
    assert second[1] == NOISE[LARGEST_BLOCK : 2 * LARGEST_BLOCK]


# --- whole or not at all ----------------------------------------------------------------------------------


@pytest.fixture(params=[".tsv", ".tsv.gz", ".tsv.bgz", ".tsv.zst"])
def older(request, tmp_path) -> Path:
    """A file that stands where the new one shall."""
    path = tmp_path / f"table{request.param}"
    path.write_bytes(b"older")
    return path


def assert_only_the_older_file(older: Path) -> None:
    assert os.listdir(older.parent) == [older.name]
    assert older.read_bytes() == b"older"


def test_the_older_file_stays_until_the_new_one_is_whole(older):
    with text_sink(older) as sink:
        sink.write(NOISE)
        assert older.read_bytes() == b"older"
    assert content(older) == NOISE
    assert os.listdir(older.parent) == [older.name]


@pytest.mark.parametrize("interruption", [ValueError("a fault"), KeyboardInterrupt(), GwasmetaError("theirs")])
def test_nothing_is_left_of_a_file_that_was_not_finished(older, interruption):
    with pytest.raises(type(interruption)) as caught, text_sink(older) as sink:  # noqa: PT012
        sink.write(NOISE)
        raise interruption
    assert caught.value is interruption
    assert_only_the_older_file(older)


def test_a_file_has_the_rights_that_any_new_file_has(tmp_path):
    (tmp_path / "usual").touch()
    path = write(tmp_path / "table.tsv", [b"rs1\n"])
    assert path.stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_a_path_may_be_text_and_relative(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with text_sink("table.tsv") as sink:
        sink.write(b"rs1\n")
    assert os.listdir() == ["table.tsv"]


def test_the_name_handed_out_is_beside_the_target(tmp_path):
    with whole_file(tmp_path / "table.parquet") as beside:
        assert beside.parent == tmp_path  # on the same disk, or it could not be renamed
        assert beside.name != "table.parquet"
        beside.write_bytes(b"new")
    assert (tmp_path / "table.parquet").read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["table.parquet"]


# --- what stands in the way --------------------------------------------------------------------------------


class FullDisk(io.RawIOBase):
    """A file on a disk with room for so many bytes."""

    def __init__(self, path: Path, room: int) -> None:
        self._file = path.open("wb", buffering=0)
        self._room = room

    def writable(self) -> bool:
        return True

    def write(self, data) -> int:
        self._room -= len(data)
        if self._room < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return self._file.write(data) or 0

    def close(self) -> None:
        self._file.close()
        super().close()


@pytest.fixture
def disk_with_room(monkeypatch) -> Callable[[int], None]:
    """Let files that are opened for writing from now on take up to so many bytes."""
    usual = Path.open

    def fill(room: int) -> None:
        def opened(path, mode="r", buffering=-1, **options):
            if "w" not in mode:
                return usual(path, mode, buffering, **options)
            with monkeypatch.context() as inside:
                inside.setattr(Path, "open", usual)
                raw = FullDisk(path, room)
            return io.BufferedWriter(raw, buffering if buffering > 1 else io.DEFAULT_BUFFER_SIZE)

        monkeypatch.setattr(Path, "open", opened)

    return fill


@pytest.mark.parametrize("room", [0, 100, 100_000])
def test_a_full_disk_is_said_and_leaves_nothing(older, disk_with_room, room):
    disk_with_room(room)
    with pytest.raises(GwasmetaError) as caught, text_sink(older) as sink:  # noqa: PT012
        for _ in range(10):
            sink.write(NOISE)
    assert str(caught.value).startswith(f"{older}: cannot be written: No space left on device")
    assert_only_the_older_file(older)


def test_a_full_disk_that_shows_when_the_file_is_closed_is_noticed(older, disk_with_room):
    disk_with_room(3)
    with pytest.raises(GwasmetaError, match="No space left on device"), text_sink(older) as sink:
        sink.write(b"rs1\n")  # waits in a buffer
    assert_only_the_older_file(older)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(GwasmetaError) as caught, text_sink(tmp_path / "results" / "table.tsv"):
        pass
    folder = tmp_path / "results"
    assert str(caught.value) == f"{folder / 'table.tsv'}: there is no folder {folder}; create it first"
    assert os.listdir(tmp_path) == []


def test_a_folder_that_has_the_name_of_the_file_stays(tmp_path):
    (tmp_path / "table.tsv").mkdir()
    with pytest.raises(GwasmetaError, match=r"table\.tsv: cannot be written: Is a directory"):
        write(tmp_path / "table.tsv", [b"rs1\n"])
    assert os.listdir(tmp_path) == ["table.tsv"]
    assert os.listdir(tmp_path / "table.tsv") == []


def test_a_file_in_place_of_the_folder_is_said(tmp_path):
    (tmp_path / "results").touch()
    with pytest.raises(GwasmetaError, match=r"results/table\.tsv: there is no folder .*results"):
        write(tmp_path / "results" / "table.tsv", [b"rs1\n"])
    assert os.listdir(tmp_path) == ["results"]


def test_a_name_that_is_too_long_is_said(tmp_path):
    with pytest.raises(GwasmetaError, match=r"x\.tsv: cannot be written: File name too long"):
        write(tmp_path / ("x" * 296 + ".tsv"), [b"rs1\n"])
    assert os.listdir(tmp_path) == []


def test_the_longest_name_there_can_be_is_not_too_long(tmp_path):
    path = tmp_path / ("x" * (os.pathconf(tmp_path, "PC_NAME_MAX") - 4) + ".tsv")
    assert write(path, [b"rs1\n"]).read_bytes() == b"rs1\n"


def test_a_folder_without_permission_is_said(older, monkeypatch):
    def refused(*_):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(Path, "replace", refused)
    with pytest.raises(GwasmetaError, match=r"cannot be written: Permission denied"):
        write(older, [b"rs1\n"])
    assert_only_the_older_file(older)
