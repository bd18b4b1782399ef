import re
from uuid import uuid4

import pytest

from underseal.core.subject import SubjectKind, SubjectRef
from underseal.flow.explain import NothingToExplainError, explain_case, explain_subject
from underseal.store.cases import CaseId


async def case_of(stage, ref):
    (row,) = await stage.rows("select case_id from cases where subject_id = $1", ref.subject_id)
    return CaseId(row["case_id"])


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


async def test_a_case_is_explained_as_it_was_also_once_it_is_over(stage):
    ref = await stage.comment()
    await stage.report(ref, "threat_to_life", "dora", "emil")
    await stage.assess()
    case = await case_of(stage, ref)
    before = await explain_case(stage.system, case)
    assert "threat_to_life" in before
    assert before == await explain_subject(stage.system, ref)
    await stage.decide(ref, await stage.moderator("nora"), "no_violation")
    await stage.report(ref, "phishing", "fay")
    await stage.assess()
    assert await explain_case(stage.system, case) == before
    assert "phishing" in await explain_subject(stage.system, ref)


async def test_of_what_is_unsuspected_there_is_nothing_to_tell(stage):
    ref = await stage.comment()
    await stage.assess()
    assert await explain_subject(stage.system, ref) == ["comment c1, version 1, round 1"]


async def test_what_nobody_has_told_of_is_refused(stage):
    unknown = SubjectRef(kind=SubjectKind.VIDEO, external_id="unknown")
    with pytest.raises(NothingToExplainError, match="nobody has told of this subject"):
        await explain_subject(stage.system, unknown)
    with pytest.raises(NothingToExplainError, match="there is no case"):
        await explain_case(stage.system, CaseId(uuid4()))
