"""Who is in the story, as the platform names them, and what they say."""

from typing import Final

from underseal.lab.history import HONEST

DANCER: Final = "dancer"
"""Posts what breaks nothing."""

JOKER: Final = "joker"
"""Posts what looks like bullying, and turns out to be a sketch."""

RECRUITER: Final = "recruiter"
"""Posts what is grave."""

COPYIST: Final = "copyist"
"""Posts it again, edited."""

FIRST_WITNESS: Final = HONEST[0]
OTHER_WITNESSES: Final = HONEST[1:4]
NEWCOMERS: Final = ("newcomer-1", "newcomer-2", "newcomer-3")
PASSER_BY: Final = "passer-by"
BRIGADE: Final = tuple(f"fresh-{number:03}" for number in range(500))

DANCE: Final = ("video", "dance")
SKETCH: Final = ("video", "sketch")
CALL: Final = ("video", "call-to-arms")
COPIES: Final = (("video", "copy-1"), ("video", "copy-2"), ("video", "copy-3"))

BULLYING: Final = "bullying"
TERRORISM: Final = "terrorism"

NOTE: Final = "she sits two rows behind me and has cried about this every single day"
"""What a witness tells the moderators, and nobody else may ever read."""

MOMENT: Final = (500, 2500)

APPEAL: Final = "She is my sister, we wrote this sketch together, and she plays herself."
GRANTED: Final = "Both people in the video have confirmed that it is a sketch of their own making."
QUOTING: Final = (
    "A classmate says that she has cried about this every single day, so it stays down."
)
COMPLAINT: Final = "It is only music. You have no right to take it down."
REFUSED: Final = (
    "The video asks viewers to join an armed group and tells them how. It stays removed."
)
