"""What a benchmark answers, and how rounds are run."""

import json
import statistics
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Result:
    """
    One line of the table.

    `ratio` is `value / baseline_value`; `n` is how many operations a round had, or seconds where it ran for a time.
    """

    name: str
    value: float
    unit: str
    baseline: str
    baseline_value: float
    ratio: float
    better: Literal["higher", "lower"]
    target: float
    met: bool
    rounds: int
    n: int


@dataclass(frozen=True, slots=True)
class Benchmark:
    """
    A figure with its baseline: both are called in turn, `ROUNDS` times, and return a rate or a time.

    `target` is the ratio to reach.
    """

    name: str
    unit: str
    baseline: str
    better: Literal["higher", "lower"]
    target: float
    n: int
    measure: Callable[[], float]
    measure_baseline: Callable[[], float]


def run(benchmark: Benchmark) -> Result:
    """Measure in turns, so that a busy minute of the machine falls on both."""
    pairs = [(benchmark.measure_baseline(), benchmark.measure()) for _ in range(ROUNDS)]
    baseline_value = statistics.median(before for before, _ in pairs)
    value = statistics.median(own for _, own in pairs)
    ratio = statistics.median(own / before for before, own in pairs)
    met = ratio >= benchmark.target if benchmark.better == "higher" else ratio <= benchmark.target
    return Result(
        name=benchmark.name,
        value=round(value, 3),
        unit=benchmark.unit,
        baseline=benchmark.baseline,
        baseline_value=round(baseline_value, 3),
        ratio=round(ratio, 3),
        better=benchmark.better,
        target=benchmark.target,
        met=met,
        rounds=ROUNDS,
        n=benchmark.n,
    )


def write(results: list[Result], path: Path) -> None:
    """Keep results; those of other benchmarks in the file stay."""
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = json.loads(path.read_text()) if path.exists() else []
    names = {result.name for result in results}
    rows = [row for row in kept if row["name"] not in names] + [asdict(result) for result in results]
    path.write_text(json.dumps(sorted(rows, key=lambda row: row["name"]), indent=1) + "\n")


def table(results: list[Result]) -> str:
    """The results for people; what missed its target says so."""
    lines = [f"{'benchmark':28} {'value':>12} {'baseline':>12}  {'ratio':>8}  target"]
    for result in results:
        sign = ">=" if result.better == "higher" else "<="
        verdict = "met" if result.met else "MISSED"
        lines.append(
            f"{result.name:28} {result.value:12,.1f} {result.baseline_value:12,.1f}  {result.ratio:8.3f}"
            f"  {sign} {result.target:g} {verdict}   ({result.unit}; baseline: {result.baseline})"
        )
    return "\n".join(lines)
