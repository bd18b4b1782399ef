"""The receipt page: what a reporter reads before the seal is opened."""

import pytest

from underseal.core.caller import Caller, KeyId, ModeratorRole
from underseal.flow.file_report import Filer
from underseal.flow.read_case import read_case
from underseal.flow.refuse_unsealing import refuse_unsealing
from underseal.flow.request_unsealing import Named, Word, request_unsealing
from underseal.web.words import CATALOGUES, LANGUAGES

SAID = "A court asks who you are: <law@platform.example>."


@pytest.fixture
async def asked(stage):
    """Anna's receipt, and a request to open her identity, with a word."""
    system, ref = stage.system, await stage.comment()
    async with Filer(system.db, system.keys, system.guidelines, lambda: stage.now) as filer:
        token = await filer.file(stage.filing(ref, "phishing"), "anna")
    lead = Caller(
        key_id=KeyId("a" * 12),
        principal_id=await stage.moderator("lea", ModeratorRole.LEAD),
        role=ModeratorRole.LEAD,
        scopes=frozenset(),
    )
    case_id = await stage.enqueue(ref)
    await stage.judge(await stage.moderator("mona"), "remove", "phishing")
    (report,) = (await read_case(system, case_id, lead, stage.now)).reports
    request = await request_unsealing(
        system,
        Named(ref=ref, round=1, alias=report.alias),
        "order 5 Gs 12/26 of the court of Cologne",
        lead,
        stage.now,
        word=Word(text=SAID, wait_days=14),
    )
    await stage.tick()
    return token, request, lead


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_word_stands_with_the_receipt_with_the_day_before_which_nobody_opens(
    stage, reporter, asked, language
):
    token, request, lead = asked
    catalogue = CATALOGUES[language]
    page = (await reporter.look(token, lang=language)).text
    assert SAID.replace("<", "&lt;").replace(">", "&gt;") in page
    assert catalogue["word.title"] in page
    assert catalogue["word.refused"] not in page
    assert "Cologne" not in page
    await refuse_unsealing(stage.system, request, lead, stage.now)
    page = (await reporter.look(token, lang=language)).text
    assert catalogue["word.refused"] in page
