"""A METAL session: the state that commands change, and what each of them does."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from gwasmeta.compat.metal_files import MetalFile, processed_file
from gwasmeta.compat.metal_filters import MetalFilter
from gwasmeta.compat.metal_script import COMMANDS, Command, script_lines, understood
from gwasmeta.compat.metal_setters import SETTERS, is_off, positive_number
from gwasmeta.compat.metal_settings import Analysis, GenomicControl, Settings
from gwasmeta.errors import GwasmetaError
from gwasmeta.sumstats.byte_streams import read_stored

_ANALYSES: dict[str, Analysis] = {"HETEROGENEITY": "heterogeneity", "RANDOM": "random"}

Analyzer = Callable[[list[MetalFile], Settings, Analysis, Path], None]


class Session:
    """Carries out the commands of METAL's script language.

    Parameters
    ----------
    analyze : callable
        Combines files and writes the result to a path; see `gwasmeta.compat.metal.analyze`.
    say : callable
        Takes each line of the report.
    """

    def __init__(self, analyze: Analyzer, say: Callable[[str], None]) -> None:
        self.settings = Settings()
        self.files: list[MetalFile] = []
        self.ended = False
        self._analyze, self._say = analyze, say
        self._n_results = 0
        self._n_not_analyzed = 0
        self._open_scripts: list[str] = []
        self._actions: dict[str, Callable[..., None]] = {
            "ADDFILTER": self._add_filter,
            "ALLELELABELS": self._set_alleles,
            "ANALYZE": self._combine,
            "CLEAR": self._clear,
            "CUSTOMVARIABLE": self._create_custom,
            "FLIP": self._flip,
            "GENOMICCONTROL": self._set_genomic_control,
            "HELP": self._help,
            "LABEL": self._label_custom,
            "OUTFILE": self._set_outfile,
            "PROCESSFILE": self._process,
            "QUIT": self._quit,
            "REMOVEFILTERS": self._remove_filters,
            "SOURCE": self.source,
        }

    def source(self, path: str) -> None:
        """Carry out a script.

        Raises
        ------
        GwasmetaError
            At its first error, saying in which line.
        """
        if path in self._open_scripts:
            raise GwasmetaError(f"{path}: is being carried out already, and cannot be a source of itself")
        lines = script_lines(path)
        self._say(f"# Processing commands in {path} ...")
        self._open_scripts.append(path)
        try:
            self.carry_out(lines)
        finally:
            self._open_scripts.pop()

    def carry_out(self, lines: Iterable[tuple[str, str]]) -> None:
        """Carry out lines, each given with where it is, until one ends the script.

        Raises
        ------
        GwasmetaError
            At the first error, saying in which line and of which command.
        """
        for where, line in lines:
            command = understood(line, where)
            if command is not None:
                if command.name == "RETURN":
                    return
                self._do(command)
            if self.ended:
                return

    def _do(self, command: Command) -> None:
        try:
            if command.name in SETTERS:
                self._set(command.name, command.arguments[0])
            else:
                self._actions[command.name](*command.arguments)
        except GwasmetaError as error:
            raise command.error(str(error)) from error

    def finish(self) -> None:
        """Say what the end of the commands leaves undone."""
        if self._n_not_analyzed:
            self._say(f"## NOTE: {self._n_not_analyzed} files are in no result: no ANALYZE follows their PROCESSFILE")

    # --- settings ---

    def _set(self, name: str, word: str) -> None:
        setter = SETTERS[name]
        value = setter.read(word)
        if self.files and setter.common and value != getattr(self.settings, setter.field):
            raise GwasmetaError("this cannot change between the files of one analysis; CLEAR begins another one")
        changed = replace(self.settings, **{setter.field: value})
        if changed.overlap and changed.scheme == "STDERR":
            raise GwasmetaError("OVERLAP corrects sums weighted by sample size; it cannot be used with SCHEME STDERR")
        self.settings = changed
        self._say(f"## {setter.report(value)}")

    def _set_alleles(self, first: str, second: str, *_: str) -> None:
        self.settings = replace(self.settings, allele_1=first, allele_2=second)
        self._say(f"## Set allele headers to {first} and {second} ...")

    def _set_outfile(self, prefix: str, suffix: str, *_: str) -> None:
        self.settings = replace(self.settings, out_prefix=prefix, out_suffix=suffix)
        self._n_results = 0
        self._say(f"## Set output file prefix and suffix to {prefix} and {suffix} ...")

    def _set_genomic_control(self, value: str, *more: str) -> None:
        if value.upper() == "ON":
            control, report = GenomicControl(True), "correction of input statistics enabled"
        elif is_off(value):
            control, report = GenomicControl(), "correction of input statistics disabled"
        elif "LIST".startswith(value.upper()):
            if not more:
                raise GwasmetaError("the file that lists the markers is missing: GENOMICCONTROL LIST FILE")
            n_markers = len(read_stored(more[0]).split())
            if not n_markers:
                raise GwasmetaError(f"{more[0]}: lists no markers")
            control = GenomicControl(True, markers=more[0])
            report = f"correction will be based on {n_markers} markers listed in [{more[0]}]"
        else:
            factor = positive_number(value)
            control, report = GenomicControl(True, factor), f"parameter set to {factor:.3f}"
        self.settings = replace(self.settings, genomic_control=control)
        self._say(f"## Genomic control {report}")

    def _flip(self, *_: str) -> None:
        self.settings = replace(self.settings, flip=not self.settings.flip)
        self._say(f"## All effects will {'' if self.settings.flip else 'not '}be flipped")

    def _add_filter(self, *words: str) -> None:
        try:
            chosen = MetalFilter.of(words)
        except ValueError as error:
            raise GwasmetaError(str(error)) from error
        self.settings = replace(self.settings, filters=(*self.settings.filters, chosen))
        self._say(f"# Added filter based on '{chosen.label}' column")

    def _remove_filters(self, *_: str) -> None:
        self.settings = replace(self.settings, filters=())
        self._say("# Clearing user defined filters ...")

    def _create_custom(self, name: str, *_: str) -> None:
        if self.settings.custom_header(name) is not None:
            self._say(f"## Variable '{name}' already defined")
            return
        if self.files:
            raise GwasmetaError("files have been processed without it; CLEAR begins another analysis")
        self.settings = replace(self.settings, custom=(*self.settings.custom, (name, name)))
        self._say(f"## Created custom variable '{name}'")

    def _label_custom(self, name: str, preposition: str, label: str, *_: str) -> None:
        if not "AS".startswith(preposition.upper()):
            raise GwasmetaError("write it as  LABEL NAME AS LABEL")
        if self.settings.custom_header(name) is None:
            raise GwasmetaError(f"there is no custom variable {name}; CUSTOMVARIABLE creates one")
        custom = ((known, label if known.upper() == name.upper() else old) for known, old in self.settings.custom)
        self.settings = replace(self.settings, custom=tuple(custom))
        self._say(f"## Set header for '{name}' to '{label}'")

    # --- files and results ---

    def _process(self, path: str, *_: str) -> None:
        self._say("#" * 75)
        self._say(f"## Processing file '{path}'")
        file = processed_file(path, self.settings)
        for warning in file.warnings:
            self._say(f"## WARNING: {warning}")
        self.files.append(file)
        self._n_not_analyzed += 1
        self._say("")

    def _combine(self, what: str = "", *_: str) -> None:
        if not self.files:
            raise GwasmetaError("no file has been processed; PROCESSFILE adds one")
        table = Path(f"{self.settings.out_prefix}{self._n_results + 1}{self.settings.out_suffix}")
        self._analyze(self.files, self.settings, _analysis(what), table)
        self._n_results += 1
        self._n_not_analyzed = 0

    def _clear(self, *_: str) -> None:
        self.finish()
        self.files = []
        self._n_not_analyzed = 0
        self.settings = replace(self.settings, filters=(), custom=())
        self._say("## Clearing all stored statistics ...")
        self._say("# Clearing user defined filters ...")

    def _quit(self, *_: str) -> None:
        self.ended = True

    def _help(self, *_: str) -> None:
        settings = self.settings
        current = {name: setter.word(getattr(settings, setter.field)) for name, setter in SETTERS.items()} | {
            "ALLELELABELS": f"{settings.allele_1} {settings.allele_2}",
            "GENOMICCONTROL": str(settings.genomic_control),
            "OUTFILE": f"{settings.out_prefix} {settings.out_suffix}",
        }
        by_group = sorted(COMMANDS, key=lambda rule: rule.group)
        for group, rules in groupby(by_group, key=lambda rule: rule.group):
            self._say(f"# Options for {group} ...")
            for rule in rules:
                setting = f" (setting = {current[rule.name]})" if rule.name in current else ""
                self._say(f"#   {rule.name:<22} {rule.arguments:<28} {rule.meaning}{setting}")
        self._say("# Names may be abbreviated, in any case; lines that begin with # are comments.")


def _analysis(word: str) -> Analysis:
    if not word or word.startswith("#"):
        return "plain"
    for name, analysis in _ANALYSES.items():
        if name.startswith(word.upper()):
            return analysis
    raise GwasmetaError(f"{word} is none of {', '.join(_ANALYSES)}")
