"""`<underseal-report>` on a platform's page of another origin."""

from datetime import timedelta

import pytest
from chromium import LOOKS, every_look, serving
from embedding import PAGE, Embedded, platform, ticket_signer
from playwright.async_api import expect

from underseal.lab.videos import Codec, make_video

REPORTS = (
    "select guideline, moments, note is not null as has_note, is_notice, law, may_be_guessed "
    "from reports"
)

DASH = "\N{EN DASH}"

# Not Playwright's `wait_for_function`: to look again it evaluates a string, and the page's policy
# forbids that.
CAN_PLAY = """(video) => new Promise((ready) =>
  video.readyState > 1 ? ready() : video.addEventListener("canplay", () => ready()))"""


@pytest.fixture(scope="session")
def video(tmp_path_factory):
    path = tmp_path_factory.mktemp("platform") / "video.webm"
    make_video(path, scene=1, seconds=8, size=(180, 320), fps=10, codec=Codec.VP9)
    return path


@pytest.fixture
async def embed(site, origin, browser, look, video):
    """Opens the platform's page; `attributes` are those of the element."""
    ticket = await ticket_signer(site)
    html = ""
    async with serving(platform(origin, video, lambda: html)) as elsewhere:

        async def open_page(attributes='lang="en" video="#player"', **given) -> Embedded:
            nonlocal html
            signed = given.get("ticket", ticket())
            html = PAGE.format(origin=origin, ticket=signed, attributes=attributes)
            window = await browser.window(look)
            await window.grant_permissions(["clipboard-read", "clipboard-write"])
            page = await window.new_page()
            await page.goto(elsewhere)
            await page.locator("#player").evaluate(CAN_PLAY)
            return Embedded(page, ticket)

        yield open_page


def posts(page) -> list:
    """What the page will have sent."""
    sent = []
    page.on("request", lambda request: request.method == "POST" and sent.append(request))
    return sent


@every_look
async def test_a_report_with_seconds_is_filed_by_keyboard_alone(embed, axe, stage, look):
    shown = await embed()
    page, keys = shown.page, shown.page.keyboard
    await axe(page)
    await shown.press("Report")
    await expect(shown.dialog.get_by_role("heading")).to_have_text("What is it about?")
    await axe(page)
    await shown.press("Deception and spam")
    await axe(page)
    await shown.press("Spam")
    await expect(shown.dialog.get_by_role("heading", level=2)).to_have_text("Spam")
    await shown.tab_to("Place in the video")
    for _ in range(23):
        await keys.press("ArrowRight")
    await expect(shown.dialog.locator("output")).to_have_text("0:02 / 0:08")
    await shown.press("Mark this second")
    await shown.press("It starts here")
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Shift+Tab")
    for _ in range(20):
        await keys.press("ArrowRight")
    await shown.press("It ends here (from 0:02)")
    await expect(shown.dialog.locator("li > [dir=ltr]")).to_have_text(
        [f"0:02{DASH}0:03", f"0:02{DASH}0:04"]
    )
    await shown.tab_to("Anything else")
    await keys.type("The same link under every video")
    await axe(page)
    await shown.press("Send the report")
    assert (await shown.receipt()).startswith("rcpt_")
    await axe(page)
    await shown.press("Done")
    await expect(shown.dialog).to_be_hidden()
    assert await page.evaluate("document.activeElement.localName") == "underseal-report"
    (report,) = await stage.rows(REPORTS)
    assert report == {
        "guideline": "spam",
        "moments": [2000, 3000, 2300, 4300],
        "has_note": True,
        "is_notice": False,
        "law": None,
        "may_be_guessed": False,
    }


async def test_it_says_beforehand_what_reports_are_for_and_what_becomes_of_them(embed):
    shown = await embed()
    await shown.open()
    await expect(shown.dialog).to_contain_text("Report what breaks the guidelines")
    await shown.choose("Deception and spam", "Spam")
    for words in (
        "A report cannot be changed or withdrawn.",
        "Nobody will be told that it was you.",
        "It is best to report quietly",
    ):
        await expect(shown.dialog).to_contain_text(words)


async def test_a_double_click_sends_once(embed, stage):
    shown = await embed()
    await shown.open()
    await shown.choose("Deception and spam", "Spam")
    sent = posts(shown.page)
    await shown.dialog.get_by_role("button", name="Send the report").dblclick()
    await shown.receipt()
    assert len(sent) == 1
    assert len(await stage.rows(REPORTS)) == 1


async def test_the_page_learns_that_there_was_a_report_and_nothing_of_it(embed):
    shown = await embed()
    await shown.page.evaluate(
        "window.told = []; document.addEventListener('underseal-reported', "
        "(event) => window.told.push([event.detail, event.target.localName]))"
    )
    await shown.open()
    await shown.choose("Deception and spam", "Spam")
    await shown.send()
    receipt = await shown.receipt()
    assert await shown.page.evaluate("window.told") == [[None, "underseal-report"]]
    await expect(shown.dialog).to_contain_text("A mistaken report does no harm")
    await shown.dialog.get_by_role("button", name="Copy").click()
    await expect(shown.dialog.get_by_role("button", name="Copied")).to_be_visible()
    assert await shown.page.evaluate("navigator.clipboard.readText()") == receipt


async def test_with_a_new_ticket_a_report_goes_on_as_if_nothing_had_happened(embed, stage, clock):
    shown = await embed()
    await shown.open()
    await shown.choose("Deception and spam", "Spam")
    await shown.dialog.get_by_role("textbox").fill("typed long ago")
    clock.now += timedelta(hours=2)
    await shown.page.evaluate(
        "(ticket) => document.addEventListener('underseal-ticket-expired', "
        "({target}) => setTimeout(() => target.setAttribute('ticket', ticket)))",
        shown.ticket(),
    )
    await shown.send()
    await shown.receipt()
    (report,) = await stage.rows(REPORTS)
    assert report["has_note"]


async def test_a_page_that_has_no_new_ticket_loses_nothing_typed(embed, stage, clock):
    shown = await embed()
    await shown.open()
    await shown.choose("Deception and spam", "Spam")
    await shown.dialog.get_by_role("textbox").fill("typed long ago")
    stale = shown.ticket()
    clock.now += timedelta(hours=2)
    sent = posts(shown.page)
    await shown.send()
    await expect(shown.dialog.get_by_role("alert")).to_contain_text("open for too long")
    await shown.set(ticket=stale + "A")
    await expect(shown.dialog.get_by_role("alert")).to_contain_text("open for too long")
    await expect(shown.dialog.get_by_role("textbox")).to_have_value("typed long ago")
    assert len(sent) == 2
    await shown.set(ticket=shown.ticket())
    await shown.send()
    await shown.receipt()
    assert len(await stage.rows(REPORTS)) == 1


async def test_a_page_may_sign_a_ticket_only_when_it_is_asked_for(embed):
    shown = await embed(ticket="")
    await shown.page.evaluate(
        "(ticket) => document.addEventListener('underseal-ticket-expired', "
        "({target}) => target.setAttribute('ticket', ticket))",
        shown.ticket(),
    )
    await shown.open()
    await shown.choose("Deception and spam", "Spam")
    await shown.send()
    await shown.receipt()


async def test_without_a_connection_nothing_typed_is_lost(embed, stage):
    shown = await embed()
    await shown.open()
    await shown.choose("Deception and spam", "Spam")
    await shown.dialog.get_by_role("textbox").fill("typed in a tunnel")
    await shown.page.context.set_offline(True)
    await shown.send()
    await expect(shown.dialog.get_by_role("alert")).to_contain_text("There is no connection")
    await expect(shown.dialog.get_by_role("textbox")).to_have_value("typed in a tunnel")
    await shown.page.context.set_offline(False)
    await shown.send()
    await shown.receipt()
    assert len(await stage.rows(REPORTS)) == 1


async def test_without_a_connection_the_guidelines_are_asked_for_again(embed):
    shown = await embed()
    await shown.page.context.set_offline(True)
    await shown.page.get_by_role("button", name="Report").click()
    await expect(shown.dialog.get_by_role("alert")).to_contain_text("There is no connection")
    await shown.page.context.set_offline(False)
    await shown.dialog.get_by_role("button", name="Try again").click()
    await shown.choose("Deception and spam", "Spam")


@pytest.mark.parametrize(
    ("status", "words"), [(503, "cannot take it just now"), (400, "cannot be taken as it is. so")]
)
async def test_what_is_refused_can_be_sent_again(embed, stage, status, words):
    shown = await embed()
    await shown.open()
    await shown.choose("Deception and spam", "Spam")

    async def refuse(route) -> None:
        await route.fulfill(
            status=status, json={"detail": "so"}, headers={"access-control-allow-origin": "*"}
        )

    await shown.page.route("**/v1/reports", refuse, times=1)
    await shown.send()
    await expect(shown.dialog.get_by_role("alert")).to_contain_text(words)
    await shown.send()
    await shown.receipt()
    assert len(await stage.rows(REPORTS)) == 1


async def test_where_few_have_looked_it_warns_and_leaves_the_choice(embed, axe, stage):
    shown = await embed('lang="en" few-viewers')
    await shown.open()
    await shown.choose("Deception and spam", "Spam")
    await expect(shown.dialog).to_contain_text("It could be guessed that it was you")
    await axe(shown.page)
    await shown.dialog.get_by_label("Act all the same").check()
    await shown.send()
    await shown.receipt()
    (report,) = await stage.rows(REPORTS)
    assert report["may_be_guessed"]


async def test_where_many_have_looked_there_is_no_such_choice(embed):
    shown = await embed()
    await shown.open()
    await shown.choose("Deception and spam", "Spam")
    await expect(shown.dialog.get_by_label("Act all the same")).to_have_count(0)


async def test_a_notice_names_the_law_and_is_given_in_good_faith(embed, axe, stage):
    shown = await embed()
    await shown.open()
    await shown.choose("Violence and crime", "Threat to someone's life")
    sent = posts(shown.page)
    await shown.dialog.get_by_label("I say that this is against the law").check()
    await expect(shown.dialog).to_contain_text("learns that there was a notice, and nothing else")
    await shown.send()
    await expect(shown.dialog.get_by_label("Which law?")).to_be_focused()
    await expect(shown.dialog).to_contain_text("Name the law.")
    await axe(shown.page)
    await shown.page.keyboard.type("StGB, section 241, Germany")
    await shown.send()
    await expect(shown.dialog.get_by_label("I believe in good faith")).to_be_focused()
    assert not sent
    await shown.page.keyboard.press("Space")
    await shown.send()
    await shown.receipt()
    (report,) = await stage.rows(REPORTS)
    assert report["is_notice"]
    assert report["law"] == "StGB, section 241, Germany"


async def test_a_note_is_measured_in_bytes_as_the_api_does(embed, stage):
    shown = await embed()
    await shown.open()
    await shown.choose("Deception and spam", "Spam")
    sent = posts(shown.page)
    note = shown.dialog.get_by_role("textbox")
    await note.fill(" " + "ü" * 4_001)
    await expect(shown.dialog).to_contain_text("Too long by 2 bytes")
    await shown.send()
    await expect(note).to_be_focused()
    assert not sent
    await note.fill(" " + "ü" * 4_000 + "\n")
    await expect(shown.dialog).to_contain_text("Room for 0 more bytes")
    await shown.send()
    await shown.receipt()
    assert len(await stage.rows(REPORTS)) == 1


async def test_escape_closes_it_and_it_opens_as_it_was(embed):
    shown = await embed()
    player = shown.page.locator("#player")
    await player.evaluate("async (video) => { video.currentTime = 1.5; await video.play() }")
    await shown.open()
    await expect(player).to_have_js_property("paused", value=True)
    await shown.choose("Deception and spam", "Spam")
    await shown.dialog.get_by_role("textbox").fill("half a thought")
    await shown.dialog.get_by_role("slider").fill("6")
    await shown.page.keyboard.press("Escape")
    await expect(shown.dialog).to_be_hidden()
    await expect(shown.page.get_by_role("button", name="Report")).to_be_focused()
    await expect(player).to_have_js_property("paused", value=False)
    assert 1.4 < await player.evaluate("(video) => video.currentTime") < 5
    await shown.open()
    await expect(shown.dialog.get_by_role("textbox")).to_have_value("half a thought")


async def test_a_moment_can_be_taken_back(embed, stage):
    shown = await embed()
    await shown.open()
    await shown.choose("Deception and spam", "Spam")
    await shown.dialog.get_by_role("slider").fill("7.9")
    await shown.dialog.get_by_role("button", name="Mark this second").click()
    await shown.dialog.get_by_role("button", name=f"Remove 0:07{DASH}0:08").click()
    await expect(shown.dialog).to_contain_text(f"0:07{DASH}0:08 is no longer marked")
    await shown.send()
    await shown.receipt()
    (report,) = await stage.rows(REPORTS)
    assert report["moments"] == []


async def test_a_ticket_for_something_else_begins_anew(embed, stage):
    shown = await embed()
    await shown.open()
    await shown.choose("Deception and spam", "Spam")
    await shown.dialog.get_by_role("textbox").fill("about the first video")
    await shown.page.keyboard.press("Escape")
    await shown.set(ticket=shown.ticket("c1", kind="comment"))
    await shown.open()
    await expect(shown.dialog.get_by_role("heading")).to_have_text("What is it about?")
    await shown.choose("Deception and spam", "Spam")
    await expect(shown.dialog.get_by_role("textbox")).to_have_value("")


@pytest.mark.parametrize("look", [LOOKS["phone-dark"]], ids=["phone-dark"])
@pytest.mark.parametrize(
    ("language", "direction", "words"),
    [
        ("de", "ltr", ["Melden", "Worum geht es?", "Gewalt und Straftaten", "Bevor du meldest"]),
        ("es-MX", "ltr", ["Denunciar", "¿De qué se trata?", "Violencia", "Antes de denunciar"]),
        ("ar", "rtl", ["إبلاغ", "ما موضوع البلاغ؟", "Violence", "قبل أن تُبلغ"]),
    ],
)
async def test_it_speaks_the_language_of_the_page(embed, axe, language, direction, words, look):
    shown = await embed(f'lang="{language}" video="#player" few-viewers')
    trigger, question, topic, before = words
    await expect(shown.page.get_by_role("button", name=trigger)).to_be_visible()
    await shown.open()
    await expect(shown.dialog.get_by_role("heading")).to_have_text(question)
    await shown.dialog.get_by_role("button", name=topic).first.click()
    await shown.dialog.get_by_role("listitem").first.get_by_role("button").click()
    await expect(shown.dialog.get_by_role("heading", level=3)).to_have_text(before)
    assert (
        await shown.dialog.evaluate("(dialog) => getComputedStyle(dialog).direction") == direction
    )
    await axe(shown.page)


async def test_a_page_gives_it_its_own_look(embed):
    shown = await embed()
    await shown.page.evaluate(
        "const sheet = new CSSStyleSheet(); sheet.replaceSync('underseal-report { "
        "--underseal-accent: rgb(0, 90, 60) } underseal-report::part(trigger) { "
        "border-radius: 99px }'); document.adoptedStyleSheets = [sheet]"
    )
    trigger = shown.page.get_by_role("button", name="Report")
    await expect(trigger).to_have_css("border-radius", "99px")
    await shown.open()
    await shown.choose("Deception and spam", "Spam")
    send = shown.dialog.get_by_role("button", name="Send the report")
    await expect(send).to_have_css("background-color", "rgb(0, 90, 60)")
