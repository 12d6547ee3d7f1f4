"""The table of the node's rate, latency and memory, and its verdict, from ``benchmarks/results/node.json``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markdown_table import markdown_table

__all__ = ["TABLES"]

RESULT = Path(__file__).parents[1] / "benchmarks/results/node.json"
LEAST_OF_READ = 0.9
MOST_LATENCY_SECONDS = 1.5
MOST_GROWTH_PERCENT = 10.0


@dataclass(frozen=True, slots=True)
class _Row:
    """A figure, its bar if it has one, and whether it meets it."""

    name: str
    figure: str
    bar: str = ""
    met: bool = True


def _node() -> str:
    found = json.loads(RESULT.read_text())
    machine = found["machine"]
    heading = f"{found['instances']} stills, {found['workers']} readers, {machine['cores']} cores, load before"
    rows = _rows(found)
    table = [["", f"{heading} {machine['load_before']:.1f}", "bar"], *([row.name, row.figure, row.bar] for row in rows)]
    return markdown_table(table) + "\n" + _verdict(rows)


def _verdict(rows: list[_Row]) -> str:
    missed = [f"{row.name}: {row.figure} (bar: {row.bar})" for row in rows if not row.met]
    return f"Below its bar: {'; '.join(missed)}.\n" if missed else "Every bar is met.\n"


def _rows(found: dict[str, Any]) -> list[_Row]:
    rates, accepted = found["instances_a_second"], found["accepted_a_second"]
    latency, memory, results = found["warm_latency_seconds"], found["memory_mib"], found["results"]
    counts = results["expected"], results["distinct"], results["received"]
    share, growth = rates["node_over_read"], memory["growth_percent"]
    return [
        _Row(
            "results expected, distinct, received",
            ", ".join(map(str, counts)),
            "none lost, none twice",
            met=len(set(counts)) == 1,
        ),
        _Row(
            f"instances a second, `nonet read --save sr,gsps`, {found['compared']} stills",
            f"{rates['nonet read --save sr,gsps']:.2f}",
        ),
        _Row(
            "instances a second, the node, the same stills",
            f"{rates['node']:.2f}, {share:.2f} of the read",
            f"{LEAST_OF_READ} of the read",
            met=share >= LEAST_OF_READ,
        ),
        _Row("C-STOREs a second, a bare pynetdicom SCP", f"{accepted['bare_scp']:.0f}"),
        _Row("C-STOREs a second, the node while it reads", f"{accepted['node_while_it_reads']:.0f}"),
        _Row(
            f"from the answer to the last stored result, {latency['instances']} single stills",
            f"median {latency['median']:.2f} s, longest {latency['longest']:.2f} s",
            f"median {MOST_LATENCY_SECONDS} s",
            met=latency["median"] <= MOST_LATENCY_SECONDS,
        ),
        _Row(
            "the same, the first stills before them",
            ", ".join(f"{one:.2f} s" for one in latency["before_them"]),
        ),
        _Row(
            "memory of all processes, after the first results and at the end",
            f"{memory['first_tenth']:.0f} MiB, then {memory['last_tenth']:.0f} MiB ({growth:+.0f} %)",
            f"{MOST_GROWTH_PERCENT:+.0f} %",
            met=growth <= MOST_GROWTH_PERCENT,
        ),
    ]


TABLES = {"node": _node}
"""Block name to its table."""
