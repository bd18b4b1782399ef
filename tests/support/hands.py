"""A keyboard or a phone in somebody's hands: what they press, and what they read on the page."""

from dataclasses import dataclass

from playwright.async_api import Locator, Page, expect


@dataclass
class Hands:
    """Somebody's hands on a keyboard, and their eyes on the page. There is no mouse."""

    page: Page

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.page.keyboard.press(key)

    async def type(self, text: str) -> None:
        await self.page.keyboard.type(text)

    async def read(self, *words: str) -> None:
        for each in words:
            await expect(self.page.locator("main")).to_contain_text(each)

    async def find_focus(self, role: str, name: str) -> None:
        """Wait until the focus is where the next key is for."""
        await expect(self.page.get_by_role(role, name=name)).to_be_focused()

    async def pick(self, key: str, name: str) -> None:
        """Pick what has this key, and wait for what the page makes of it."""
        await self.press(key)
        await self.find_focus("radio", name)

    async def foresee(self, words: str) -> None:
        """Read what the creator will read."""
        await expect(self.page.locator("#decide-preview")).to_contain_text(words)

    @property
    def subject(self) -> Locator:
        """What the case on the page is about."""
        return self.page.locator("h1 .subject")

    async def leave(self, *keys: str) -> None:
        """Press what ends the work on a case, and be where that leads."""
        case = self.page.url
        await self.press(*keys)
        await self.page.wait_for_url(lambda url: url != case)


class Finger(Hands):
    """Somebody's finger on a phone."""

    async def tap(self, role: str, name: str) -> None:
        await self.page.get_by_role(role, name=name).tap()

    async def go(self, name: str) -> None:
        """Tap a button that leads elsewhere, and be there."""
        here = self.page.url
        await self.tap("button", name)
        await self.page.wait_for_url(lambda url: url != here)
