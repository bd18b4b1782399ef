"""What everybody may know of a month, as it is counted."""

from datetime import timedelta

from underseal.flow.transparency import read_transparency

NOTICE = {"is_notice": True, "law": "an act"}


async def test_notices_of_trusted_flaggers_are_counted_apart(stage):
    ref = await stage.comment()
    people = [f"p{number}" for number in range(12)]
    await stage.report(ref, "phishing", *people, by_trusted_flagger=True, **NOTICE)
    await stage.report(ref, "phishing", *(f"{each} too" for each in people), **NOTICE)
    await stage.report(ref, "bullying", *people)
    stage.now += timedelta(days=45)
    month, *_ = await read_transparency(stage.system, stage.now)
    by_topic = {each.topic: each for each in month.topics}
    of = {name: each.topic for name, each in stage.system.guidelines.by_id.items()}
    noticed, reported = by_topic[of["phishing"]], by_topic[of["bullying"]]
    assert (noticed.reports, noticed.flagged) == (20, 10)
    assert (reported.reports, reported.flagged) == (10, None)


async def test_one_trusted_flagger_who_repeats_a_notice_is_counted_once(stage):
    ref = await stage.comment()
    for note in ("", "and there is more"):
        await stage.report(ref, "phishing", "a body", by_trusted_flagger=True, note=note, **NOTICE)
    (counted,) = await stage.rows("select reports, flagged from report_counts")
    assert tuple(counted.values()) == (1, 1)
