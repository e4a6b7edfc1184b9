"""Are wrong settings named as they stand in the file, without any value of theirs?"""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from agent.wrong import in_words_of
from probes.uplinks import Settings

SECRET = "planted-community-1"
ONE = {"host": "10.0.0.1", "community": SECRET}


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        pytest.param({}, "switches: expected, and not there", id="nothing"),
        pytest.param({"switches": []}, "switches: expected at least 1", id="no switch"),
        pytest.param({"switches": ["x"]}, "switches, number 1: expected a table", id="no table"),
        pytest.param(
            {"switches": [ONE | {"port": 99_999}]}, "switches, 10.0.0.1, port: expected 65535 or less", id="port"
        ),
        pytest.param({"switches": [ONE | {"name": "a", "x": 1}]}, "switches, a, x: not known here", id="by its name"),
        pytest.param({"switches": [{"community": SECRET}]}, "switches, number 1, host: expected", id="without a host"),
        pytest.param(
            {"switches": [{"host": "a", "user": "u", "auth_key": "short"}]},
            "switches, a: auth_key: expected 8 or more characters",
            id="a rule of the probe",
        ),
        pytest.param({"switches": [ONE, ONE]}, "switches: 10.0.0.1:161 is listed twice", id="of the whole"),
        pytest.param({"switches": [ONE], "timeout_s": "2"}, "timeout_s: expected a number", id="text for a number"),
    ],
)
def test_in_words(settings: dict[str, Any], words: str) -> None:
    """The place is that of the file, a switch by its name; no word is of a library, and no value is repeated."""
    with pytest.raises(ValidationError) as caught:
        Settings.model_validate(settings)
    said = in_words_of(caught.value, settings)

    assert said.startswith(words)
    assert [one for one in ("Input", "Value error", SECRET) if one in said] == []
