"""
What does the survey page say, and what does the terminal?

One table of sentences by name; the page gets it whole, in one language.
"""

from __future__ import annotations

from agent.speech import Speech


def N_(message: str) -> str:  # noqa: N802 - the name that catalogue tools look for
    """A mark for the catalogues."""
    return message


SENTENCES = {
    "title": N_("Wi-Fi survey"),
    "pin": N_("Number on the laptop's screen"),
    "enter": N_("Open"),
    "wrong_pin": N_("That is not the number on the laptop's screen."),
    "new_pin": N_("Too many wrong numbers: the laptop shows a new one."),
    "progress": N_("{done} of {total} places, {repeat} to repeat"),
    "again": N_("Drawn to be measured again: the cards are new"),
    "nothing": N_("No survey is open. It appears here as soon as it is ordered."),
    "complete": N_(
        "All places are measured. Leave the laptop on until everything is sent; a draw of places to be measured again may follow."
    ),
    "next": N_("Next"),
    "choose": N_("Place"),
    "point": N_("Point {point} of {points}"),
    "spread": N_("Spread the points evenly over the room; stand still while it measures."),
    "code": N_("Code on the card here"),
    "measure": N_("I stand here: measure"),
    "measuring": N_("Measuring: stay where you are ..."),
    "scans": N_("{scans} of {of} scans"),
    "connecting": N_("No connection to the laptop: stay here, it is asked again ..."),
    "drop": N_("Give up this point"),
    "unsent": N_("{count} reports wait to be sent"),
    "done": N_("measured"),
    "repeat": N_("repeat"),
    "open": N_("open"),
    "pass": N_("{dbm} dBm, {count} own access points: looks well covered"),
    "borderline": N_("{dbm} dBm: near the limit. Measure this point again"),
    "weak": N_("{dbm} dBm: weak"),
    "nothing_heard": N_("None of the school's access points was heard here"),
    "failed": N_("The scans did not run to their end. Measure this point again"),
    "lost": N_("It was cut off. Measure this point again"),
    "refused": N_("Could not measure: {detail}"),
    "bad_code": N_("This code cannot be right: look at the card again."),
    "busy": N_("The laptop is measuring another point; wait until it is done."),
    "tries": N_("This point was measured three times: that is all that counts."),
    "no_place": N_("This place is not in the survey."),
    "no_survey": N_("This survey is over or was taken back."),
    "bad_request": N_("The page is older than the laptop's program: load it again."),
    "judged": N_("Only a hint: the collector judges."),
    "walk": N_("Walk with hand-overs"),
    "walk_how": N_(
        "Join the laptop to the school's network, then walk past many access points. It ends by itself after ten hand-overs or 15 minutes."
    ),
    "walk_start": N_("Start walking"),
    "walk_cancel": N_("Cancel: nothing is kept"),
    "walked": N_("The walk is recorded."),
}


def sentences(speech: Speech) -> dict[str, str]:
    """All sentences in one language, with their blanks."""
    return {name: speech.words.gettext(message) for name, message in SENTENCES.items()}
