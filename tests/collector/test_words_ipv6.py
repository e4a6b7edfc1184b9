"""Is every code of the IPv6 ladder and of a site's checks said in words, with a next step, in both languages?"""

from __future__ import annotations

import pytest

from collector.messages_ipv6 import OTHER_CHECK, SITE
from collector.verdict import Code
from collector.words import words_in
from evidence.rung_words import RUNGS, said_of
from evidence.spelled import LANGUAGES
from tests.collector.test_words import said


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("rung", [*RUNGS, "", "LATER_CODE"])
def test_rungs(rung: str, language: str) -> None:
    """Every code of the IPv6 ladder has words and a step; one of a later release is named."""
    why, step = said(Code.RUNG, language, code=rung)
    known = said_of(rung).step(language)

    assert (step, "{" in why) == (known, False)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("check", [*SITE, "LATER_CODE"])
def test_site_checks(check: str, language: str) -> None:
    """Every code of the probe site has words and a step; one of a later release is named."""
    why, step = said(Code.SITE_CHECK, language, code=check, check="S1", site="www.school.test")
    known = words_in(language).say(SITE.get(check, OTHER_CHECK)[1])

    assert (step, "{" in why) == (known, False)
