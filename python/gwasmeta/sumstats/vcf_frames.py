"""GWAS-VCF read: the fields of its one sample as columns."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

from gwasmeta.errors import GwasmetaError
from gwasmeta.sumstats.source import TextSource

if TYPE_CHECKING:
    import polars as pl

_SITE = ("CHROM", "POS", "ID", "REF", "ALT")
_FIELDS = ("ES", "SE", "LP", "AF", "NS", "NC", "EZ", "SI")
_SOURCES = {"NS": ("NS", "SS")}  # SS in version 1.0
_ROWS = 1 << 16
_RECORD = ("CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", "SAMPLE")
_RSID = r"(?:^|;)RSID=([^;]+)"


def is_vcf(path: str) -> bool:
    """Say whether a file is a VCF or BCF, compressed or not, by its first bytes."""
    try:
        with open(path, "rb") as file:
            start = file.read(16)
        if start.startswith(b"\x1f\x8b"):
            with gzip.open(path, "rb") as text:
                start = text.read(16)
    except (OSError, EOFError):
        return False  # who opens it to read it says what is wrong
    return start.startswith((b"##fileformat=VCF", b"BCF\2"))


class VcfFrames:
    """A GWAS-VCF as frames of rows, one row for each line, with the columns CHROM, POS, ID, REF, ALT, ES, SE, LP, ...

    Parameters
    ----------
    path : str
        VCF or BCF, plain or compressed, with one sample.

    Raises
    ------
    GwasmetaError
        If it cannot be read, or has no sample or several; if pysam is not installed.

    References
    ----------
    https://github.com/MRCIEU/gwas-vcf-specification
    """

    def __init__(self, path: str) -> None:
        self.path = path
        with self._opened() as file:
            samples = list(file.header.samples)
            self._is_binary = file.format == "BCF"
            declared = set(file.header.formats)
        if len(samples) != 1:
            raise GwasmetaError(
                f"{path}: has {len(samples)} samples ({', '.join(samples[:5])}), and a study is one of them\n"
                f"  Take it out:  bcftools view -s NAME {path} -Oz -o study.vcf.gz"
            )
        self._fields = [name for name in _FIELDS if declared.intersection(_SOURCES.get(name, (name,)))]
        self.header = (*_SITE, *self._fields)

    def collect_schema(self) -> VcfFrames:
        """Return what knows the names of the columns, as a lazy frame does."""
        return self

    def names(self) -> list[str]:
        """Return the names of the columns."""
        return list(self.header)

    def frames(self) -> Iterator[pl.DataFrame]:
        """Read the rows, some ten thousand at a time.

        Raises
        ------
        GwasmetaError
            If the file is damaged, or a line has several alternate alleles.
        """
        for text in self._binary_texts() if self._is_binary else self._texts():
            if text:
                yield self._frame(text)

    def _texts(self) -> Iterator[bytes]:
        """Give lines as they stand in the file: htslib would cut their numbers to the digits of 32 bits."""
        with TextSource(self.path) as source:
            for block in source.blocks():
                yield block.data.tobytes()

    def _binary_texts(self) -> Iterator[bytes]:
        with self._opened() as file:
            records = iter(file)
            while True:
                try:
                    lines = list(map(str, islice(records, _ROWS)))
                except (OSError, ValueError) as error:
                    raise GwasmetaError(f"{self.path}: is damaged, or was not written completely: {error}") from error
                if not lines:
                    return
                yield "".join(lines).encode()

    def _frame(self, text: bytes) -> pl.DataFrame:
        import polars as pl

        rows = pl.read_csv(
            text,
            separator="\t",
            has_header=False,
            new_columns=list(_RECORD),
            schema_overrides=[pl.String] * len(_RECORD),
            quote_char=None,
        )
        several = rows.filter(pl.col("ALT").str.contains(",", literal=True))
        if several.height:
            first = several.row(0, named=True)
            raise GwasmetaError(
                f"{self.path}: {first['CHROM']}:{first['POS']} has several alternate alleles on a line\n"
                f"  Give each a line of its own:  bcftools norm -m - {self.path} -Oz -o study.vcf.gz"
            )
        parts = [self._of_one_format(part) for part in rows.with_row_index("row").partition_by("FORMAT")]
        return pl.concat(parts).sort("row").drop("row")

    def _of_one_format(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Split the sample of rows that all have the same fields."""
        import polars as pl

        keys = rows["FORMAT"][0].split(":")
        values = pl.col("SAMPLE").str.split(":")
        fields = []
        for name in self._fields:
            source = next((source for source in _SOURCES.get(name, (name,)) if source in keys), None)
            field = pl.lit(None, pl.String) if source is None else values.list.get(keys.index(source), null_on_oob=True)
            fields.append(field.replace(".", None).alias(name))
        identifier = pl.when(pl.col("ID") == ".").then(pl.col("INFO").str.extract(_RSID)).otherwise(pl.col("ID"))
        return rows.select("row", "CHROM", "POS", identifier.alias("ID"), "REF", "ALT", *fields)

    @cached_property
    def build_words(self) -> tuple[str, ...]:
        """What the header says of the reference genome: ``##reference`` and the contigs' ``assembly``."""
        with self._opened() as file:
            records = list(file.header.records)
        assemblies = {record.get("assembly", "") for record in records if record.key == "contig"}
        references = {record.value or "" for record in records if record.key == "reference"}
        return tuple(sorted((assemblies | references) - {""}))

    def _opened(self) -> Any:
        try:
            import pysam
        except ImportError:
            raise GwasmetaError(
                f"{self.path}: reading a VCF needs pysam\n  Install it:  pip install 'gwasmeta[vcf]'"
            ) from None
        pysam.set_verbosity(0)  # what htslib would print, the exceptions say
        try:
            return pysam.VariantFile(self.path)
        except (OSError, ValueError) as error:
            raise GwasmetaError(f"{self.path}: cannot be read as VCF: {error}") from error
