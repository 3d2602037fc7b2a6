"""How each tool names its columns: one declaration a tool, no code.

A new tool is a new entry in `DIALECTS`; `gwasmeta.sumstats.header` finds the entry that a header belongs to. What a
declaration can say is in `declaration`; formulas for columns that a tool does not write are in
`gwasmeta.sumstats.derived`.
"""

from __future__ import annotations

from gwasmeta.sumstats.dialects.archives import FINNGEN, GWAS_VCF, HARMONISED, SSF, UKB_NEALE
from gwasmeta.sumstats.dialects.declaration import Derived, Dialect, RowSelector, SideFile
from gwasmeta.sumstats.dialects.meta_analyses import (
    DANER,
    GWAMA,
    GWAMA_OUT,
    LDSC,
    METAL,
    METAL_OUT,
    MR_MEGA_OUT,
    MTAG,
    MTAG_OUT,
)
from gwasmeta.sumstats.dialects.mixed_models import (
    BOLT,
    FASTGWA,
    GCTA,
    GEMMA,
    REGENIE,
    REGENIE_HTP,
    REGENIE_NO_SPLIT,
    RVTESTS,
    SAIGE,
    SAIGE_0,
)
from gwasmeta.sumstats.dialects.oxford import BGENIE, META, SNPTEST
from gwasmeta.sumstats.dialects.plink import (
    PLINK2,
    PLINK_ASSOC,
    PLINK_LINEAR,
    PLINK_LOGISTIC,
    PLINK_META,
    PLINK_QASSOC,
)

__all__ = ["DIALECTS", "Derived", "Dialect", "RowSelector", "SideFile", "dialect_named"]

DIALECTS: tuple[Dialect, ...] = (
    GWAMA,
    GWAMA_OUT,
    METAL,
    METAL_OUT,
    META,
    MR_MEGA_OUT,
    MTAG,
    MTAG_OUT,
    SSF,
    HARMONISED,
    LDSC,
    PLINK_ASSOC,
    PLINK_QASSOC,
    PLINK_LINEAR,
    PLINK_LOGISTIC,
    PLINK_META,
    PLINK2,
    SNPTEST,
    REGENIE,
    REGENIE_NO_SPLIT,
    REGENIE_HTP,
    SAIGE,
    SAIGE_0,
    BOLT,
    FASTGWA,
    GCTA,
    GEMMA,
    BGENIE,
    RVTESTS,
    FINNGEN,
    UKB_NEALE,
    DANER,
    GWAS_VCF,
)


def dialect_named(name: str) -> Dialect | None:
    """Return the declaration of this name; None if there is none, as for "custom" and "synonyms"."""
    return next((dialect for dialect in DIALECTS if dialect.name == name), None)
