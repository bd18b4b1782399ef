"""What `underseal bench anonymity` says, beside the figures that its parts are tested for."""

import json

import pytest

from underseal.lab.bench.anonymity import OWNED, VIEWERS, play_games

KEYS = {"success", "blind", "floor", "immediate", "earliest", "set_p5", "harm_added"}
INTERSECTOR = {"success", "success_low", "success_high", "blind", "floor", "without_budget"}


@pytest.mark.slow
def test_every_game_is_beside_guessing_and_those_by_time_beside_acting_at_once():
    found = json.loads(json.dumps(play_games(lambda _: None, 250)))
    assert found["audiences"].keys() == {str(each) for each in VIEWERS}
    for viewers, audience in found["audiences"].items():
        assert audience.keys() >= KEYS
        prober = found["prober"][viewers]
        assert prober["success"] == prober["timed_creator"] < prober["immediate"]
    for viewers in ("20", "200"):
        played = found["self_reporter"][viewers]
        assert played.keys() == {str(share) for share in OWNED}
        assert all(each.keys() >= {"success", "blind", "immediate"} for each in played.values())
    assert all(each.keys() == INTERSECTOR for each in found["intersector"].values())
    assert len(found["intersector"]) == 2 * len(VIEWERS)
    assert found["moderator"]["blind"] == 0.5
    assert {"intersector", "canary", "thief", "runs", "seed", "k"} <= found.keys()
