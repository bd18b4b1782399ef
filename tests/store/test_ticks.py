from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from underseal.core.disclosure import HOUR, LONGEST, K, Window, advance_window
from underseal.core.guideline import DisclosureClass
from underseal.core.subject import SubjectKind, SubjectRef
from underseal.core.visibility import Visibility
from underseal.store.effects import Effect, EffectCause, add_effect, withdraw_effect
from underseal.store.roles import Role
from underseal.store.subjects import add_subject
from underseal.store.ticks import advance_windows
from underseal.store.views import ViewCount, add_views, load_audience, open_audience

OPENED = datetime(2026, 11, 22, 12, tzinfo=UTC)
QUIET = LONGEST // HOUR

gaps = st.one_of(
    st.integers(1, 5),
    st.sampled_from([QUIET - 1, QUIET, QUIET + 1, 2 * QUIET - 1, 2 * QUIET, 3 * QUIET + 2]),
)
viewers = st.one_of(st.none(), st.integers(0, 3), st.sampled_from([K // 2, K - 1, K, 3 * K]))


@given(ticks=st.lists(st.tuples(gaps, viewers), min_size=1, max_size=8), waits=st.booleans())
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_windows_move_as_the_core_says_whether_anything_waits_for_them_or_not(
    database, ticks, waits
):
    """Views, gaps and effects in any order; where nothing waits, windows are caught up later."""
    async with database.transaction(Role.CORE) as conn:
        number = await conn.fetchval("select count(*) from subjects")
        ref = SubjectRef(kind=SubjectKind.COMMENT, external_id=f"c{number}")
        await add_subject(conn, ref)
        await open_audience(conn, ref.subject_id, OPENED)
        if waits:
            await intend(conn, ref)
        expected = Window(number=1, opened_at=OPENED, viewers=0)
        total, tick = 0, OPENED
        for gap, seen in ticks:
            tick += gap * HOUR
            if seen is not None:
                count = ViewCount(subject_id=ref.subject_id, organic=2 * seen, qualifying=seen)
                assert await add_views(conn, tick, [count]) == 1
                total += seen
            await advance_windows(conn, tick)
            expected, _ = advance_window(expected, tick, seen or 0)
        if not waits:  # whoever asks later finds them as if they had been moved all along
            await intend(conn, ref)
            tick += HOUR
            await advance_windows(conn, tick)
            expected, _ = advance_window(expected, tick, 0)
        await withdraw_effect(conn, ref.subject_id)
        audience = await load_audience(conn, ref.subject_id)
    found = Window(
        number=audience.window_number,
        opened_at=audience.window_opened_at,
        viewers=audience.window_viewers,
    )
    assert found == expected
    assert (audience.qualifying, audience.organic) == (total, 2 * total)


async def test_a_tick_before_the_window_moves_nothing(database):
    ref = SubjectRef(kind=SubjectKind.COMMENT, external_id="c")
    async with database.transaction(Role.CORE) as conn:
        await add_subject(conn, ref)
        await open_audience(conn, ref.subject_id, OPENED)
        count = ViewCount(subject_id=ref.subject_id, organic=K, qualifying=K)
        for tick in (OPENED - timedelta(hours=5), OPENED):
            await add_views(conn, tick, [count])
            await advance_windows(conn, tick)
        audience = await load_audience(conn, ref.subject_id)
    assert (audience.window_number, audience.window_viewers) == (1, 0)


async def intend(conn, ref) -> None:
    """An effect that waits for a window; it restricts nothing, so it needs no statement."""
    number = await conn.fetchval("select count(*) from effects")
    effect = Effect(
        effect_id=UUID(int=number + 1),
        subject_id=ref.subject_id,
        round=1,
        cause=EffectCause.REINSTATEMENT,
        visibility=Visibility(),
        guideline=None,
        disclosure=DisclosureClass.WINDOW,
        from_window=1,
    )
    await add_effect(conn, effect, OPENED.date())
