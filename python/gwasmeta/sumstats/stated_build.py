"""The build of the genome that a file states: by its format, a VCF's header, or the metadata beside GWAS-SSF."""

from __future__ import annotations

from gwasmeta.sumstats.builds import BUILDS, BuildGuess, standard_build
from gwasmeta.sumstats.dialects import dialect_named
from gwasmeta.sumstats.ssf_metadata import metadata_beside
from gwasmeta.sumstats.study import Study
from gwasmeta.sumstats.vcf_frames import VcfFrames, is_vcf


def stated_build(study: Study, dialect: str) -> BuildGuess | None:
    """Return the build that a study's file states, or that all files of its format have; None if there is neither.

    Raises
    ------
    GwasmetaError
        If the metadata beside it cannot be read.
    """
    known = dialect_named(dialect)
    if known is not None and known.build:
        return BuildGuess(known.build, f"all files of {known.title} have it")
    if study.path is None or study.path == "-":
        return None
    if is_vcf(study.path):
        builds = {standard_build(word) for word in VcfFrames(study.path).build_words} & set(BUILDS)
        return BuildGuess(builds.pop(), "the header of the VCF says so") if len(builds) == 1 else None
    build = standard_build(str(metadata_beside(study.path).get("genome_assembly") or ""))
    return BuildGuess(build, "the metadata beside it say so") if build in BUILDS else None
