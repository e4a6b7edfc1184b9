"""Who may see and do what, and does a page of another site get anything done?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
from fastapi import FastAPI

from collector.app import HEADERS, create_app
from collector.people import Role
from collector.routes.given import COOKIE
from collector.secrets import hash_password, is_password
from evidence.model import Raw
from evidence.scan import AskedBy
from tests.collector.running import HOUR_US, TLS, Box, Running, running

PASSWORD = "a long password"
RAW = Raw("switch-1.json", b"{}")


@dataclass
class House:
    """Two schools, one of which has an agent, an order, evidence and raw evidence."""

    up: Running
    own: str
    other: str
    evidence: str
    scan: str


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A collector with two schools and somebody who can log in."""
    with running(tmp_path_factory.mktemp("people")) as up:
        up.home = up.founded()
        box, other = up.enrolled(), up.founded("二中")
        up.parts.front.add("li", Role.EVALUATOR, "", PASSWORD)
        evidence = _filled(up, box)
        yield House(up, up.home, other, evidence, up.order(box).id)


def _filled(up: Running, box: Box) -> str:
    """Hand in one report with raw evidence; its id."""
    up.submit(box.sealed(box.report(blobs=(RAW.blob,))))
    up.http.put(f"/v1/evidence/{box.previous}/raw/{RAW.blob.sha256}", content=RAW.content)
    return box.previous


def visit(house: House, who: str, method: str, path: str, **headers: str) -> httpx.Response:
    """One request in a browser of its own."""
    place = {
        "school": house.own,
        "evidence": house.evidence,
        "scan": house.scan,
        "sha256": RAW.blob.sha256,
        "chosen": "en",
    }
    with httpx.Client(base_url=house.up.url, verify=TLS, timeout=30) as browser:
        return browser.request(method, path.format(**place), headers={**headers, **session(house, who)})


def session(house: House, who: str) -> dict[str, str]:
    """The cookie of somebody who has just logged in; none for nobody."""
    if who == "nobody":
        return {}
    role = Role.EVALUATOR if who == "evaluator" else Role.SCHOOL_ADMIN
    school = {"own admin": house.own, "other admin": house.other}.get(who, "")
    house.up.people.pop(f"{role.value} {school}".strip(), httpx.Client(verify=TLS)).close()
    return {"cookie": f"{COOKIE}={house.up.person(role, school).cookies[COOKIE]}"}


# --- Roles ------------------------------------------------------------------------------------------------------------

WHO = ("nobody", "own admin", "other admin", "evaluator")
TO_LOGIN = "303 /login"
# For each route: what nobody, the school's own admin, another school's admin and an evaluator are answered.
ROLES = {
    "GET /openapi.json": ["200"] * 4,
    "GET /v1/keys": ["200"] * 4,
    "POST /v1/agents": ["400"] * 4,  # an empty request: the token is what opens this door
    "POST /v1/evidence": ["400"] * 4,  # an empty envelope: the signature is
    "PUT /v1/evidence/{evidence}/raw/{sha256}": ["400"] * 4,  # other bytes than declared: the hash is
    "GET /v1/scans": ["401"] * 4,
    "POST /v1/scans/{scan}/progress": ["401"] * 4,
    "GET /v1/schools/{school}/verdicts": ["401", "200", "404", "200"],
    "GET /v1/schools/{school}/neighbours": ["401", "200", "404", "200"],
    "GET /evidence/{evidence}": [TO_LOGIN, "200", "404", "200"],
    "GET /evidence/{evidence}/envelope": [TO_LOGIN, "200", "404", "200"],
    "GET /evidence/{evidence}/receipt": [TO_LOGIN, "200", "404", "200"],
    "GET /evidence/{evidence}/raw/{sha256}": [TO_LOGIN, "200", "404", "200"],
    "GET /schools/{school}": [TO_LOGIN, "200", "404", "200"],
    "POST /schools/{school}/scans": [TO_LOGIN, "303 /schools/{own}", "404", "303 /schools/{own}"],
    # The order is an evaluator's: the school cannot take it back.
    "POST /schools/{school}/scans/{scan}/cancel": [TO_LOGIN, "403", "404", "303 /schools/{own}"],
    "GET /": [TO_LOGIN, "303 /schools/{own}", "303 /schools/{other}", "200"],
    "GET /login": ["200"] * 4,
    "POST /login": ["403"] * 4,  # without name and password
    "POST /logout": [TO_LOGIN] * 4,
    "GET /language/{chosen}": ["303 /"] * 4,
}


@pytest.mark.parametrize("route", ROLES)
def test_roles(house: House, route: str) -> None:
    """A school admin sees and orders for one school, an evaluator for all, nobody for none; agents use keys instead."""
    method, path = route.split()
    found = [visit(house, who, method, path) for who in WHO]
    said = [f"{one.status_code} {one.headers.get('location', '')}".strip() for one in found]

    assert said == [one.format(own=house.own, other=house.other) for one in ROLES[route]]


def test_a_school_takes_back_its_own_order(house: House) -> None:
    """What the school's admin ordered, the school's admin may cancel."""
    school = house.up.parts.store.schools.get(house.own)
    assert school is not None
    given = house.up.parts.store.orders.of_school(house.own)
    own = [row.scan for row in given if row.scan.asked_by is AskedBy.SCHOOL_ADMIN and not row.cancelled]
    scan = own[0] if own else house.up.parts.dispatch.order(school, AskedBy.SCHOOL_ADMIN)
    headers = session(house, "own admin")
    with httpx.Client(base_url=house.up.url, verify=TLS, headers=headers) as browser:
        answer = browser.post(f"/schools/{house.own}/scans/{scan.id}/cancel")

    assert (answer.status_code, house.up.parts.store.orders.get(scan.id).cancelled) == (303, True)  # type: ignore[union-attr]


def test_one_order_of_the_school_at_a_time(house: House) -> None:
    """A school admin who presses again while an order is open is told so; an evaluator may order at any time."""
    visit(house, "own admin", "POST", "/schools/{school}/scans")
    again = visit(house, "own admin", "POST", "/schools/{school}/scans")

    assert (again.status_code, visit(house, "evaluator", "POST", "/schools/{school}/scans").status_code) == (409, 303)


def every_route(app: FastAPI) -> set[str]:
    """Method and path of each route."""
    rooms = [getattr(room, "original_router", None) for room in app.routes]
    routes = [route for room in rooms if room is not None for route in room.routes]
    routes += [route for route in app.routes if hasattr(route, "methods")]
    return {
        f"{method} {route.path}"
        for route in routes
        for method in route.methods - {"HEAD"}  # HEAD is GET without its body
    }


def test_every_route_is_in_the_table(house: House) -> None:
    """A new route says here who may use it."""
    assert every_route(create_app(house.up.parts)) == set(ROLES)


@pytest.mark.parametrize(
    "path",
    [
        "/schools/none",
        "/evidence/none",
        "/evidence/none/envelope",
        "/evidence/{evidence}/raw/none",
        "/v1/schools/none/verdicts",
    ],
)
def test_not_there(house: House, path: str) -> None:
    """What is not there is answered as what is not theirs."""
    assert visit(house, "evaluator", "GET", path).status_code == 404


@pytest.mark.parametrize(("school", "scan"), [("{other}", "{scan}"), ("{own}", "none")])
def test_cancelling_what_is_not_the_schools(house: House, school: str, scan: str) -> None:
    """An order is taken back at its own school only."""
    path = f"/schools/{school}/scans/{scan}/cancel".format(own=house.own, other=house.other, scan=house.scan)

    assert visit(house, "evaluator", "POST", path).status_code == 404


@pytest.mark.parametrize(
    ("language", "words"),
    [("zh", "二中还没有已登记的"), ("en", "No agent of 二中 is enrolled yet.")],
)
def test_an_order_that_cannot_be(house: House, language: str, words: str) -> None:
    """A school without an agent cannot be measured; the page says why in its language."""
    cookie = f"{session(house, 'evaluator')['cookie']}; campusproof-language={language}"
    answer = house.up.http.post(f"/schools/{house.other}/scans", headers={"cookie": cookie})

    assert answer.status_code == 409
    assert words[:2] in answer.text


def test_the_sealed_bytes(house: House) -> None:
    """A report and its raw evidence come out byte for byte as they came in."""
    stored = house.up.parts.store.ledger.envelope(house.evidence)
    answers = [
        visit(house, "own admin", "GET", f"/evidence/{{evidence}}/{part}").content
        for part in ("envelope", "receipt", f"raw/{RAW.blob.sha256}")
    ]
    assert stored is not None
    assert answers == [stored.envelope, stored.receipt, RAW.content]


# --- Logging in -------------------------------------------------------------------------------------------------------


@pytest.fixture
def browser(house: House) -> Iterator[httpx.Client]:
    """A browser in which nobody is logged in."""
    house.up.clock.us += 1
    with httpx.Client(base_url=house.up.url, verify=TLS, timeout=30) as client:
        yield client


def log_in(browser: httpx.Client, name: str = "li", password: str = PASSWORD) -> int:
    """Try to log in."""
    return browser.post("/login", data={"name": name, "password": password}).status_code


def test_right(browser: httpx.Client) -> None:
    """Name and password open a session."""
    assert (log_in(browser), browser.get("/").status_code) == (303, 200)


@pytest.mark.parametrize(("name", "password"), [("li", "wrong"), ("nobody", PASSWORD), ("li", ""), ("", "")])
def test_wrong(browser: httpx.Client, name: str, password: str) -> None:
    """A wrong name and a wrong password are answered alike, and open nothing."""
    answer = browser.post("/login", data={"name": name, "password": password})

    assert (answer.status_code, 'role="alert"' in answer.text, dict(browser.cookies)) == (403, True, {})


def test_cookie(browser: httpx.Client) -> None:
    """No script and no other site's form gets at the session."""
    cookie = browser.post("/login", data={"name": "li", "password": PASSWORD}).headers["set-cookie"]

    assert ("HttpOnly" in cookie, "SameSite=lax" in cookie, "Max-Age=43200" in cookie) == (True, True, True)


@pytest.mark.parametrize(("hours", "status"), [(11.9, 200), (12, 303)])
def test_a_session_ends(house: House, browser: httpx.Client, hours: float, status: int) -> None:
    """A session is good for its hours and no longer."""
    log_in(browser)
    house.up.clock.us += round(hours * HOUR_US)

    assert browser.get("/").status_code == status


def test_log_out(browser: httpx.Client) -> None:
    """A session that was closed opens nothing, even for one who kept its secret."""
    log_in(browser)
    secret = browser.cookies[COOKIE]
    browser.post("/logout")

    assert browser.get("/", headers={"cookie": f"{COOKIE}={secret}"}).status_code == 303


@pytest.mark.parametrize("secret", ["", "0" * 64, "x"])
def test_a_made_up_session(browser: httpx.Client, secret: str) -> None:
    """A guessed secret opens nothing."""
    assert browser.get("/", headers={"cookie": f"{COOKIE}={secret}"}).status_code == 303


def test_a_new_password_ends_sessions(house: House, browser: httpx.Client) -> None:
    """Who gets a new password is logged out everywhere."""
    house.up.parts.front.add("wang", Role.SCHOOL_ADMIN, house.own, PASSWORD)
    log_in(browser, "wang")
    house.up.parts.front.add("wang", Role.SCHOOL_ADMIN, house.own, "another password")

    assert browser.get("/").headers["location"] == "/login"


@pytest.mark.parametrize(
    ("name", "role", "school", "password", "words"),
    [
        ("a", Role.SCHOOL_ADMIN, "", PASSWORD, "belongs to one school"),
        ("a", Role.EVALUATOR, "{own}", PASSWORD, "an evaluator to none"),
        ("a", Role.SCHOOL_ADMIN, "none", PASSWORD, "no such school"),
        (" ", Role.EVALUATOR, "", PASSWORD, "1 to 64 characters"),
        ("x" * 65, Role.EVALUATOR, "", PASSWORD, "1 to 64 characters"),
        ("a", Role.EVALUATOR, "", "too short", "at least 10 characters"),
    ],
)
def test_accounts(house: House, name: str, role: Role, school: str, password: str, words: str) -> None:
    """An account that makes no sense is refused with what was expected."""
    with pytest.raises(ValueError, match=words):
        house.up.parts.front.add(name, role, school.format(own=house.own), password)


@pytest.mark.parametrize(
    ("stored", "right"),
    [(None, False), ("no hash", False), (hash_password(PASSWORD), True)],
    ids=["none", "no hash", "its own"],
)
def test_passwords(stored: str | None, right: bool) -> None:
    """A password is compared with its hash; nothing stored and nonsense stored are wrong."""
    assert is_password(PASSWORD, stored) is right


# --- Other sites ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({}, 303, id="a program"),
        pytest.param({"sec-fetch-site": "same-origin"}, 303, id="our own page"),
        pytest.param({"sec-fetch-site": "none"}, 303, id="typed by the person"),
        pytest.param({"sec-fetch-site": "cross-site"}, 403, id="another site"),
        pytest.param({"sec-fetch-site": "same-site"}, 403, id="a neighbour of the same domain"),
        pytest.param({"sec-fetch-site": "cross-site", "origin": "{url}"}, 403, id="another site, origin made up"),
        pytest.param({"origin": "{url}"}, 303, id="an old browser on our page"),
        pytest.param({"origin": "https://evil.example"}, 403, id="an old browser on another site"),
        pytest.param({"origin": "null"}, 403, id="an origin that hides"),
        pytest.param({"origin": ""}, 403, id="an empty origin"),
    ],
)
@pytest.mark.parametrize("path", ["/schools/{school}/scans", "/logout"])
def test_cross_site(house: House, path: str, headers: dict[str, str], status: int) -> None:
    """What another site makes a browser send does nothing, whoever is logged in there."""
    sent = {name: value.format(url=house.up.url) for name, value in headers.items()}

    assert visit(house, "evaluator", "POST", path, **sent).status_code == status


def test_cross_site_reading(house: House) -> None:
    """Following a link from another site is not refused."""
    assert visit(house, "own admin", "GET", "/schools/{school}", **{"sec-fetch-site": "cross-site"}).status_code == 200


@pytest.mark.parametrize(
    "to",
    [
        "https://evil.example",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "evil.example",
        "/%09/evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "",
    ],
)
def test_open_redirect(house: House, to: str) -> None:
    """Choosing a language leads nowhere but to a page of this server."""
    location = house.up.http.get("/language/en", params={"to": to}).headers["location"]

    # As a browser reads it: tabs and line ends are dropped, and a backslash is a slash (WHATWG URL).
    read = location.replace("\t", "").replace("\n", "").replace("\\", "/")
    assert read.startswith("/")
    assert not read.startswith("//")


@pytest.mark.parametrize(("chosen", "set_to"), [("zh", "zh"), ("en", "en"), ("fr", None)])
def test_language(house: House, chosen: str, set_to: str | None) -> None:
    """A language that there is is remembered, and one goes back to where one was."""
    with httpx.Client(base_url=house.up.url, verify=TLS) as browser:
        answer = browser.get(f"/language/{chosen}?to=/login")
        assert (answer.headers["location"], browser.cookies.get("campusproof-language")) == ("/login", set_to)


@pytest.mark.parametrize("path", ["/", "/login", "/schools/{school}", "/evidence/{evidence}", "/nothing", "/v1/keys"])
def test_headers(house: House, path: str) -> None:
    """Every answer keeps itself to itself: no framing, no foreign script, no sniffing, no copy on the way."""
    found = visit(house, "evaluator", "GET", path).headers

    assert {name: found.get(name) for name in HEADERS} == HEADERS


@pytest.mark.parametrize(("config", "secure"), [({}, False), ({"behind_https": True}, True)])
def test_secure_cookie(tmp_path_factory: pytest.TempPathFactory, config: dict[str, bool], secure: bool) -> None:
    """Behind https the session never travels without it."""
    with running(tmp_path_factory.mktemp("https"), **config) as up:
        up.parts.front.add("li", Role.EVALUATOR, "", PASSWORD)
        cookie = up.http.post("/login", data={"name": "li", "password": PASSWORD}).headers["set-cookie"]
    assert ("Secure" in cookie) is secure
