"""Incidents, known content, guidelines and the audit trail in the console."""

import re
from html import unescape
from importlib.resources import files

import pytest

from underseal.core.caller import ModeratorRole
from underseal.core.guideline_file import parse
from underseal.core.ledger import EventKind
from underseal.flow.adopt_guidelines import adopt_guidelines
from underseal.flow.checkpoint import make_checkpoint
from underseal.store.connection import session
from underseal.store.ledger import append, lock_chain
from underseal.store.roles import Role

LEAD, AUDITOR, ADMIN = ModeratorRole.LEAD, ModeratorRole.AUDITOR, ModeratorRole.ADMIN
MODERATOR = ModeratorRole.MODERATOR
TEXT = (files("underseal") / "guidelines.toml").read_text()
IN_FORCE = parse(TEXT, "guidelines.toml").version


@pytest.fixture
async def owner(server, address):
    """Somebody who gets at the database behind everything's back."""
    async with session(address, server.embedded.superuser()) as conn:
        await conn.execute("set session_replication_role = replica")
        yield conn


class TestIncidents:
    @pytest.fixture
    async def overdue(self, stage):
        """A comment that nobody looked at in time."""
        ref = await stage.comment("late")
        await stage.enqueue(ref, due_at=stage.now, duty_from=stage.now)
        await stage.tick()
        (row,) = await stage.rows("select incident_id from incidents")
        return str(row["incident_id"])

    async def test_what_is_open_is_shown_and_a_moderator_does_not_see_it(self, site, overdue):
        text = (await (await site.signed_in(LEAD)).get("/console/incidents")).text
        assert "A look is overdue" in text
        assert "late" in text
        refused = await (await site.signed_in(MODERATOR)).get("/console/incidents")
        assert refused.status_code == 403

    @pytest.mark.parametrize("role", [LEAD, ADMIN])
    async def test_it_is_closed_with_a_word_which_is_kept_with_the_name(
        self, site, stage, overdue, role
    ):
        browser = await site.signed_in(role, "lea")
        answer = await browser.post(
            f"/console/incidents/{overdue}/close", data={"word": " the night shift was ill "}
        )
        assert (answer.status_code, answer.headers["location"]) == (303, "/console/incidents")
        text = (await browser.get("/console/incidents")).text
        assert "Nothing is open." in text
        assert re.search(r"the night shift was ill <span[^>]*>lea</span>", text)
        (row,) = await stage.rows("select closed_by, closed_with from incidents")
        assert row == {"closed_by": site.people["lea"], "closed_with": "the night shift was ill"}

    async def test_an_auditor_reads_and_closes_nothing(self, site, stage, overdue):
        browser = await site.signed_in(AUDITOR)
        assert "Close the incident" not in (await browser.get("/console/incidents")).text
        answer = await browser.post(f"/console/incidents/{overdue}/close", data={"word": "fine"})
        assert answer.status_code == 403
        assert await stage.rows("select from incidents where closed_at is null")

    @pytest.mark.parametrize("word", ["", "   ", "x" * 2001])
    async def test_a_missing_or_endless_word_is_told_and_stays_in_its_field(
        self, site, overdue, word
    ):
        browser = await site.signed_in(LEAD)
        answer = await browser.post(f"/console/incidents/{overdue}/close", data={"word": word})
        assert answer.status_code == 422
        assert f'aria-describedby="hint-{overdue} fault-{overdue}">{word}</textarea>' in answer.text

    async def test_who_comes_second_is_told_and_loses_nothing_typed(self, site, overdue):
        browser = await site.signed_in(LEAD)
        place = f"/console/incidents/{overdue}/close"
        await browser.post(place, data={"word": "first"})
        answer = await browser.post(place, data={"word": "second <b>"})
        assert answer.status_code == 409
        assert "This incident is closed already. You wrote:" in answer.text
        assert "second &lt;b&gt;" in answer.text

    async def test_one_that_a_decision_closed_says_so(self, site, stage, overdue):
        mona = await stage.moderator("mo")
        await stage.judge(mona, "no_violation")
        text = (await (await site.signed_in(LEAD)).get("/console/incidents")).text
        assert "the case was decided" in text


class TestKnownContent:
    @pytest.fixture
    async def removed(self, site, stage):
        """A video that Mona removed, by a guideline that machines may not remove by."""
        await site.signed_in()
        ref = await stage.video("v1")
        await stage.scan(ref)
        async with stage.system.db.transaction("underseal_core") as conn:
            await conn.execute(
                "insert into frame_hashes (subject_id, version, at_ms, hash, quality) "
                "values ($1, 1, 0, sha256('frame'), 100)",
                ref.subject_id,
            )
        await stage.decide(ref, site.people["mona"], "remove", "bullying")
        return ref

    async def test_a_removal_is_on_the_list_with_its_decision_and_not_confirmed(
        self, site, removed
    ):
        text = (await (await site.signed_in(AUDITOR)).get("/console/known")).text
        assert "by mona" in text
        assert '<span class="chip">not yet</span>' in text
        assert "Take off" not in text

    async def test_a_lead_confirms_it_and_is_named(self, site, removed):
        lead = await site.signed_in(LEAD)
        form = {"kind": "video", "id": "v1", "guideline": "bullying", "verified": "true"}
        assert (await lead.post("/console/known/add", data=form)).status_code == 303
        assert '<span class="chip is-good">by lea</span>' in (await lead.get("/console/known")).text

    async def test_what_is_taken_off_is_remembered_with_who_did_it(self, site, stage, removed):
        lead = await site.signed_in(LEAD)
        (item,) = await stage.rows("select item_id from known_content")
        place = f"/console/known/{item['item_id']}/retire"
        assert (await lead.post(place)).status_code == 303
        assert "The list is empty." in (await lead.get("/console/known")).text
        assert "by lea" in (await lead.get("/console/known?retired=true")).text
        again = await lead.post(place)
        assert again.status_code == 409
        assert "This is not on the list any more." in again.text

    async def test_a_decision_is_offered_and_added(self, site, stage, removed):
        ref = await stage.video("v2")
        await stage.scan(ref)
        await stage.decide(ref, site.people["mona"], "label", "bullying")
        lead = await site.signed_in(LEAD)
        assert "Add v2 as confirmed" in (await lead.get("/console/known")).text
        form = {"kind": "video", "id": "v2", "guideline": "bullying"}
        refused = await lead.post("/console/known/add", data=form)
        assert refused.status_code == 422
        assert "V2: there are no frames by which it could be recognised." in refused.text

    @pytest.mark.parametrize("role", [MODERATOR, AUDITOR])
    async def test_others_change_nothing(self, site, stage, removed, role):
        browser = await site.signed_in(role, "ann")
        (item,) = await stage.rows("select item_id from known_content")
        for place in ("/console/known/add", f"/console/known/{item['item_id']}/retire"):
            assert (await browser.post(place, data={})).status_code == 403


class TestGuidelines:
    async def test_all_that_is_in_force_is_shown(self, site, stage):
        text = unescape((await (await site.signed_in()).get("/console/guidelines")).text)
        for guideline in stage.system.guidelines.by_id.values():
            assert guideline.text["en"] in text
        assert IN_FORCE in text

    async def test_terms_that_detectors_look_for_are_not_in_it(self, site, stage):
        text = (await (await site.signed_in()).get("/console/guidelines")).text
        by_id = stage.system.guidelines.by_id.values()
        secret = [term for each in by_id for term in each.terms if " " in term]
        assert secret
        assert not [term for term in secret if term in unescape(text)]

    async def test_what_changed_between_versions_is_shown_line_by_line(self, site, stage):
        older = TEXT.replace(IN_FORCE, "2026-08-01").replace(
            "review_hours = 72", "review_hours = 96"
        )
        await adopt_guidelines(stage.system.db, older, "old.toml", stage.now.date())
        browser = await site.signed_in()
        asked = {"before": "2026-08-01", "after": IN_FORCE}
        text = (await browser.get("/console/guidelines/compare", params=asked)).text
        assert "review_hours = 72</ins>" in text
        assert "review_hours = 96</del>" in text
        assert "profile.low" in text

    async def test_a_version_can_be_read_word_for_word(self, site):
        browser = await site.signed_in()
        answer = await browser.get("/console/guidelines/text", params={"version": IN_FORCE})
        assert TEXT.strip() in unescape(answer.text)

    @pytest.mark.parametrize("place", ["text?version=none", "compare?before=none&after=none"])
    async def test_a_version_that_never_was_is_not_found(self, site, place):
        answer = await (await site.signed_in()).get(f"/console/guidelines/{place}")
        assert answer.status_code == 404
        assert "never had a version" in answer.text


class TestTheAuditTrail:
    @pytest.fixture
    async def told(self, site, stage):
        """A comment with a story: reported, assessed, decided, disclosed."""
        await site.signed_in()
        ref = await stage.comment("c1")
        await stage.report(ref, "bullying", "rita", "rob")
        await stage.assess()
        await stage.decide(ref, site.people["mona"], "remove", "bullying")
        await stage.tick()
        return ref

    async def trail(self, site, role=AUDITOR, **asked):
        browser = await site.signed_in(role)
        given = {"kind": "comment", "id": "c1"} if not asked.get("case") else {}
        return await browser.get("/console/audit", params={**given, **asked})

    async def test_events_are_shown_in_order_and_the_chain_verifies(self, site, stage, told):
        text = (await self.trail(site)).text
        stored = await stage.rows(
            "select kind from events where subject_id = $1 order by seq", told.subject_id
        )
        shown = re.findall(r'<strong class="grow">(.*?)</strong>', text)
        assert shown == [row["kind"].replace("_", " ") for row in stored]
        assert f"all {len(stored)} events are as they were written" in text

    async def test_it_is_found_by_its_case_too(self, site, stage, told):
        (case,) = await stage.rows("select case_id from cases")
        text = (await self.trail(site, case=str(case["case_id"]))).text
        assert "The chain verifies" in text

    async def test_events_can_be_narrowed_by_kind_and_by_day(self, site, stage, told):
        text = (await self.trail(site, event="decided")).text
        assert re.findall(r'<strong class="grow">(.*?)</strong>', text) == ["decided"]
        text = (await self.trail(site, event="decided", day="2020-01-01")).text
        assert "No event is of this kind and day." in text
        text = (await self.trail(site, event="decided", day=f"{stage.now:%Y-%m-%d}")).text
        assert re.findall(r'<strong class="grow">(.*?)</strong>', text) == ["decided"]

    async def test_long_trails_come_in_pages(self, site, stage, told):
        async with stage.system.db.transaction(Role.CORE) as conn:
            await lock_chain(conn, told.subject_id)
            for _ in range(60):
                await append(conn, told.subject_id, EventKind.QUEUED, {})
        text = (await self.trail(site)).text
        first = re.findall(r'<span class="seq">(\d+)</span>', text)
        (further,) = re.findall(r'href="(/console/audit\?[^"]*after=[^"]*)"', text)
        browser = await site.signed_in(AUDITOR)
        text = (await browser.get(unescape(further))).text
        rest = re.findall(r'<span class="seq">(\d+)</span>', text)
        assert [int(each) for each in first + rest] == list(range(1, len(first + rest) + 1))
        assert len(first) == 50

    async def test_how_often_it_was_assessed_is_not_told(self, site, stage, told):
        before = (await self.trail(site)).text
        for reporter in ("sam", "tom"):
            await stage.report(told, "bullying", reporter)
            await stage.assess()
        text = (await self.trail(site)).text
        (events,) = await stage.rows("select count(*) from events where kind = 'assessed'")
        assert events["count"] == 3
        assert text.count('<span class="seq">') == before.count('<span class="seq">') + 1
        assert "&#34;reports&#34;: 2" in text
        assert "&#34;reports&#34;: 1" not in text

    async def test_a_changed_event_is_said_plainly_and_marked(self, site, owner, told):
        await owner.execute(
            "update events set body = replace(convert_from(body, 'utf8'), 'remove', 'label')::bytea "
            "where subject_id = $1 and kind = 'decided'",
            told.subject_id,
        )
        text = (await self.trail(site)).text
        assert "This chain does not verify." in text
        assert "not to be relied on" in text

    async def test_an_event_cut_off_at_the_end_is_noticed(self, site, stage, owner, told):
        await owner.execute(
            "delete from events where subject_id = $1 and seq = "
            "(select max(seq) from events where subject_id = $1)",
            told.subject_id,
        )
        text = (await self.trail(site)).text
        assert "This chain does not verify." in text
        assert re.search(r"The chain has \d+ events and should have \d+\.", text)

    async def test_a_rewritten_end_is_noticed_by_the_checkpoint(
        self, site, stage, owner, told, tmp_path
    ):
        await make_checkpoint(stage.system, tmp_path, stage.now)
        text = (await self.trail(site)).text
        assert "Checkpoint 1, the newest, verifies." in text
        await owner.execute(
            "with last as (delete from events where subject_id = $1 and seq = "
            "(select max(seq) from events where subject_id = $1) returning seq, prev_hash) "
            "update chain_heads h set seq = last.seq - 1, hash = last.prev_hash, "
            "checkpointed_seq = last.seq - 1 from last where h.subject_id = $1",
            told.subject_id,
        )
        text = (await self.trail(site)).text
        assert re.search(r"Event \d+ is not the one that checkpoint 1 knows\.", text)
        assert "This chain does not verify." in text

    async def test_a_changed_checkpoint_does_not_verify(self, site, stage, owner, told, tmp_path):
        await make_checkpoint(stage.system, tmp_path, stage.now)
        await owner.execute("update checkpoints set heads = heads + 1")
        assert "The newest checkpoint does not verify." in (await self.trail(site)).text

    async def test_only_auditors_read_weights(self, site, told):
        assert "terms_nats&#34;: [" in (await self.trail(site)).text
        for role in (LEAD, ADMIN):
            text = unescape((await self.trail(site, role)).text)
            assert '"terms_nats": "for auditors"' in text
            assert not re.search(r'nats": [\[\d-]', text)
            assert "SHA-256" not in text  # over all that it says: a weight could be tried out

    async def test_nobody_who_reported_is_in_it(self, site, told):
        text = (await self.trail(site)).text
        assert "rita" not in text
        assert "rob" not in text

    @pytest.mark.parametrize(
        "asked",
        [
            {"id": "nobody"},
            {"case": "no-case"},
            {"case": "00000000-0000-4000-8000-000000000000"},
            {"day": "yesterday"},
            {"event": "exploded"},
            {"kind": "planet"},
        ],
    )
    async def test_what_is_not_there_is_told_and_what_was_typed_stays(self, site, told, asked):
        answer = await self.trail(site, **asked)
        assert answer.status_code == 422
        assert 'id="fault"' in answer.text
        for field in {"id", "case", "day"} & set(asked):
            assert f'value="{asked[field]}"' in answer.text

    async def test_moderators_have_no_audit_trail(self, site, told):
        assert (await self.trail(site, MODERATOR)).status_code == 403
