import re

from underseal.core.subject import SubjectKind, SubjectRef
from underseal.flow.explain import explain_subject


async def test_every_term_and_their_sum_are_told(stage):
    ref = await stage.comment()
    await stage.report(ref, "spam", "anna", None)
    await stage.assess()
    heading, *lines = await explain_subject(stage.system, ref)
    assert heading == "comment c1, version 1, round 1"
    assert lines[0] == "spam"
    nats = [float(each) for each in re.findall(r"[+-]\d+\.\d+", "\n".join(lines[1:]))]
    assert abs(sum(nats[:-1]) - nats[-1]) < 1e-3
    assert "unproven voices" in "".join(lines)
    assert "anna" not in "".join(lines)


async def test_of_what_is_unknown_or_unsuspected_there_is_nothing_to_tell(stage):
    unknown = SubjectRef(kind=SubjectKind.VIDEO, external_id="unknown")
    assert await explain_subject(stage.system, unknown) == ["nobody has told of this subject"]
    ref = await stage.comment()
    await stage.assess()
    assert await explain_subject(stage.system, ref) == ["comment c1, version 1, round 1"]
