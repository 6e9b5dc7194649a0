"""How much of the Python that people write in workflows is compiled? Writes docs/language.md.

Each feature of ``language/features.toml`` has a probe: a few lines that use it. They are compiled
when the page is written, so that it cannot claim what is not so.
"""

import html
import sys
import tempfile
import textwrap
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from vivido import DefinitionError, Workflow
from vivido.compiler import LoadedFile, compile_file
from vivido.testing import simulate

DOCS = Path(__file__).parent
PAGE = DOCS / "language.md"
SOURCES = DOCS / "language"
MODULE = "language_probes"
TITLES = {
    "operation": "Operations",
    "python": "Python inside workflows",
    "also": "Also needed by some",
}
HEAD = """\
<!-- Written by docs/generate_language.py from docs/language/: do not edit. -->

# What Python is compiled

A workflow is compiled from its source. These tables list what 256 real orchestrators of seven
other engines use, in how many of a hundred of them (*all*), and the mean over six of the engines
(*mean*), so that one with many samples does not count for more. The lines beside each feature were
compiled when this page was written; where they are refused, the code of the finding stands there.
*Later* means that the definition is there and the engine does not run it yet.
"""
SUM = """\
## How many real programs get through

The same orchestrators were asked what each of them needs besides the commonest features. The
features are added one after another, the one that lets the most programs through first. A feature
that is refused takes away what it would add; one of the tables above that is not named below would
take away its share of all.
"""


@dataclass(frozen=True)
class Feature:
    """One feature: what was counted, and lines that use it; see ``features.toml``."""

    name: str
    code: str
    share: float | None = None
    mean: float | None = None
    outside: bool = False

    def source(self, probe: str) -> str:
        """Return a workflow of that name with these lines."""
        keyword = "async def" if "await " in self.code or "async " in self.code else "def"
        body = textwrap.indent(self.code.replace("this_workflow", probe), "    ")
        return f"@workflow\n{keyword} {probe}(order: Order, n: int = 3):\n{body}"


@dataclass(frozen=True)
class Gain:
    """`percent` of the programs need nothing beyond these features and those of earlier gains."""

    percent: int
    needs: tuple[str, ...]


@dataclass(frozen=True)
class Survey:
    """All features in their groups, the gains, and what came of the probes.

    `refused` has the codes of the findings by feature; `later` names what the engine cannot run.
    """

    groups: Mapping[str, Sequence[Feature]]
    gains: Sequence[Gain]
    refused: Mapping[str, str] = field(default_factory=dict)
    later: frozenset[str] = frozenset()

    @property
    def features(self) -> list[Feature]:
        """All features, in the order of the page; the n-th is `probe_n`."""
        return [feature for group in self.groups.values() for feature in group]

    def added(self) -> Iterator[tuple[Gain, int, bool]]:
        """Yield each gain with the percentage that it adds, and whether it is compiled."""
        before = 0
        for gain in self.gains:
            yield gain, gain.percent - before, not self.refused.keys() & set(gain.needs)
            before = gain.percent

    def let_through(self) -> float:
        """Return the percentage of orchestrators that compile, as the page explains it."""
        named = {need for gain in self.gains for need in gain.needs}
        lost = sum(
            feature.share or 0
            for feature in self.features
            if feature.name in self.refused and feature.name not in named
        )
        return sum(percent for _, percent, compiled in self.added() if compiled) - lost


def read() -> Survey:
    """Read what was counted. Raises `ValueError` where a gain names no feature."""
    data = tomllib.loads((SOURCES / "features.toml").read_text("utf-8"))
    groups = {key: [Feature(**one) for one in data[key]] for key in TITLES}
    survey = Survey(groups, [Gain(one["percent"], tuple(one["needs"])) for one in data["greedy"]])
    named = {need for gain in survey.gains for need in gain.needs}
    if unknown := named - {feature.name for feature in survey.features}:
        raise ValueError(f"features.toml has no feature {sorted(unknown)}, which a gain needs")
    return survey


def compile_probes(survey: Survey, folder: Path) -> LoadedFile:
    """Compile all probes in one module, `language_probes`, written to `folder`."""
    probes = (one.source(f"probe_{n}") for n, one in enumerate(survey.features))
    prelude = (SOURCES / "prelude.py").read_text("utf-8")
    file = folder / f"{MODULE}.py"
    file.write_text("\n\n".join([prelude, *probes]), "utf-8")
    sys.modules.pop(MODULE, None)
    return compile_file(file)


def judged(survey: Survey, loaded: LoadedFile) -> Survey:
    """Return the survey with what came of the probes."""
    refused, later = {}, set()
    for number, feature in enumerate(survey.features):
        name = f"probe_{number}"
        workflow = loaded.workflows.get(name)
        if workflow is None or name not in loaded.definitions:
            refused[feature.name] = " ".join(sorted(_codes(workflow, loaded))) or "?"
        elif not _runs(workflow, loaded):
            later.add(feature.name)
    return replace(survey, refused=refused, later=frozenset(later))


def _runs(workflow: Workflow[..., Any], loaded: LoadedFile) -> bool:
    order = vars(loaded.module)["Order"]()
    try:
        simulate(workflow, {"order": order})
    except DefinitionError:
        return False
    return True


def _codes(workflow: object, loaded: LoadedFile) -> set[str]:
    code = getattr(getattr(workflow, "function", None), "__code__", None)
    if code is None:
        return {finding.code for finding in loaded.diagnostics}
    lines = {line for _, _, line in code.co_lines() if line is not None}
    span = range(code.co_firstlineno, max(lines) + 1)
    errors = (finding for finding in loaded.diagnostics if finding.severity == "error")
    return {finding.code for finding in errors if finding.line in span}


def page(survey: Survey) -> str:
    """Return the page."""
    parts = [HEAD]
    for key, title in TITLES.items():
        parts += [f"## {title}\n", *_table(survey, key), ""]
    parts += [SUM, *_sum(survey), ""]
    return "\n".join(parts)


def _table(survey: Survey, key: str) -> Iterator[str]:
    yield "| feature | all % | mean % | for example | compiled |"
    yield "|---|--:|--:|---|---|"
    for feature in survey.groups[key]:
        counts = f"{_number(feature.share)} | {_number(feature.mean)}"
        code = survey.refused.get(feature.name)
        compiled = f"no: {code}" if code else "later" if feature.name in survey.later else "yes"
        yield f"| {feature.name} | {counts} | {_shown(feature.code)} | {compiled} |"


def _sum(survey: Survey) -> Iterator[str]:
    yield "| adding | adds % | compiled |"
    yield "|---|--:|---|"
    for gain, percent, compiled in survey.added():
        names = ", ".join(gain.needs) or "what is not named below"
        yield f"| {names} | {percent} | {'yes' if compiled else 'no'} |"
    yield f"| **together** | **{survey.let_through():g}** | |"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _shown(code: str) -> str:
    lines = html.escape(code.strip(), quote=False).replace("|", "&#124;").splitlines()
    indented = (line.replace("    ", "&nbsp;" * 4) for line in lines)
    return f"<code>{'<br>'.join(indented)}</code>"


def generate() -> str:
    """Return the page as it should be now."""
    survey = read()
    with tempfile.TemporaryDirectory() as folder:
        return page(judged(survey, compile_probes(survey, Path(folder))))


if __name__ == "__main__":
    PAGE.write_text(generate(), "utf-8")
    print(f"{PAGE.name} is written")
