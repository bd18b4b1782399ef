"""Every request of the API that a platform or a moderator makes, by name."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from underseal.client import answers, case_answers
from underseal.client.transport import Request, delete, get, post

SubjectName = tuple[str, str]
"""Kind and the platform's id: `("video", "v-123")`."""

Json = Mapping[str, Any]


def report(
    subject: SubjectName,
    reporter: str | None,
    guideline: str,
    *,
    note: str | None = None,
    moments: Iterable[tuple[int, int]] = (),
    law: str | None = None,
    trusted_flagger: bool = False,
    act_even_if_guessed: bool = False,
) -> Request[answers.Filed]:
    """File a report.

    Args:
        subject: what is reported.
        reporter: the platform's id of who reports it; None for somebody without an account.
        guideline: what it breaks, from `taxonomy`.
        note: the reporter's own words.
        moments: where in the video, in milliseconds from the start.
        law: the law that it breaks, which makes the report a notice of illegality.
        trusted_flagger: whoever gives the notice is one (DSA, Article 22); for a notice alone.
        act_even_if_guessed: the reporter, warned, asks for it to be acted on all the same.
    """
    body = report_body(
        subject,
        reporter,
        guideline,
        note=note,
        moments=moments,
        law=law,
        trusted_flagger=trusted_flagger,
        act_even_if_guessed=act_even_if_guessed,
    )
    return post("/v1/reports", answers.Filed, body)


def report_body(
    subject: SubjectName,
    reporter: str | None,
    guideline: str,
    *,
    note: str | None = None,
    moments: Iterable[tuple[int, int]] = (),
    law: str | None = None,
    trusted_flagger: bool = False,
    act_even_if_guessed: bool = False,
) -> Json:
    """Return the body of one report, as `report` and `report_many` send it."""
    notice: dict[str, Any] | None = None if law is None else {"law": law, "good_faith": True}
    if notice is not None and trusted_flagger:
        notice["trusted_flagger"] = True
    return {
        "subject": _subject(subject),
        "reporter": None if reporter is None else {"id": reporter},
        "guideline": guideline,
        "note": note,
        "moments": _moments(moments),
        "notice": notice,
        "act_even_if_guessed": act_even_if_guessed,
    }


def report_many(reports: Sequence[Json]) -> Request[answers.BulkFiled]:
    """File up to 1,000 reports, each a `report_body`."""
    return post("/v1/reports/bulk", answers.BulkFiled, {"reports": list(reports)})


def look_up_receipt(receipt: str) -> Request[answers.ReceiptState]:
    """Ask what has become of a report."""
    return post("/v1/receipts/lookup", answers.ReceiptState, {"receipt": receipt})


def answer_inquiry(receipt: str, inquiry_id: str, answer: str) -> Request[None]:
    """Answer, in the reporter's words, what a moderator asks the holder of a receipt."""
    body = {"receipt": receipt, "inquiry_id": inquiry_id, "answer": answer}
    return post("/v1/receipts/answer", None, body)


def forget_reporter(reporter: str) -> Request[answers.Forgotten]:
    """Tell that an account was deleted. Its reports stay."""
    return post("/v1/reporters/forget", answers.Forgotten, {"reporter": {"id": reporter}})


def register(
    subject: SubjectName,
    creator: str,
    *,
    caption: str = "",
    language: str = "en",
    media_url: str | None = None,
    upload: bool = False,
    captions: str | None = None,
) -> Request[answers.Registered]:
    """Tell of a subject or of a new version of it.

    A video has media: a URL that it is fetched from once, or an upload that follows, for which
    the answer has an `upload_url` (see `Client.upload`). `captions` are what is said in it, the
    text of a WebVTT file.
    """
    media: dict[str, Any] | None = {"upload": True} if upload else None
    if media_url is not None:
        media = {"url": media_url}
    if captions is not None:
        media = {**(media or {}), "captions": captions}
    return post(
        "/v1/subjects",
        answers.Registered,
        {
            "subject": _subject(subject),
            "creator": {"id": creator},
            "caption": caption,
            "language": language,
            "media": media,
        },
    )


def count_views(
    tick: datetime, views: Iterable[tuple[SubjectName, int, int]]
) -> Request[answers.Counted]:
    """Tell how many organic views each subject had in a tick, and how many viewers qualify.

    `tick` is the end of it, a multiple of the tick's length since the epoch.
    """
    counted = [
        {"subject": _subject(subject), "organic": organic, "qualifying": qualifying}
        for subject, organic, qualifying in views
    ]
    return post("/v1/views", answers.Counted, {"tick": tick, "views": counted})


def visibility(subject: SubjectName) -> Request[answers.Visibility]:
    """Ask who may see a subject."""
    return get("/v1/visibility", answers.Visibility, kind=subject[0], id=subject[1])


def visibility_of_many(subjects: Iterable[SubjectName]) -> Request[answers.ManyVisibilities]:
    """Ask who may see up to 1,000 subjects."""
    return post(
        "/v1/visibility/bulk",
        answers.ManyVisibilities,
        {"subjects": [_subject(subject) for subject in subjects]},
    )


def visibility_changes(
    cursor: str | None = None, limit: int | None = None
) -> Request[answers.VisibilityChanges]:
    """Ask what has changed since a cursor."""
    return get("/v1/visibility/changes", answers.VisibilityChanges, cursor=cursor, limit=limit)


def statements(
    creator: str, cursor: str | None = None, limit: int | None = None
) -> Request[answers.Statements]:
    """Ask for the statements that a creator may read."""
    return get(
        "/v1/creators/statements",
        answers.Statements,
        creator=creator,
        cursor=cursor,
        limit=limit,
    )


def statement(creator: str, statement_id: str) -> Request[answers.Statement]:
    """Ask for one statement of a creator."""
    return get(f"/v1/creators/statements/{statement_id}", answers.Statement, creator=creator)


def standing(creator: str) -> Request[answers.Standing]:
    """Ask for the strikes of an account."""
    return get("/v1/creators/standing", answers.Standing, creator=creator)


def appeals(creator: str) -> Request[answers.Appeals]:
    """Ask for a creator's appeals."""
    return get("/v1/creators/appeals", answers.Appeals, creator=creator)


def appeal(statement_id: str, creator: str, grounds: str) -> Request[answers.LodgedAppeal]:
    """Appeal against the decision behind a statement."""
    return post(
        "/v1/appeals",
        answers.LodgedAppeal,
        {"statement_id": statement_id, "creator": {"id": creator}, "grounds": grounds},
    )


def taxonomy(subject_kind: str, language: str = "en") -> Request[answers.Taxonomy]:
    """Ask for the topics and guidelines of a report dialog."""
    return get("/v1/taxonomy", answers.Taxonomy, subject_kind=subject_kind, language=language)


def guidelines(language: str = "en") -> Request[answers.Guidelines]:
    """Ask for all guidelines."""
    return get("/v1/guidelines", answers.Guidelines, language=language)


def add_webhook(url: str, types: Sequence[str]) -> Request[answers.NewEndpoint]:
    """Have messages of these types sent to a URL."""
    return post("/v1/webhooks", answers.NewEndpoint, {"url": url, "types": list(types)})


def webhooks() -> Request[answers.Endpoints]:
    """Ask where messages are sent."""
    return get("/v1/webhooks", answers.Endpoints)


def remove_webhook(endpoint_id: str) -> Request[None]:
    """Have nothing more sent to an endpoint."""
    return delete(f"/v1/webhooks/{endpoint_id}")


def queue() -> Request[case_answers.Queue]:
    """Ask how many cases wait, by lane; for moderators."""
    return get("/v1/queue", case_answers.Queue)


def take_case(kind: str | None = None) -> Request[case_answers.Case | None]:
    """Take the next case, a "review" or an "appeal", if there is one; for moderators."""
    return post("/v1/cases/take", case_answers.Case | None, {} if kind is None else {"kind": kind})


def read_case(case_id: str) -> Request[case_answers.Case]:
    """Read a case; for moderators."""
    return get(f"/v1/cases/{case_id}", case_answers.Case)


def explain_case(case_id: str) -> Request[case_answers.Explanation]:
    """Ask for every term of what is believed about a case; for leads and auditors."""
    return get(f"/v1/cases/{case_id}/explanation", case_answers.Explanation)


def release_case(case_id: str, *, not_me: bool = False) -> Request[None]:
    """Give a case back; for moderators."""
    return post(f"/v1/cases/{case_id}/release", None, {"not_me": not_me})


def decide(
    case_id: str,
    outcome: str,
    *,
    guideline: str | None = None,
    finding: str,
    moments: Iterable[tuple[int, int]] = (),
    observed: Sequence[int] = (),
    reasons: str | None = None,
) -> Request[case_answers.Submitted]:
    """Decide a case, or submit what needs a second person; for moderators.

    `observed` are the numbers of the guideline's examples that were seen, from 0. `reasons` are
    for the creator, and needed on an appeal.
    """
    body = {
        "outcome": outcome,
        "guideline": guideline,
        "finding": finding,
        "moments": _moments(moments),
        "observed": list(observed),
        "reasons": reasons,
    }
    given = {name: value for name, value in body.items() if value is not None}
    return post(f"/v1/cases/{case_id}/decision", case_answers.Submitted, given)


def confirmations(
    cursor: str | None = None, limit: int | None = None
) -> Request[case_answers.Confirmations]:
    """Ask what waits for a second person, and can be confirmed by the caller; for moderators."""
    return get("/v1/confirmations", case_answers.Confirmations, cursor=cursor, limit=limit)


def read_draft(draft_id: str) -> Request[case_answers.Draft]:
    """Ask what became of what one has submitted; for moderators."""
    return get(f"/v1/confirmations/{draft_id}", case_answers.Draft)


def confirm_draft(draft_id: str) -> Request[None]:
    """Confirm what somebody else has submitted; for moderators."""
    return post(f"/v1/confirmations/{draft_id}/confirm", None, {})


def return_draft(draft_id: str, word: str) -> Request[None]:
    """Return what somebody else has submitted, and say why; for moderators."""
    return post(f"/v1/confirmations/{draft_id}/return", None, {"word": word})


def charges(cursor: str | None = None, limit: int | None = None) -> Request[case_answers.Charges]:
    """Ask of which reports somebody else says that they were made up; for moderators."""
    return get("/v1/charges", case_answers.Charges, cursor=cursor, limit=limit)


def confirm_charge(decision_id: str) -> Request[None]:
    """Confirm that the reports which a decision ended were made up; for moderators."""
    return post(f"/v1/charges/{decision_id}/confirm", None, {})


def refuse_charge(decision_id: str) -> Request[None]:
    """Leave it at a mistake in good faith; for moderators."""
    return post(f"/v1/charges/{decision_id}/refuse", None, {})


def add_known_content(
    subject: SubjectName, guideline: str, *, verified: bool
) -> Request[case_answers.KnownContent]:
    """Let machines recognise a decided subject when it comes again; for leads."""
    return post(
        "/v1/known-content",
        case_answers.KnownContent,
        {"subject": _subject(subject), "guideline": guideline, "verified": verified},
    )


def incidents(limit: int | None = None) -> Request[case_answers.Incidents]:
    """Ask for what went wrong and wants a person; for leads and auditors."""
    return get("/v1/incidents", case_answers.Incidents, limit=limit)


def _subject(subject: SubjectName) -> Json:
    kind, external_id = subject
    return {"kind": kind, "id": external_id}


def _moments(moments: Iterable[tuple[int, int]]) -> Sequence[Json]:
    return [{"start_ms": start_ms, "end_ms": end_ms} for start_ms, end_ms in moments]
