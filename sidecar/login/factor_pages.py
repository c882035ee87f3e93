"""The pages of the second step: asking for a code, setting up an app, its recovery codes.

They have no switch of language: its way back would be the first step, and what they show is shown
once.
"""

from collections.abc import Sequence
from typing import Literal

from sidecar.core.factors import Offer
from sidecar.login.pages import Pages

CodeFault = Literal["wrong_code", ""]


class FactorPages:
    """language: as for `Pages`."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def code(self, challenge: str, return_to: str, fault: CodeFault, language: str) -> str:
        """Ask for a code, after the right password."""
        return self._pages.render(
            "second_factor", language, challenge=challenge, return_to=return_to, fault=fault
        )

    def enrol(self, offer: Offer, return_to: str, fault: CodeFault, language: str) -> str:
        """Ask to set up an app, after the right password."""
        return self._pages.render("enrol", language, offer=offer, return_to=return_to, fault=fault)

    def recovery(self, codes: Sequence[str], onward: str, language: str) -> str:
        """Show recovery codes, once. onward: where to go then."""
        return self._pages.render("recovery", language, codes=codes, onward=onward)
