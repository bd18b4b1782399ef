"""The game of the padded canary: success by the share of the audience that the creator owns."""

from collections.abc import Sequence

import numpy as np

from underseal.lab.anonymity.audience import draw_audience
from underseal.lab.anonymity.defences import by_window, published_rules
from underseal.lab.anonymity.padded_canary import suspect_others
from underseal.lab.anonymity.rules import REPORT_DELAY_MIN, likeliest


def play_canary(
    viewers: int, shares: Sequence[float], runs: int, seed: int
) -> dict[float, tuple[float, float]]:
    """Return success and blind guessing for each share of own accounts among all viewers.

    One of the other viewers reports; blind guessing knows who the own accounts are.
    """
    return {share: _play(viewers, share, runs, seed) for share in shares}


def _play(viewers: int, share: float, runs: int, seed: int) -> tuple[float, float]:
    rng = np.random.default_rng(seed)
    defence, rules = by_window(), published_rules()
    success, blind = np.zeros(runs), np.zeros(runs)
    for run in range(runs):
        audience = draw_audience(rng, viewers, 1, rules.tick_min)
        size = len(audience.viewed_at)
        own = np.zeros(size, bool)
        own[rng.permutation(size)[: min(int(share * size), size - 1)]] = True
        others = np.flatnonzero(~own)
        reporter = rng.choice(others)
        filed_at = audience.viewed_at[reporter] + rng.exponential(REPORT_DELAY_MIN)
        posterior = suspect_others(
            defence(audience, float(filed_at)), audience.viewed_at, own, rules
        )
        likely = likeliest(posterior)
        success[run] = np.mean(likely == reporter)
        blind[run] = 1 / len(others)
    return float(success.mean()), float(blind.mean())
