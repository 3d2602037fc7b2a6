"""Every way a text table can arrive, and every way it can arrive broken."""

from __future__ import annotations

import bz2
import contextlib
import errno
import functools
import gzip
import hashlib
import io
import itertools
import lzma
import os
import random
import struct
import subprocess
import sys
import threading
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from gwasmeta.errors import GwasmetaError
from gwasmeta.sumstats import byte_streams, line_blocks
from gwasmeta.sumstats.source import LineBlock, TextSource

SHARED = Path(__file__).resolve().parents[3] / "shared"

HEADER = b"SNP\tA1\tA2\tBETA\n"


@functools.cache
def rows(n_rows: int) -> bytes:
    noise = random.Random(20)
    return b"".join(b"rs%d\tA\tG\t%.6f\n" % (row, noise.gauss(0, 1)) for row in range(n_rows))


def read(given_source, **options) -> tuple[TextSource, bytes]:
    """The source after its last block, and the text of all blocks; checks what holds for every block."""
    with TextSource(given_source, **options) as source:
        text, expected_line = b"", None
        for block in source.blocks():
            assert source.checksum == ""
            assert block.data.dtype == np.uint8
            assert block.data.flags.c_contiguous
            assert block.data.flags.writeable
            assert block.data[-1] == ord("\n")
            assert expected_line in (None, block.first_line)
            text += block.data.tobytes()
            expected_line = block.first_line + block.data.tobytes().count(b"\n")
    return source, text


def refusal(given_source, **options) -> str:
    """The message with which the source is refused, at opening or on the way."""
    with pytest.raises(GwasmetaError) as caught:
        read(given_source, **options)
    assert read_ahead_threads() == []
    return str(caught.value)


def read_ahead_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "gwasmeta-read-ahead"]


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    def write(content: bytes, name: str = "study.txt") -> Path:
        (tmp_path / name).write_bytes(content)
        return tmp_path / name

    return write


# --- compression ---


def gzip_of(text: bytes) -> bytes:
    return gzip.compress(text, mtime=0)


def gzip_member_with_every_header_field(text: bytes) -> bytes:
    """A member with extra field, name, comment and header checksum, which isa-l cannot take in pieces."""
    header = b"\x1f\x8b\x08\x1e" + bytes(5) + b"\xff" + struct.pack("<H", 6) + b"AB\x02\x00xy" + b"n\0c\0"
    header += struct.pack("<H", zlib.crc32(header) & 0xFFFF)
    deflate = zlib.compressobj(wbits=-15)
    return header + deflate.compress(text) + deflate.flush() + struct.pack("<II", zlib.crc32(text), len(text))


def bgzip_of(text: bytes) -> bytes:
    """Many members with the extra field of bgzip, and its empty last one."""
    members = []
    for piece in [text[start : start + 5000] for start in range(0, len(text), 5000)] + [b""]:
        deflate = zlib.compressobj(wbits=-15)
        body = deflate.compress(piece) + deflate.flush()
        extra = b"BC\x02\x00" + struct.pack("<H", 12 + 6 + len(body) + 8 - 1)
        members.append(b"\x1f\x8b\x08\x04" + bytes(5) + b"\xff" + struct.pack("<H", len(extra)) + extra + body)
        members.append(struct.pack("<II", zlib.crc32(piece), len(piece)))
    return b"".join(members)


def bzip2_of(text: bytes) -> bytes:
    return bz2.compress(text, 1)  # in blocks of 100 kB: the text of a cut one is lost


def xz_of(text: bytes) -> bytes:
    return lzma.compress(text, preset=0)


def zstd_of(text: bytes) -> bytes:
    return zstandard.ZstdCompressor(write_checksum=True).compress(text)


def zip_of(text: bytes, compression: int = zipfile.ZIP_DEFLATED, names: tuple[str, ...] = ("t.txt",)) -> bytes:
    archive_bytes = io.BytesIO()
    with zipfile.ZipFile(archive_bytes, "w", compression) as archive:
        for name in names:
            archive.writestr(name, text)
    return archive_bytes.getvalue()


COMPRESS = {
    "plain": bytes,
    "gzip": gzip_of,
    "gzip, all header fields": gzip_member_with_every_header_field,
    "bgzip": bgzip_of,
    "bzip2": bzip2_of,
    "xz": xz_of,
    "zstd": zstd_of,
    "zip": zip_of,
    "zip, bzip2 inside": lambda text: zip_of(text, zipfile.ZIP_BZIP2),
    "zip, stored": lambda text: zip_of(text, zipfile.ZIP_STORED),
}
MEMBERS = {"gzip": gzip_of, "bzip2": bzip2_of, "xz": xz_of, "zstd": zstd_of}


@pytest.mark.parametrize("compress", COMPRESS.values(), ids=COMPRESS)
@pytest.mark.parametrize("misleading_name", ["study.txt", "study.gz", "study.zip"])
def test_compression_is_recognised_by_content(file, compress, misleading_name):
    data = rows(20_000)  # more text than a probe, a stored chunk and many blocks
    stored = compress(HEADER + data)
    source, text = read(file(stored, misleading_name), block_size=10_000)
    assert text == data
    assert source.header == ("SNP", "A1", "A2", "BETA")
    assert source.checksum == hashlib.sha256(stored).hexdigest()


@pytest.mark.parametrize("compress", MEMBERS.values(), ids=MEMBERS)
def test_members_in_a_row_are_one_text(file, compress):
    data = rows(20_000)
    pieces = [HEADER + data[:7], b"", data[7:200_001], data[200_001:]]
    assert read(file(b"".join(map(compress, pieces))))[1] == data


@pytest.mark.parametrize("header_bytes_before", [1, 5, 11, 15, 19, 24])
def test_a_gzip_header_may_straddle_the_chunks_in_which_the_file_is_read(file, header_bytes_before):
    def stored_member(length: int) -> bytes:
        deflate = zlib.compressobj(0, wbits=31)  # level 0: its size follows from the text's
        return deflate.compress(HEADER + b"x" * length + b"\n") + deflate.flush()

    size = byte_streams.STORED_CHUNK - header_bytes_before
    length = size - (len(stored_member(size - 60)) - (size - 60))
    first, second = stored_member(length), gzip_member_with_every_header_field(rows(1))
    assert len(first) == size
    assert read(file(first + second))[1] == b"x" * length + b"\n" + rows(1)


def test_zero_padding_after_a_gzip_member_is_not_garbage(file):
    assert read(file(gzip_of(HEADER + b"a\tb\tc\t1\n") + bytes(300_000)))[1] == b"a\tb\tc\t1\n"


def test_zstd_may_begin_with_a_skippable_frame(file):
    skippable = b"\x50\x2a\x4d\x18" + struct.pack("<I", 4) + b"size"
    assert read(file(skippable + zstd_of(HEADER + b"a\tb\tc\t1\n")))[1] == b"a\tb\tc\t1\n"


def test_text_that_begins_like_bzip2_is_text(file):
    source, _ = read(file(b"BZh9 P\nrs1 0.5\n"))
    assert source.header == ("BZh9", "P")


def test_highly_compressible_zstd_is_handed_out_whole(file):
    data = b"rs1\tA\tG\t0.5\n" * 1_000_000
    assert read(file(zstd_of(HEADER + data)), block_size=1 << 20)[1] == data


@pytest.mark.parametrize("compress", MEMBERS.values(), ids=MEMBERS)
@pytest.mark.parametrize("lost", [1, 3, 1000, 200_000])
def test_a_truncated_file_says_so_and_after_which_line(file, compress, lost):
    text = HEADER + rows(60_000)
    stored = compress(text)
    message = refusal(file(stored[:-lost]), block_size=20_000)
    assert "study.txt: ends in the middle of its compressed data after line " in message
    assert ": was the transfer complete?" in message
    line = int(message.split("after line ")[1].split(":")[0])
    assert 1 < line <= text.count(b"\n")
    if lost <= 3:  # all but what the last piece of the compression holds, at most 128 kB of zstd
        assert line > text.count(b"\n") - 8_000


def test_a_truncation_between_whole_lines_is_located_exactly(file):
    text = HEADER + rows(30_000)
    deflate = zlib.compressobj(wbits=31)
    stored = deflate.compress(text) + deflate.flush(zlib.Z_SYNC_FLUSH)
    assert f"after line {text.count(bytes([10]))}:" in refusal(file(stored), block_size=5_000)


@pytest.mark.parametrize("compress", MEMBERS.values(), ids=MEMBERS)
def test_a_file_truncated_in_its_first_line_says_so(file, compress):
    stored = compress(HEADER + rows(10))
    assert "ends in the middle of its compressed data: was the transfer" in refusal(file(stored[:14]))


@pytest.mark.parametrize("compress", MEMBERS.values(), ids=MEMBERS)
def test_a_second_member_cut_within_its_first_bytes_is_truncation(file, compress):
    stored = compress(HEADER + rows(3)) + compress(rows(3))[:2]
    assert "ends in the middle of its compressed data after line 4:" in refusal(file(stored))


@pytest.mark.parametrize(("kind", "compress"), MEMBERS.items(), ids=MEMBERS)
def test_damage_is_named(file, kind, compress):
    stored = bytearray(compress(HEADER + rows(60_000)))
    stored[len(stored) // 2] ^= 0xFF
    message = refusal(file(bytes(stored)))
    assert f"study.txt: its {kind} data are damaged " in message
    assert "fetch it again" in message


@pytest.mark.parametrize("trailer_byte", [-8, -4], ids=["checksum", "length"])
def test_a_wrong_gzip_checksum_or_length_is_damage(file, trailer_byte):
    stored = bytearray(gzip_of(HEADER + rows(1000)))
    stored[trailer_byte] ^= 1
    assert "its gzip data are damaged: Error -6 Incorrect checksum found" in refusal(file(bytes(stored)))


@pytest.mark.parametrize(("kind", "compress"), MEMBERS.items(), ids=MEMBERS)
@pytest.mark.parametrize("garbage", [b"rs1\tA\tG\t1\n", b"\0\0x", b"g"])
def test_what_follows_the_compressed_data_is_not_ignored(file, kind, compress, garbage):
    message = refusal(file(compress(HEADER + rows(3)) + garbage))
    assert f"something that is not {kind} " in message
    assert f" follows its {kind} data after line 4: " in message
    assert "cut off what follows" in message


# --- zip archives ---


def test_a_zip_archive_of_several_files_names_them(file):
    message = refusal(file(zip_of(HEADER, names=("a.txt", "b.txt", "c.txt", "d.txt"))))
    assert "study.txt: is a zip archive of 4 files (a.txt, b.txt, c.txt, ...)" in message
    assert "unpack it" in message


def test_an_empty_zip_archive_is_refused(file):
    assert "is a zip archive of 0 files\n" in refusal(file(zip_of(b"", names=())))


def test_folders_in_a_zip_archive_do_not_count(file):
    stored = zip_of(HEADER, names=("folder/", "__MACOSX/folder/._t.txt", "folder/t.txt"))
    assert read(file(stored))[0].header_line_number == 1


def test_a_spreadsheet_is_called_one(file):
    stored = zip_of(HEADER, names=("[Content_Types].xml", "xl/workbook.xml"))
    assert "Save it as tab-separated text" in refusal(file(stored))


def test_an_encrypted_zip_archive_is_refused(file):
    stored = bytearray(zip_of(HEADER))
    stored[stored.index(b"PK\x01\x02") + 8] |= 1
    assert "is an encrypted zip archive" in refusal(file(bytes(stored)))


def test_an_unknown_zip_method_is_refused(file):
    stored = bytearray(zip_of(HEADER))
    stored[stored.index(b"PK\x01\x02") + 10] = 97
    assert "is a zip archive of a kind that cannot be read" in refusal(file(bytes(stored)))


def test_a_truncated_zip_archive_is_refused(file):
    assert "damaged or incomplete" in refusal(file(zip_of(HEADER + rows(1000))[:-30]))


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA])
def test_damage_in_a_zip_archive_is_named(file, compression):
    stored = bytearray(zip_of(HEADER + rows(60_000), compression))
    stored[len(stored) // 2] ^= 0x15
    assert "its zip data are damaged after line " in refusal(file(bytes(stored)))


def test_a_zip_archive_from_a_pipe_is_refused():
    reading_end, writing_end = os.pipe()
    with open(writing_end, "wb") as pipe:
        pipe.write(zip_of(HEADER))
    with open(reading_end, "rb") as pipe:
        assert "cannot be read from a pipe" in refusal(pipe, name="pipe")


def test_a_zip_archive_in_a_file_object_is_read_and_hashed():
    stored = zip_of(HEADER + rows(5))
    source, text = read(io.BytesIO(stored))
    assert text == rows(5)
    assert source.checksum == hashlib.sha256(stored).hexdigest()


# --- lines and blocks ---

word = st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF, exclude_characters='#"'), min_size=1)
line = st.lists(word, min_size=1, max_size=4).map("\t".join) | st.just("") | st.just("# remark")


@settings(deadline=None)  # starting a thread takes its time on a busy machine
@given(
    lines=st.lists(line, max_size=30),
    preamble=st.integers(0, 3),
    line_end=st.sampled_from([b"\n", b"\r\n"]),
    ends_with_line_end=st.booleans(),
    block_size=st.integers(1, 300),
    kind=st.sampled_from(["plain", "gzip", "bzip2", "xz", "zstd", "zip"]),
)
def test_the_blocks_together_are_the_data(lines, preamble, line_end, ends_with_line_end, block_size, kind):
    above = b"".join(b"## remark %d" % number + line_end for number in range(preamble)) + b"SNP\tP" + line_end
    data = line_end.join(text.encode() for text in lines)
    data += line_end if ends_with_line_end and lines else b""
    source, text = read(io.BytesIO(COMPRESS[kind](above + data)), block_size=block_size)
    assert text == data + (b"" if not data or data.endswith(b"\n") else b"\n")
    assert source.header == ("SNP", "P")
    assert source.header_line_number == preamble + 1


@settings(deadline=None)
@given(st.lists(st.integers(0, 40), min_size=1), st.integers(1, 60))
def test_blocks_are_numbered_whole_and_no_larger_than_need_be(lengths, block_size):
    lines = [b"x" * length + b"\n" for length in lengths]
    first_line_at = dict(zip(itertools.accumulate(map(len, lines), initial=0), range(2, 999), strict=False))
    with TextSource(io.BytesIO(b"SNP P\n" + b"".join(lines)), block_size=block_size) as source:
        start = 0
        for block in source.blocks():
            assert block.first_line == first_line_at[start]
            start += block.data.size
            assert block.data.size <= max(block_size, 2 * max(map(len, lines)))
    assert start == sum(map(len, lines))


def test_blocks_are_filled_to_their_size():
    data = b"rs1 0.5\n" * 10_000
    with TextSource(io.BytesIO(b"SNP P\n" + data), block_size=803) as source:
        sizes = [block.data.size for block in source.blocks()]
    assert set(sizes[:-1]) == {800}


@pytest.mark.parametrize("kind", ["plain", "gzip", "zstd"])
@pytest.mark.parametrize("ends_with_line_end", [True, False])
def test_carriage_returns_alone_become_line_feeds(file, kind, ends_with_line_end):
    data = rows(20_000)
    content = (b"\n## old\n" + HEADER + data).replace(b"\n", b"\r")
    stored = COMPRESS[kind](content if ends_with_line_end else content[:-1])
    source, text = read(file(stored), block_size=1_000)
    assert text == data
    assert source.header == ("SNP", "A1", "A2", "BETA")
    assert source.header_line_number == 3


def test_a_carriage_return_where_the_first_look_ends_does_not_make_it_an_old_mac_file(file):
    header = b"SNP\tP" + b"x" * 65_530 + b"\r\n"
    assert header.index(b"\r") == (1 << 16) - 1
    assert read(file(header + b"a\tb\r\nc\td"))[1] == b"a\tb\r\nc\td\n"


def test_carriage_returns_before_line_feeds_stay(file):
    source, text = read(file(b"SNP P\r\nrs1 0.5\r\n"))
    assert source.header == ("SNP", "P")
    assert text == b"rs1 0.5\r\n"


def test_comments_and_blank_lines_among_the_data_stay(file):
    data = b"\n# remark\n## another\nrs1 0.5\n\n"
    assert read(file(b"SNP P\n" + data))[1] == data


def test_a_line_longer_than_a_block_gets_a_block_that_fits(file):
    data = b"a b\n" + b"x" * 300_000 + b" y\nc d\n"
    assert read(file(b"SNP P\n" + data), block_size=1_000)[1] == data


def test_a_line_without_end_is_refused(file, monkeypatch):
    monkeypatch.setattr(line_blocks, "_LONGEST_LINE", 1 << 20)
    longest = b"x" * ((1 << 20) - 1) + b"\n"
    assert read(file(HEADER + b"a\n" + longest), block_size=1_000)[1] == b"a\n" + longest
    message = refusal(file(HEADER + b"a\n" + b"x" + longest), block_size=1_000)
    assert "study.txt, line 3: is longer than 1 MiB: is this a text table?" in message
    message = refusal(file(b"## remark\n" + b"x" * (2 << 20)), block_size=1_000)
    assert "study.txt, line 2: is longer than 1 MiB: is this a text table?" in message


@pytest.mark.parametrize("block_size", [0, -1])
def test_a_block_size_below_one_byte_is_refused(file, block_size):
    with pytest.raises(ValueError, match="block_size"):
        TextSource(file(HEADER), block_size=block_size)


# --- encodings ---


def test_a_utf8_byte_order_mark_is_dropped(file):
    source, text = read(file(b"\xef\xbb\xbfSNP\tP\nrs1\t0.5\n"))
    assert source.header == ("SNP", "P")
    assert text == b"rs1\t0.5\n"


def test_header_words_may_be_utf8_or_latin1(file):
    assert read(file("SNP\tGröße\n".encode()))[0].header == ("SNP", "Größe")
    assert read(file("SNP\tGröße\n".encode("latin-1")))[0].header == ("SNP", "Größe")


@pytest.mark.parametrize("encoding", ["UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE"])
def test_wide_text_is_refused_with_the_command_that_converts_it(file, encoding):
    text = "SNP\tP\tGröße\tβ\n" + "rs1\t0.5\t1\t2\n" * 9
    message = refusal(file(text.encode(encoding)))
    assert f"is text in {encoding}, not in UTF-8" in message
    assert f"iconv -f {encoding} -t UTF-8 " in message
    marked = "\ufeff" + text
    message = refusal(file(gzip_of(marked.encode(encoding)), "two words.txt"))
    assert f"is text in {encoding[:6]}, not in UTF-8" in message
    assert f"two words.txt' | iconv -f {encoding[:6]} -t UTF-8 > converted.txt" in message
    assert "gzip -dc '" in message


def test_the_command_for_wide_text_converts_it(file, tmp_path):
    path = file("\ufeffSNP\tP\nrs1\t0.5\n".encode("utf-16-le"))
    command = refusal(path).split("Convert it:")[1]
    subprocess.run(command, shell=True, check=True, cwd=tmp_path)
    assert read(tmp_path / "converted.txt")[1] == b"rs1\t0.5\n"


@pytest.mark.parametrize(
    ("content", "line", "found"),
    [
        (b"SNP P\nrs1 0.5\nrs\x002 0.5\n", 3, "a NUL byte"),
        (b"PAR1\x15\x04\x15\x00\x15\n", 1, "a NUL byte"),
        (b"## ok\nS\x1bNP P\nrs1 0.5\n", 2, "the control character 0x1b"),
        (gzip_of(gzip_of(HEADER * 9)), 1, "a NUL byte"),
    ],
)
def test_what_is_not_text_is_refused(file, content, line, found):
    message = refusal(file(content))
    assert f"study.txt, line {line}: is not a text table: it has {found} in it" in message


def test_a_nul_byte_far_down_is_located(file):
    data = rows(20_000).replace(b"rs15000\t", b"rs\x0015000\t")
    message = refusal(file(HEADER + data), block_size=10_000)
    assert "study.txt, line 15002: has a NUL byte in it" in message


# --- the header ---


@pytest.mark.parametrize(
    ("content", "header", "line_number", "separator"),
    [
        (b"\n \n##a\n##b\n\nSNP P\nrs1 1\n", ("SNP", "P"), 6, " "),
        # '#' and a header: PLINK 2, FinnGen, and comments above one
        (b"##x\n#CHROM\tPOS\tID\n1\t2\trs3\n", ("CHROM", "POS", "ID"), 2, "\t"),
        (b"#chrom pos rsid\n\n##x\n1 2 rs3\n", ("chrom", "pos", "rsid"), 1, " "),
        (b"# made by hand, 2 files\n# chrom,pos,rsid\n1,2,rs3\n", ("chrom", "pos", "rsid"), 2, ","),
        # '#' and a comment: METAL, SNPTEST
        (b"# Inverse variance weighted\nSNP P\nrs1 0.5\n", ("SNP", "P"), 2, " "),
        (b"# three words here\nSNP A1 A2\nrs1 A G\n", ("SNP", "A1", "A2"), 2, " "),
        (b"# run 3 of\nSNP A1 P\n1 2 3\n", ("SNP", "A1", "P"), 2, " "),
        (b"# we have 4\n1 2 3 4\n", ("1", "2", "3", "4"), 2, " "),
        (b"# two words\n1 2\n", ("1", "2"), 2, " "),
        (b"# by me today\nSNP 2\nrs1 2\n", ("SNP", "2"), 2, " "),
        (b"# only 3 b\n1 2 3\n", ("1", "2", "3"), 2, " "),
        (b"#CHROM POS ID\n# run by me\n1 2 rs3\n", ("run", "by", "me"), 2, " "),
        # a header and no row
        (b"##x\n#CHROM\tPOS\tID", ("CHROM", "POS", "ID"), 2, "\t"),
        (b"SNP P", ("SNP", "P"), 1, " "),
        # words
        (b'"SNP","A 1" , P \n', ("SNP", "A 1", "P"), 1, ","),
        (b'"#SNP"\t"P"\n', ("SNP", "P"), 1, "\t"),
        (b'"","SNP","P"\n', ("", "SNP", "P"), 1, ","),
        (b"SNP\t\tP\t\n", ("SNP", "", "P", ""), 1, "\t"),
        # separators
        (b"SNP;A1;P,value\n", ("SNP", "A1", "P,value"), 1, ";"),
        (b"SNP;P\n", ("SNP", "P"), 1, ";"),
        (b"SNP,P\n", ("SNP", "P"), 1, ","),
        (b"p value\tn, all;some\n", ("p value", "n, all;some"), 1, "\t"),
        (b"  CHR   SNP  P \t\n 1 rs1 1\n", ("CHR", "SNP", "P"), 1, " "),
    ],
)
def test_the_header_is_found_and_split(file, content, header, line_number, separator):
    source, text = read(file(content))
    assert source.header == header
    assert source.header_line_number == line_number
    assert source.separator == separator
    assert text == b"".join(content.splitlines(keepends=True)[line_number:])


def test_a_preamble_longer_than_the_first_look_is_skipped(file):
    preamble = b"##contig=<ID=chr1,length=248956422>\n" * 10_000
    source, text = read(file(gzip_of(preamble + b"#CHROM POS ID\n1 2 rs3\n")))
    assert source.header == ("CHROM", "POS", "ID")
    assert source.header_line_number == 10_001
    assert text == b"1 2 rs3\n"


def test_a_header_of_one_word_shows_it_and_the_separators_tried(file):
    message = refusal(file(b"\nMarkerName|Effect|" + b"x" * 100 + b"\nrs1|1\n"))
    assert "study.txt, line 2: the header has one word only: 'MarkerName|Effect|xxx" in message
    assert "x" * 61 not in message
    assert "Neither tabs, commas, semicolons nor blanks" in message


def test_a_header_alone_is_an_empty_table(file):
    stored = gzip_of(HEADER)
    source, text = read(file(stored))
    assert text == b""
    assert source.checksum == hashlib.sha256(stored).hexdigest()


@pytest.mark.parametrize("content", [b"## a\n## b\n", b"\n\r\n \n", b"# a remark of some words, without a table", b"#"])
def test_only_a_preamble_is_refused(file, content):
    assert "study.txt: has no header: each of its lines is blank or begins with '#'" in refusal(file(content))


# --- opening ---


def test_an_empty_file_is_refused(file):
    assert "study.txt: is empty (0 bytes)" in refusal(file(b""))


@pytest.mark.parametrize("compress", [*MEMBERS.values(), zip_of])
def test_a_compressed_nothing_is_refused(file, compress):
    assert "study.txt: holds no text" in refusal(file(compress(b"")))


def test_a_missing_file_suggests_names_like_it(file, tmp_path):
    near = file(HEADER, "cohort7.txt.gz")
    file(HEADER, "unlike")
    message = refusal(tmp_path / "cohrt7.txt.gz")
    assert message == f"{tmp_path / 'cohrt7.txt.gz'}: there is no such file\n  Did you mean {near}?"
    assert "has a similar name" in refusal(tmp_path / "zzzzzzzzzzzz")
    assert f"The folder {tmp_path / 'nowhere'} does not exist" in refusal(tmp_path / "nowhere" / "cohort7.txt.gz")


def test_a_missing_file_in_the_current_folder_suggests_names_like_it(file, tmp_path, monkeypatch):
    file(HEADER, "cohort7.txt")
    monkeypatch.chdir(tmp_path)
    assert refusal("cohort8.txt").endswith("Did you mean cohort7.txt?")


def test_a_folder_is_refused(tmp_path):
    assert f"{tmp_path}: is a folder, not a file" in refusal(tmp_path)


def test_a_file_without_permission_is_refused(file, monkeypatch):
    def open_refused(path, *_, **__):
        raise PermissionError(errno.EACCES, "Permission denied", path)

    path = file(HEADER)
    monkeypatch.setattr(byte_streams, "open", open_refused, raising=False)  # root may read everything
    message = refusal(path)
    assert f"{path}: permission denied" in message
    assert "Ask its owner" in message


@pytest.mark.parametrize("path", ["a\0b", "x" * 5000])
def test_an_impossible_path_is_refused(path):
    assert "cannot be opened (" in refusal(path)


def test_names(file, monkeypatch, tmp_path):
    path = file(HEADER)
    assert read(path)[0].name == str(path)
    assert read(path, name="cohort 7")[0].name == "cohort 7"
    assert read(io.BytesIO(HEADER))[0].name == "the given file object"
    with path.open("rb") as stream:
        assert read(stream)[0].name == str(path)
    monkeypatch.chdir(tmp_path)
    assert read("study.txt")[0].name == "study.txt"


def test_standard_input_is_a_minus_sign(tmp_path):
    script = (
        "from gwasmeta.sumstats.source import TextSource\n"
        "with TextSource('-') as source:\n"
        "    size = sum(block.data.size for block in source.blocks())\n"
        "print(source.name, source.header, size, source.checksum)\n"
    )
    stored = gzip_of(HEADER + rows(20_000))
    done = subprocess.run([sys.executable, "-c", script], input=stored, capture_output=True, check=True)
    checksum = hashlib.sha256(stored).hexdigest()
    expected = f"standard input {('SNP', 'A1', 'A2', 'BETA')} {len(rows(20_000))} {checksum}\n"
    assert done.stdout.decode() == expected


@pytest.mark.parametrize("stdin", [None, io.StringIO("SNP P\n")])
def test_standard_input_that_is_not_there_is_refused(stdin, monkeypatch):
    monkeypatch.setattr(sys, "stdin", stdin)
    assert "standard input: is not there" in refusal("-")


# --- file objects ---


def test_a_text_stream_is_refused():
    assert "binary mode" in refusal(io.StringIO("SNP P\n"))


def test_a_file_object_needs_nothing_but_read():
    class OnlyRead:
        def __init__(self, content: bytes) -> None:
            self.read = io.BytesIO(content).read

    assert read(OnlyRead(gzip_of(HEADER + rows(9))))[1] == rows(9)
    assert "cannot be read from a pipe" in refusal(OnlyRead(zip_of(HEADER)))


def test_a_file_object_is_read_from_where_it_stands_and_left_open():
    for compress in (bytes, gzip_of, zip_of):
        stored = compress(HEADER + rows(9))
        stream = io.BytesIO(b"before" + stored)
        stream.seek(6)
        source, text = read(stream)
        assert text == rows(9)
        assert source.checksum == hashlib.sha256(stored).hexdigest()
        assert not stream.closed


def test_short_reads_are_put_together():
    class Slow(io.BytesIO):
        def readinto(self, target):
            return super().readinto(memoryview(target)[:7])

    assert read(Slow(bgzip_of(HEADER + rows(300))), block_size=500)[1] == rows(300)


class _Failing(io.BytesIO):
    """Fails with `error` once `good` bytes have been read."""

    def __init__(self, content: bytes, good: int, error: Exception | None) -> None:
        super().__init__(content)
        self.good, self.error = good, error

    def readinto(self, target):
        if self.tell() >= self.good:
            if self.error is None:
                return None
            raise self.error
        return super().readinto(memoryview(target)[: self.good - self.tell()])


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.EIO, "Input/output error"), "Input/output error"),
        (ValueError("I/O operation on closed file"), "closed file"),
        (None, "non-blocking mode"),
    ],
)
def test_a_failing_stream_says_why_and_after_which_line(error, said):
    lines_1_to_7000 = (HEADER + rows(9_000))[: len(HEADER + rows(6_999))]
    stream = _Failing(HEADER + rows(9_000), len(lines_1_to_7000), error)
    message = refusal(stream, name="cohort", block_size=1_000)
    assert message.startswith("cohort: cannot be read after line 7000: ")
    assert said in message
    assert refusal(_Failing(HEADER, 0, error)).startswith("the given file object: cannot be read: ")


def test_a_failing_disk_below_a_zip_archive_is_not_called_damage(file):
    class FailingZip(io.BytesIO):
        def read(self, size=-1, /):
            if size > 1000 and self.tell() < 10_000:
                raise OSError(errno.EIO, "Input/output error")
            return super().read(size)

    stored = zip_of(HEADER + rows(60_000))
    assert "cannot be read: Input/output error" in refusal(FailingZip(stored))


# --- the background thread, and what is left behind ---


def open_files() -> set[str]:
    paths = set()
    for descriptor in os.listdir("/proc/self/fd"):
        with contextlib.suppress(FileNotFoundError):  # the one through which the folder was listed
            paths.add(os.readlink(f"/proc/self/fd/{descriptor}"))
    return paths


needs_proc = pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="lists open files through /proc")


@needs_proc
def test_files_are_closed_however_reading_ends(file):
    path = file(HEADER + rows(20_000))
    broken = file(HEADER + rows(20_000) + b"\0", "broken.txt")
    no_header = file(b"one\n", "no_header.txt")

    read(path)
    assert "NUL" in refusal(broken)
    refusal(no_header)
    with TextSource(path):
        pass
    with TextSource(path, block_size=100) as source:
        next(source.blocks())
    TextSource(path).close()
    for _ in TextSource(path).blocks():
        pass  # without a context manager: closed after the last block
    assert not open_files() & {str(path), str(broken), str(no_header)}


def test_a_consumer_that_stops_early_ends_the_thread(file):
    path = file(HEADER + rows(50_000))
    for stop in ("break", "close source", "close iterator", "exception"):
        source = TextSource(path, block_size=1_000)
        blocks = source.blocks()
        next(blocks)
        time.sleep(0.05)  # by now the thread is as far ahead as it may be, and waits
        assert len(read_ahead_threads()) == 1
        if stop == "break":
            del blocks
        elif stop == "close source":
            source.close()
        elif stop == "close iterator":
            blocks.close()
        else:
            with pytest.raises(KeyError), source:
                raise KeyError
        assert read_ahead_threads() == []
        assert source.checksum == ""


def test_a_thread_in_the_middle_of_a_block_ends_at_the_next_read():
    class Slowing(io.BytesIO):
        def readinto(self, target):
            if self.tell() < 300_000:
                return super().readinto(target)
            time.sleep(0.002)
            return super().readinto(memoryview(target)[:10])

    with TextSource(Slowing(HEADER + rows(50_000)), block_size=200_000) as source:
        next(blocks := source.blocks())
        time.sleep(0.05)  # by now it waits for the bytes that come slowly
        assert len(read_ahead_threads()) == 1
        blocks.close()
    assert read_ahead_threads() == []


def test_blocks_after_close_are_an_error_and_not_an_end(file):
    source = TextSource(file(HEADER + rows(50_000)), block_size=1_000)
    blocks = source.blocks()
    next(blocks)
    source.close()
    with pytest.raises(ValueError, match="closed before its last block"):
        list(blocks)
    assert source.checksum == ""

    source = TextSource(file(HEADER + rows(10)))
    blocks = source.blocks()
    source.close()
    with pytest.raises(ValueError, match="closed before its last block"):
        list(blocks)


def test_blocks_can_be_read_once(file):
    with TextSource(file(HEADER)) as source:
        assert list(source.blocks()) == []
        with pytest.raises(ValueError, match="once"):
            source.blocks()
    with TextSource(file(HEADER)) as source:
        source.close()
        with pytest.raises(ValueError, match="closed"):
            source.blocks()


def test_at_most_three_blocks_are_read_ahead():
    consumed = 0
    ahead = []

    class Watched(io.BytesIO):
        def readinto(self, target):
            size = super().readinto(target)
            ahead.append(self.tell() // 100_000 - consumed)
            return size

    data = (b"x" * 99 + b"\n") * 20_000  # 20 blocks
    with TextSource(Watched(b"SNP P\n" + data), block_size=100_000) as source:
        for _ in source.blocks():
            time.sleep(0.01)
            consumed += 1
    assert consumed == 20
    assert max(ahead) == 4  # the consumer's own, and three ahead of it


def test_about_four_blocks_are_in_memory_at_a_time():
    block_size = 1 << 20
    data = io.BytesIO(b"SNP P\n" + b"rs1 0.5\n" * (2 << 20))
    tracemalloc.start()
    try:
        with TextSource(data, block_size=block_size) as source:
            for _ in source.blocks():
                time.sleep(0.005)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4.5 * block_size


def test_a_block_stays_as_it_is_while_others_are_read(file):
    with TextSource(file(HEADER + rows(20_000)), block_size=10_000) as source:
        kept: list[LineBlock] = list(source.blocks())
    assert b"".join(block.data.tobytes() for block in kept) == rows(20_000)


def test_a_silent_pipe_does_not_hold_up_a_consumer_that_stops():
    script = (
        "import time\n"
        "from gwasmeta.sumstats.source import TextSource\n"
        "with TextSource('-', block_size=1000) as source:\n"
        "    for block in source.blocks():\n"
        "        if block.first_line > 5000:\n"
        "            time.sleep(0.3)\n"
        "            break\n"
        "print('stopped', flush=True)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdin.write(HEADER + rows(5_100))
        process.stdin.flush()  # and then nothing, with the pipe open
        assert process.wait(timeout=60) == 0
        assert process.stdout.read() == b"stopped\n"
        assert process.stderr.read() == b""


# --- real files ---


def test_the_real_fusion_file_of_magic_is_gzip():
    path = SHARED / "golden" / "meta" / "data_real" / "MAGIC_FUSION_Results.txt.gz"
    if not path.exists():
        pytest.skip(f"the reference results beside the project are missing ({path})")
    source, text = read(path)
    assert source.separator == " "
    assert source.header[:5] == ("CHR", "POS", "SNP", "STRAND", "EFFECT_ALLELE")
    assert HEADER not in text
    whole = gzip.decompress(path.read_bytes())
    assert text == whole[whole.index(b"\n") + 1 :]
    assert source.checksum == hashlib.sha256(path.read_bytes()).hexdigest()
