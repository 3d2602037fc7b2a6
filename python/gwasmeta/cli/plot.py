"""`gwasmeta plot`: pictures of results and of studies."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from gwasmeta.cli.named_words import named_file, named_words
from gwasmeta.cli.progress import shown_progress
from gwasmeta.errors import GwasmetaError

if TYPE_CHECKING:
    from gwasmeta.sumstats.study import Study

_EXAMPLES = """\
examples:
  gwasmeta plot manhattan height.tsv --out height.png
  gwasmeta plot manhattan old.out --map markers.map --out old.pdf      a result of GWAMA without places
  gwasmeta plot miami height.tsv height.tsv --method fixed,random --out fixed_random.png
  gwasmeta plot qq *.txt.gz --out all_studies.png                      one curve a study
  gwasmeta plot qq height.tsv --by frequency --out height_qq.svg
  gwasmeta plot region height.tsv --at 16:53500000-54200000 --out fto.png
  gwasmeta plot forest height.json --variant rs1421085 --out fto_forest.png
  gwasmeta plot qc cohort1.txt.gz cohort2.regenie.gz cohort3.glm.linear --out checks.png
  gwasmeta plot compare old=METAANALYSIS1.TBL new=height.tsv --p 1e-6 --out old_new.png

Every table that `gwasmeta meta` reads can be drawn: results of gwasmeta, GWAMA, METAL and MTAG, and single studies.
The picture's ending decides its format: .png, .pdf or .svg (whose points are pixels, so that files stay small).
"""


def register(commands: Any) -> argparse.ArgumentParser:
    """Add the command's options."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "plot",
        help="draw Manhattan, Miami, QQ, forest and other plots",
        description="Draw results and studies.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    kinds = parser.add_subparsers(title="pictures", metavar="PICTURE", required=True)
    for add in (
        _add_manhattan,
        _add_miami,
        _add_qq,
        _add_region,
        _add_forest,
        _add_qc,
        _add_frequency,
        _add_heterogeneity,
        _add_volcano,
        _add_compare,
        _add_rg,
        _add_gain,
        _add_maxfdr,
    ):
        add(kinds)
    for kind in kinds.choices.values():
        kind.add_argument("-o", "--out", required=True, metavar="FILE", help="the picture: FILE.png, .pdf or .svg")
        kind.add_argument("--title", help="a heading")
        kind.add_argument("-q", "--quiet", action="store_true", help="print nothing but errors")
        kind.add_argument(
            "--traceback", action="store_true", default=argparse.SUPPRESS, help="show errors with the way to them"
        )
    return parser


def run(options: argparse.Namespace) -> None:
    """Draw what was asked for."""
    from gwasmeta.plots.drawing.style import drawing_library, refuse_unknown_picture, save
    from gwasmeta.sumstats.sink import refuse_impossible

    refuse_unknown_picture(options.out)
    refuse_impossible(options.out)
    drawing_library().switch_backend("agg")  # no screen is needed
    with shown_progress(options.quiet) as progress:
        options.progress = progress
        picture = options.draw(options)
    save(picture, options.out)
    if not options.quiet:
        print(f"written: {options.out}", file=sys.stderr)


# --- along the genome -------------------------------------------------------------------------------------------


def _add_manhattan(kinds: Any) -> None:
    parser = _kind(kinds, "manhattan", "-log10 p along the genome", _draw_manhattan)
    parser.add_argument("table", metavar="TABLE", help="a result or a study")
    _add_reading_options(parser)
    _add_genome_options(parser)


def _draw_manhattan(options: argparse.Namespace) -> Any:
    from gwasmeta.plots import manhattan

    method = options.method
    return manhattan(_table(options, options.table), method=method, title=options.title, **_genome_options(options))


def _add_miami(kinds: Any) -> None:
    parser = _kind(kinds, "miami", "two results, one upwards and one downwards", _draw_miami)
    parser.add_argument("upper", metavar="[NAME=]TABLE", help="drawn upwards")
    parser.add_argument("lower", metavar="[NAME=]TABLE", help="drawn downwards; the same table twice with --method A,B")
    _add_reading_options(parser)
    _add_genome_options(parser)


def _draw_miami(options: argparse.Namespace) -> Any:
    from gwasmeta.plots import miami

    upper, lower = named_file(options.upper), named_file(options.lower)
    methods = _two(options.method)
    tables = _table(options, upper[1]), _table(options, lower[1])
    names = _called(upper[0], tables[0], methods[0]), _called(lower[0], tables[1], methods[1])
    return miami(*tables, methods=methods, names=names, title=options.title, **_genome_options(options))


def _add_region(kinds: Any) -> None:
    parser = _kind(kinds, "region", "one region", _draw_region)
    parser.add_argument("table", metavar="TABLE", help="a result or a study")
    parser.add_argument("--at", required=True, metavar="PLACE", help="16:53500000-54200000, 16:53800954 or rs1421085")
    parser.add_argument("--window", type=float, default=500_000, metavar="BP", help="on either side of one place")
    _add_reading_options(parser)
    _add_line_option(parser)
    parser.add_argument("--highlight", metavar="FILE", help="variants in another colour: their ids")
    parser.add_argument("--map", metavar="FILE", help="places of markers, where the table has none")


def _draw_region(options: argparse.Namespace) -> Any:
    from gwasmeta.plots import region

    return region(
        _table(options, options.table),
        at=options.at,
        method=options.method,
        window=options.window,
        significance=options.significance or None,
        highlight=_ids(options.highlight),
        places=_places(options),
        title=options.title,
    )


def _add_genome_options(parser: argparse.ArgumentParser) -> None:
    _add_line_option(parser)
    parser.add_argument("--suggestive", type=float, default=1e-5, metavar="P", help="dashed line (1e-5); 0 for none")
    parser.add_argument("--no-labels", action="store_true", help="do not name the lead variants")
    parser.add_argument(
        "--labels", metavar="FILE", help="name these variants only: in each line an id, and what to call it (a gene)"
    )
    parser.add_argument(
        "--highlight", metavar="[NAME=]FILE", action="append", default=[], help="variants in another colour: their ids"
    )
    parser.add_argument("--window", type=float, default=500_000, metavar="BP", help="between lead variants (500000)")
    parser.add_argument("--no-break", action="store_true", help="do not break the axis below extreme peaks")
    parser.add_argument(
        "--map",
        metavar="FILE",
        help="places of markers, where the table has none: chromosome, marker, position (GWAMA's map, PLINK's .map)",
    )


def _genome_options(options: argparse.Namespace) -> dict[str, Any]:
    return {
        "significance": options.significance or None,
        "suggestive": options.suggestive or None,
        "labels": _labels(options.labels) if options.labels else not options.no_labels,
        "highlight": {name or "": _ids(path) for name, path in map(named_file, options.highlight)},
        "window": options.window,
        "break_axis": not options.no_break,
        "places": _places(options),
    }


# --- p-values, effects, heterogeneity -----------------------------------------------------------------------------


def _add_qq(kinds: Any) -> None:
    parser = _kind(kinds, "qq", "observed against expected -log10 p, with lambda", _draw_qq)
    parser.add_argument("tables", nargs="+", metavar="[NAME=]TABLE", help="results or studies; a curve for each")
    parser.add_argument("--by", choices=("frequency", "info", "n"), help="classes of variants beside all of them")
    parser.add_argument("--edges", metavar="X[,X...]", help="between the classes, such as 0.01,0.05")
    parser.add_argument("--no-break", action="store_true", help="do not break the axis below very small p-values")
    _add_reading_options(parser)


def _draw_qq(options: argparse.Namespace) -> Any:
    from gwasmeta.plots import qq

    edges = [_number(word, "--edges") for word in options.edges.split(",")] if options.edges else None
    settings = {"method": options.method, "by": options.by, "edges": edges, "break_axis": not options.no_break}
    if len(options.tables) == 1:
        return qq(_table(options, named_file(options.tables[0])[1]), title=options.title, **settings)
    return qq({study.label: study for study in _studies(options, options.tables)}, title=options.title, **settings)


def _add_volcano(kinds: Any) -> None:
    parser = _kind(kinds, "volcano", "-log10 p against the effect", _draw_volcano)
    parser.add_argument("table", metavar="TABLE", help="a result or a study")
    _add_line_option(parser)
    _add_reading_options(parser)


def _draw_volcano(options: argparse.Namespace) -> Any:
    from gwasmeta.plots import volcano

    settings = {"method": options.method, "significance": options.significance or None}
    return volcano(_table(options, options.table), title=options.title, **settings)


def _add_heterogeneity(kinds: Any) -> None:
    parser = _kind(kinds, "heterogeneity", "I2 against -log10 p", _draw_heterogeneity)
    parser.add_argument("table", metavar="TABLE", help="a result with I2: of gwasmeta, GWAMA, METAL or PLINK")
    _add_line_option(parser)
    _add_reading_options(parser)


def _draw_heterogeneity(options: argparse.Namespace) -> Any:
    from gwasmeta.plots import heterogeneity

    settings = {"method": options.method, "significance": options.significance or None}
    return heterogeneity(_table(options, options.table), title=options.title, **settings)


def _add_compare(kinds: Any) -> None:
    parser = _kind(kinds, "compare", "the effects of two results against each other", _draw_compare)
    parser.add_argument("first", metavar="[NAME=]TABLE", help="along the x-axis")
    parser.add_argument("second", metavar="[NAME=]TABLE", help="along the y-axis")
    parser.add_argument(
        "--p", type=float, default=5e-8, metavar="P", help="draw variants that reach it in either (5e-8)"
    )
    _add_reading_options(parser)


def _draw_compare(options: argparse.Namespace) -> Any:
    from gwasmeta.plots import compare

    given = named_file(options.first), named_file(options.second)
    first, second = (_table(options, path) for _, path in given)
    methods = _two(options.method)
    names = _called(given[0][0], first, methods[0]), _called(given[1][0], second, methods[1])
    return compare(first, second, methods=methods, names=names, p=options.p, title=options.title)


# --- studies ------------------------------------------------------------------------------------------------------


def _add_forest(kinds: Any) -> None:
    parser = _kind(kinds, "forest", "one variant across studies", _draw_forest)
    parser.add_argument(
        "studies",
        nargs="+",
        metavar="[NAME=]FILE",
        help="the PREFIX.json of a result, whose studies are read again as they were then; or studies",
    )
    parser.add_argument("--variant", required=True, metavar="ID", help="as in the result's variant_id")
    parser.add_argument("--odds-ratio", action="store_true", help="show exp(effect)")
    _add_study_options(parser)


def _draw_forest(options: argparse.Namespace) -> Any:
    from gwasmeta.meta.sidecar import read_sidecar
    from gwasmeta.plots import forest_of
    from gwasmeta.plots.results import draw_forest

    settings = {"title": options.title, "odds_ratio": options.odds_ratio}
    if len(options.studies) == 1 and options.studies[0].endswith(".json"):
        past = read_sidecar(options.studies[0])
        settings["odds_ratio"] = options.odds_ratio or past.has_odds_ratios
        return draw_forest(past.study_effects([options.variant], options.progress), 0, past.options, **settings)
    return forest_of(_studies(options, options.studies), options.variant, progress=options.progress, **settings)


def _add_qc(kinds: Any) -> None:
    parser = _kind(
        kinds, "qc", "checks of studies: SE-N, lambda-N, effect sizes, rows used, P-Z of each study", _draw_qc
    )
    parser.add_argument("studies", nargs="+", metavar="[NAME=]FILE", help="the studies")
    _add_study_options(parser)


def _draw_qc(options: argparse.Namespace) -> Any:
    from gwasmeta.plots import quality

    return quality(_studies(options, options.studies), title=options.title, progress=options.progress)


def _add_frequency(kinds: Any) -> None:
    parser = _kind(kinds, "frequency", "a study's allele frequencies against others", _draw_frequency)
    parser.add_argument("study", metavar="[NAME=]FILE", help="the study")
    parser.add_argument("--reference", required=True, metavar="TABLE", help="a result or another study")
    parser.add_argument("--tolerance", type=float, default=0.2, metavar="F", help="mark larger differences (0.2)")
    _add_study_options(parser)


def _draw_frequency(options: argparse.Namespace) -> Any:
    from gwasmeta.plots import frequencies_of

    (study,) = _studies(options, [options.study])
    settings = {"tolerance": options.tolerance, "title": options.title, "progress": options.progress}
    return frequencies_of(study, options.reference, **settings)


# --- many traits --------------------------------------------------------------------------------------------------


def _add_rg(kinds: Any) -> None:
    parser = _kind(kinds, "rg", "genetic correlations of the traits of an MTAG run", _draw_rg)
    parser.add_argument("sidecar", metavar="PREFIX.json", help="written by gwasmeta.mtag(...).write(PREFIX)")


def _draw_rg(options: argparse.Namespace) -> Any:
    from gwasmeta.plots import correlation_map
    from gwasmeta.plots.mtag_runs import read_mtag_run

    past = read_mtag_run(options.sidecar)
    return correlation_map(past.names, past.genetic_correlation, title=options.title)


def _add_gain(kinds: Any) -> None:
    parser = _kind(kinds, "gain", "mean chi-squared of each trait before and after MTAG", _draw_gain)
    parser.add_argument("sidecar", metavar="PREFIX.json", help="written by gwasmeta.mtag(...).write(PREFIX)")


def _draw_gain(options: argparse.Namespace) -> Any:
    from gwasmeta.plots import gain
    from gwasmeta.plots.mtag_runs import read_mtag_run

    return gain(read_mtag_run(options.sidecar).gain, title=options.title)


def _add_maxfdr(kinds: Any) -> None:
    parser = _kind(kinds, "maxfdr", "largest false discovery rate over the shares of causal SNPs", _draw_maxfdr)
    parser.add_argument("sidecar", metavar="PREFIX.json", help="written by gwasmeta.mtag(...).write(PREFIX)")
    parser.add_argument("--traits", metavar="TRAIT,OTHER", help="whose rate, and the other axis; the first two")


def _draw_maxfdr(options: argparse.Namespace) -> Any:
    from gwasmeta.plots.mtag_runs import read_mtag_run
    from gwasmeta.plots.results import max_fdr_surface_of

    past = read_mtag_run(options.sidecar)
    traits = options.traits.split(",") if options.traits else list(past.names[:2])
    if len(traits) != 2:
        raise GwasmetaError(f"--traits {options.traits}: write two names with a comma between them")
    return max_fdr_surface_of(past.names, past.omega, past.sigma, past.mean_n, *traits, title=options.title)


# --- what several share -------------------------------------------------------------------------------------------


def _kind(kinds: Any, name: str, what: str, draw: Callable[[argparse.Namespace], Any]) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = kinds.add_parser(name, help=what, description=f"Draw {what}.")
    parser.set_defaults(draw=draw)
    return parser


def _add_reading_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--method",
        type=lambda words: words.replace("-", "_"),
        metavar="NAME",
        help="fixed, random or sample-size, where a table has several",
    )
    _add_study_options(parser)


def _add_study_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dialect", metavar="NAME", help="the format, where it is not recognised")
    parser.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="COLUMN=WORD[,...]",
        help="which of the header's words is a column, such as p_value=P_BOLT_LMM",
    )


def _add_line_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--significance", type=float, default=5e-8, metavar="P", help="line (5e-8); 0 for none")


def _table(options: argparse.Namespace, path: str) -> Study:
    from gwasmeta import Study

    columns = named_words(options.column, "--column", "COLUMN=WORD, such as p_value=P_BOLT_LMM")
    return Study(path, dialect=options.dialect, columns=columns)


def _studies(options: argparse.Namespace, words: Sequence[str]) -> list[Study]:
    from dataclasses import replace

    from gwasmeta.meta.analyze import with_distinct_names

    return with_distinct_names([replace(_table(options, path), name=name) for name, path in map(named_file, words)])


def _two(method: str | None) -> tuple[str | None, str | None]:
    """Return the methods of two tables, of which one or both may be given."""
    names = [name.strip() or None for name in method.split(",")] if method else [None]
    if len(names) > 2:
        raise GwasmetaError(f"--method {method}: there are two tables; write one method, or two with a comma")
    return names[0], names[-1]


def _called(name: str | None, table: Study, method: str | None) -> str:
    """Return what a table is called beside another one."""
    return name or (method.replace("_", " ") if method else table.label)


def _places(options: argparse.Namespace) -> Any:
    if options.map is None:
        return None
    from gwasmeta.compat.gwama_map import MarkerMap

    return MarkerMap(options.map).places


def _labels(path: str) -> dict[str, str]:
    labels = {}
    for line in _lines(path):
        words = line.split(None, 1)
        if words:
            labels[words[0]] = words[-1].strip()
    return labels


def _ids(path: str | None) -> frozenset[str]:
    return frozenset(word for line in _lines(path) for word in line.split()[:1]) if path else frozenset()


def _lines(path: str) -> list[str]:
    from gwasmeta.sumstats.byte_streams import read_stored

    return read_stored(path).splitlines()


def _number(word: str, option: str) -> float:
    try:
        return float(word)
    except ValueError:
        raise GwasmetaError(f"{option} {word}: not a number") from None
