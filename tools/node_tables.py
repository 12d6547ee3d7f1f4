"""The table of the node's rate, latency and memory, from ``benchmarks/results/node.json``."""

from __future__ import annotations

import json
from pathlib import Path

from markdown_table import markdown_table

__all__ = ["TABLES"]

RESULT = Path(__file__).parents[1] / "benchmarks/results/node.json"


def _node() -> str:
    found = json.loads(RESULT.read_text())
    rates, accepted = found["instances_a_second"], found["accepted_a_second"]
    latency, memory, results = found["warm_latency_seconds"], found["memory_mib"], found["results"]
    counts = f"{results['expected']}, {results['distinct']}, {results['received']}"
    heading = (
        f"{found['instances']} stills, {found['workers']} readers, load before {found['machine']['load_before']:.1f}"
    )
    seconds = f"median {latency['median']:.2f} s, longest {latency['longest']:.2f} s"
    rows = [
        ["", heading],
        ["results expected, distinct, received", counts],
        ["instances a second, `nonet read --save sr,gsps`", f"{rates['nonet read --save sr,gsps']:.2f}"],
        ["instances a second, the node", f"{rates['node']:.2f}, {rates['node_over_read']:.2f} of the read"],
        ["C-STOREs a second, a bare pynetdicom SCP", f"{accepted['bare_scp']:.0f}"],
        ["C-STOREs a second, the node while it reads", f"{accepted['node_while_it_reads']:.0f}"],
        ["from the answer to the last stored result, warm", seconds],
        ["memory, all processes", f"{memory['second_tenth']:.0f} MiB, then {memory['last_tenth']:.0f} MiB"],
    ]
    return markdown_table(rows)


TABLES = {"node": _node}
"""Block name to its table."""
