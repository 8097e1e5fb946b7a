"""The parts of the benchmark, by the name that `--part` and `make bench PART=` take."""

from __future__ import annotations

from benchmarks import disruptions, published, real, regimes
from benchmarks.tasks import Part

_drawn = ("items", "seed", "peer", "off", "bound_by")
_short = (*_drawn, *(f"s to {level}" for level in regimes.LEVELS))

PARTS = {
    "a": Part("Bought space (regime A)", regimes.a_tasks, regimes.sum_up_a, unprinted=_drawn),
    "b": Part("Space to be opened (regime B)", regimes.b_tasks, regimes.sum_up_b, unprinted=_short),
    "first": Part("First plan (regime B)", regimes.first_tasks, regimes.sum_up_first, unprinted=_short),
    "replan": Part(
        "The busiest departure is cancelled",
        disruptions.replan_tasks,
        disruptions.sum_up_replan,
        sideways=True,
    ),
    "peers": Part(
        "Ours beside its peers (regime B)", regimes.peers_tasks, regimes.sum_up_peers, unprinted=_short
    ),
    "peers-large": Part(
        "Ours beside its peers at 100,000 (regime B)",
        regimes.peers_large_tasks,
        regimes.sum_up_peers,
        unprinted=_short,
    ),
    "gap": Part("Generalized assignment, OR-Library", published.gap_tasks, published.sum_up_published),
    "sscflp": Part("Facility location, Holmberg", published.sscflp_tasks, published.sum_up_published),
    "real": Part("Backtests on public data", real.real_tasks, real.sum_up_real, sideways=True),
    "sample": Part(
        "The product's own sample pool", regimes.sample_tasks, regimes.sum_up_sample, sideways=True
    ),
}
