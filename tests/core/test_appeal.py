from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from underseal.core.appeal import (
    APPEAL_TRANSITIONS,
    EXPLANATION_CHARS_MAX,
    AlreadyAppealedError,
    Appeal,
    AppealDecidedError,
    AppealId,
    AppealState,
    AppealStep,
    AppealTooLateError,
    NotAffectedError,
    NothingToAppealError,
    Undo,
    can_lodge,
    decide,
    to_undo,
)
from underseal.core.case import ModeratorId, SameModeratorError
from underseal.core.decision import Automation, DecisionId
from underseal.core.guideline import GuidelineId
from underseal.core.reasons import ReasonsLengthError, ReasonsQuoteError
from underseal.core.statement import (
    ON_APPEAL,
    RESTRICTIVE,
    GuidelineQuote,
    Statement,
    StatementId,
    StatementKind,
    inform,
)
from underseal.core.subject import SubjectKind, SubjectRef
from underseal.core.visibility import Level, Visibility

NOON = datetime(2026, 8, 31, 12, tzinfo=UTC)
END = datetime(2027, 3, 1, tzinfo=UTC)  # after the last of February
CREATOR, OTHER = (
    SubjectRef(kind=SubjectKind.ACCOUNT, external_id=name).subject_id for name in ("ines", "jo")
)
ANA, BO = (ModeratorId(UUID(int=number)) for number in (1, 2))
REASONS = "The shoes in the video are your own design."
SPAM = GuidelineQuote(
    id=GuidelineId("spam"), label={"en": "Spam"}, text={"en": "No spam."}, observed={"en": ()}
)
LEVELS = {
    StatementKind.HOLD: Level.HELD,
    StatementKind.RESTRICTION: Level.NOT_RECOMMENDED,
    StatementKind.REMOVAL: Level.REMOVED,
    StatementKind.APPEAL_UPHELD: Level.REMOVED,
}


def statement(kind=StatementKind.REMOVAL):
    return Statement(
        id=StatementId(UUID(int=1)),
        subject=SubjectRef(kind=SubjectKind.VIDEO, external_id="v1"),
        kind=kind,
        visibility=Visibility(level=LEVELS.get(kind, Level.PUBLIC)),
        guideline=SPAM if kind in RESTRICTIVE else None,
        automated_detection=False,
        automated_decision=Automation.NOT_AUTOMATED,
        reasons=REASONS if kind in ON_APPEAL else None,
    )


def informed(kind=StatementKind.REMOVAL):
    end = NOON + timedelta(hours=72) if kind is StatementKind.HOLD else None
    return inform(statement(kind), NOON, end)


def lodge(subject=None, *, appellant=CREATOR, is_appealed=False, at=NOON):
    can_lodge(
        subject or informed(),
        affected=CREATOR,
        appellant=appellant,
        is_appealed=is_appealed,
        at=at,
    )


def appeal(judged_by=(ANA,), **fields):
    return Appeal(
        id=AppealId(UUID(int=5)),
        decision_id=DecisionId(UUID(int=6)),
        judged_by=judged_by,
        lodged_at=NOON,
        explanation="They are my own.",
        **fields,
    )


def decided(step=AppealStep.GRANT, *, by=BO, judged_by=(ANA,), reasons=REASONS, notes=()):
    return decide(appeal(judged_by), step, by=by, at=NOON, reasons=reasons, notes=notes)


def test_the_time_to_appeal_lasts_to_the_end_of_its_last_day():
    lodge(at=END - timedelta(microseconds=1))
    with pytest.raises(AppealTooLateError) as refused:
        lodge(at=END)
    assert refused.value.until == END


@pytest.mark.parametrize("kind", [StatementKind.RESTRICTION, StatementKind.REMOVAL])
def test_a_restriction_and_a_removal_can_be_appealed_against(kind):
    lodge(informed(kind))


@pytest.mark.parametrize(
    "kind",
    [
        StatementKind.HOLD,
        StatementKind.REINSTATEMENT,
        StatementKind.APPEAL_UPHELD,
        StatementKind.APPEAL_REVERSED,
    ],
)
def test_what_is_undecided_harmless_or_final_cannot_be_appealed_against(kind):
    with pytest.raises(NothingToAppealError):
        lodge(informed(kind))


def test_nobody_appeals_before_they_are_told():
    with pytest.raises(NothingToAppealError):
        lodge(statement())


def test_a_decision_is_appealed_against_once():
    with pytest.raises(AlreadyAppealedError):
        lodge(is_appealed=True)


@pytest.mark.parametrize("is_appealed", [True, False])
@pytest.mark.parametrize("kind", StatementKind)
def test_somebody_else_learns_nothing_but_that_it_is_not_theirs(kind, is_appealed):
    for at in (NOON, END):
        with pytest.raises(NotAffectedError):
            lodge(informed(kind), appellant=OTHER, is_appealed=is_appealed, at=at)


def test_somebody_else_decides():
    with pytest.raises(SameModeratorError):
        decided(by=ANA)
    with pytest.raises(SameModeratorError):
        decided(by=BO, judged_by=(ANA, BO))
    assert decided(by=BO).decided_by == BO
    assert decided(by=ANA, judged_by=()).decided_by == ANA


def test_what_was_decided_on_appeal_is_final():
    granted = decided()
    with pytest.raises(AppealDecidedError) as refused:
        decide(granted, AppealStep.REFUSE, by=BO, at=NOON, reasons=REASONS, notes=[])
    assert refused.value.state is AppealState.GRANTED


def test_an_appeal_is_decided_with_reasons():
    with pytest.raises(ReasonsLengthError):
        decided(reasons="no")
    assert decided().reasons == REASONS


def test_reasons_do_not_quote_a_note():
    with pytest.raises(ReasonsQuoteError):
        decided(notes=["Look: the shoes in the video are stolen"])


def test_a_granted_appeal_undoes_everything_and_a_refused_one_nothing():
    assert set(to_undo(decided(AppealStep.GRANT))) == set(Undo)
    assert to_undo(decided(AppealStep.REFUSE)) == ()
    assert to_undo(appeal()) == ()


def test_undoing_puts_back_what_the_design_promises():
    assert {"visibility", "strike", "reach", "credit"} <= {str(each) for each in Undo}


@pytest.mark.parametrize(
    "fields",
    [
        {"state": AppealState.GRANTED},
        {"state": AppealState.REFUSED, "decided_by": BO, "decided_at": NOON},
        {"decided_by": BO},
        {"reasons": REASONS},
    ],
)
def test_an_appeal_is_not_half_decided(fields):
    with pytest.raises(ValueError):
        appeal(**fields)


def test_an_explanation_has_a_limit():
    with pytest.raises(ValueError):
        Appeal(
            id=AppealId(UUID(int=5)),
            decision_id=DecisionId(UUID(int=6)),
            judged_by=(),
            lodged_at=NOON,
            explanation="x" * (EXPLANATION_CHARS_MAX + 1),
        )


class Appeals(RuleBasedStateMachine):
    """Two moderators try to decide, again and again."""

    def __init__(self):
        super().__init__()
        self.appeal = appeal()
        self.first = None

    @rule(step=st.sampled_from(AppealStep), by=st.sampled_from([ANA, BO]), hours=st.integers(0, 9))
    def somebody_decides(self, step, by, hours):
        before = self.appeal
        at = NOON + timedelta(hours=hours)
        try:
            self.appeal = decide(before, step, by=by, at=at, reasons=REASONS, notes=[])
        except AppealDecidedError:
            assert (before.state, step) not in APPEAL_TRANSITIONS
        except SameModeratorError:
            assert by == ANA
        else:
            assert APPEAL_TRANSITIONS[before.state, step] is self.appeal.state
            self.first = self.first or self.appeal

    @invariant()
    def the_first_decision_is_final(self):
        assert self.first is None or self.appeal == self.first

    @invariant()
    def who_decided_first_never_decides_again(self):
        assert self.appeal.decided_by != ANA
        assert (self.appeal.state is AppealState.LODGED) == (self.appeal.decided_by is None)


TestAppeals = Appeals.TestCase
