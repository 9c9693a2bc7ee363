"""A site that is not set up, and setting it up: in the browser and at the machine."""

import json
import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

from forum import cli, config, create_app, db, schema
from forum.errors import Conflict
from forum.people import actions
from forum.people.models import OneTimeLink
from forum.site import queries
from tests.cast import Browser
from tests.people.members import PHRASE

TYPED = {
    "site_name": "The Reading Room",
    "address": "http://localhost",
    "username": "ada",
    "display_name": "Ada Lund",
    "password": PHRASE,
    "language": "en",
    "timezone": "Europe/Berlin",
    "who_may_comment": "guests",
    "contact": "desk@post.example",
}


def setup_path():
    path = actions.make_setup_link()
    db.commit()
    return path


@pytest.mark.parametrize("url", ["/", "/rules", "/sign-in", "/sign-up", "/admin/settings", "/nowhere"])
def test_every_page_says_that_the_site_is_being_set_up(app, url):
    answer = app.test_client().get(url)
    assert answer.status_code == 503
    assert "being set up" in answer.text
    assert answer.headers["Retry-After"]


def test_static_and_health_answer(app):
    client = Browser(app)
    assert client.get("/static/forum.css").status_code == 200
    assert client.get("/healthz").text == "ok\n"
    assert client.get("/readyz").status_code == 200


def test_not_ready_with_an_old_schema(app):
    schema.downgrade("0017")
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 503
    assert "is at 0017" in answer.text


def test_not_ready_without_a_database(app, monkeypatch):
    db.session.remove()
    db.engine().dispose()
    monkeypatch.setattr(schema, "current", failing)
    assert app.test_client().get("/readyz").status_code == 503


def failing():
    from sqlalchemy.exc import OperationalError

    raise OperationalError("SELECT 1", {}, Exception("gone"))


def test_in_the_browser(app):
    path, browser = setup_path(), Browser(app)
    assert "Open the site" in browser.get(path).text
    answer = browser.post(path, **TYPED)
    assert answer.location == "/admin/welcome"
    welcome = browser.get("/admin/welcome").text
    assert "Write your first article" in welcome
    assert "Bring your comments along" in welcome
    site = queries.site()
    assert (site.name, site.timezone, site.who_may_comment) == ("The Reading Room", "Europe/Berlin", "guests")
    assert [len(queries.versions(slug)) for slug in ("rules", "privacy", "contact")] == [1, 1, 1]
    assert "A starter text" in browser.get("/rules").text
    assert Browser(app).get(path).status_code == 404
    assert Browser(app).post(path, **TYPED).status_code == 404


def test_a_new_link_ends_the_older_and_only_hashes_are_kept(app):
    old, new = setup_path(), setup_path()
    assert [Browser(app).get(path).status_code for path in (old, new)] == [404, 200]
    assert db.session.query(OneTimeLink).count() == 1
    assert new.removeprefix("/setup/") != db.session.query(OneTimeLink).one().token_hash


def test_no_link_once_it_is_set_up(cast):
    assert setup_path() == ""
    with pytest.raises(Conflict):
        actions.set_up(actions.FirstSettings("Another", "", "mallory", PHRASE))
    db.rollback()


@pytest.mark.parametrize("token", ["x", "../admin", "a" * 500])
def test_a_guessed_link(app, token):
    setup_path()
    assert Browser(app).post(f"/setup/{token}", **TYPED).status_code in (404, 503)
    assert queries.site().set_up_at is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("site_name", ""),
        ("address", "nonsense"),
        ("username", "a"),
        ("password", "short"),
        ("timezone", "Mars/Olympus"),
        ("contact", "nobody"),
        ("contact", "desk@post@example"),
    ],
)
def test_a_slip_is_told_and_the_rest_stays(app, field, value):
    path = setup_path()
    answer = Browser(app).post(path, **{**TYPED, field: value})
    assert answer.status_code == 422
    assert field == "contact" or 'value="desk@post.example"' in answer.text
    assert PHRASE not in answer.text
    assert queries.site().set_up_at is None
    assert Browser(app).get(path).status_code == 200


def test_all_slips_are_told_at_once(app):
    slips = {"address": "nonsense", "username": "a", "password": "short", "timezone": "Europe/Berlin"}
    answer = Browser(app).post(setup_path(), **{**TYPED, **slips})
    assert answer.status_code == 422
    assert answer.text.count('class="field wrong"') == 3
    assert "Please type it again" in answer.text


def test_forged(app):
    assert Browser(app).forge(setup_path(), **TYPED).status_code == 403
    assert queries.site().set_up_at is None


@pytest.fixture
def forum(tmp_path, monkeypatch):
    """Return the command, in an instance folder of its own."""
    monkeypatch.setenv("FORUM_INSTANCE", str(tmp_path / "instance"))

    def run(*arguments, typed=""):
        return CliRunner().invoke(cli.forum, list(arguments), input=typed)

    return run


def init(forum, *more, typed=PHRASE + "\n"):
    return forum("init", "--site-name", "The Reading Room", "--name", "ada", "--password-stdin", *more, typed=typed)


def test_init(forum):
    assert init(forum, "--contact", "desk@post.example").exit_code == 0
    again = init(forum)
    assert again.exit_code == 1
    assert "already" in again.output
    people = json.loads(forum("user", "list", "--json").stdout)
    assert [(person["username"], person["role"]) for person in people] == [("ada", "admin")]
    assert forum("db", "upgrade").exit_code == 0


def test_a_site_without_a_contact_address_is_told_at_once(forum):
    assert "Readers cannot reach you yet" in init(forum).stderr


def test_a_site_with_a_contact_address_is_not_told(forum):
    assert "Readers cannot reach you yet" not in init(forum, "--contact", "desk@post.example").output


@pytest.mark.parametrize(("contact", "told"), [("", True), ("   ", True), ("desk@post.example", False)])
def test_set_up_in_the_browser_without_a_contact_address(app, contact, told):
    path, browser = setup_path(), Browser(app)
    assert '<label for="contact"' in browser.get(path).text
    browser.post(path, **{**TYPED, "contact": contact})
    assert ("Say how readers reach you" in browser.get("/admin/welcome").text) is told


def test_the_address_told_is_in_force(forum, tmp_path):
    answer = init(forum, "--address", "https://forum.example/")
    assert answer.exit_code == 0, answer.output
    settings = config.load({"FORUM_INSTANCE": str(tmp_path / "instance")})
    assert (settings.site_url, settings.secure) == ("https://forum.example", True)
    app = create_app(settings)
    pages = [
        app.test_client().get("/sign-in", base_url=base) for base in ("https://forum.example", "https://x.example")
    ]
    with app.app_context():
        db.engine().dispose()
    assert [page.status_code for page in pages] == [200, 400]
    assert "Secure" in pages[0].headers["Set-Cookie"]
    assert "Strict-Transport-Security" in pages[0].headers


def test_an_address_told_in_capitals_is_spelled_as_browsers_do(forum, tmp_path):
    answer = init(forum, "--address", "https://Forum.Example.:443/")
    assert answer.exit_code == 0, answer.output
    assert config.load({"FORUM_INSTANCE": str(tmp_path / "instance")}).site_url == "https://forum.example"
    told = answer.output.splitlines()
    assert [line for line in told if "Forum.Example" in line or "443" in line or "example//" in line] == []
    assert any("https://forum.example/articles/new" in line for line in told)


@pytest.mark.parametrize(("address", "told"), [("https://Forum.Example/", True), ("http://localhost", False)])
def test_an_https_address_told_in_the_browser_is_said_to_bind_nothing_yet(app, address, told):
    path, browser = setup_path(), Browser(app)
    browser.post(path, **{**TYPED, "address": address})
    welcome = browser.get("/admin/welcome").text
    assert ("<code>site_url = &#34;https://forum.example&#34;</code>" in welcome) is told
    assert ("Bind the site to its address" in welcome) is told


def test_a_site_tried_at_home_is_bound_to_no_address(forum, tmp_path):
    assert init(forum, "--address", "http://127.0.0.1:8000").exit_code == 0
    assert config.load({"FORUM_INSTANCE": str(tmp_path / "instance")}).site_url == ""


def test_what_the_command_writes_is_its_owners_alone(tmp_path):
    command = [sys.executable, "-c", "from forum.cli import main; main()", "init", "--password-stdin"]
    given = ["--site-name", "The Reading Room", "--name", "ada", "--address", "https://forum.example"]
    where = {**os.environ, "FORUM_INSTANCE": str(tmp_path / "instance")}
    before = os.umask(0o022)
    try:
        subprocess.run([*command, *given], input=PHRASE.encode(), env=where, check=True, capture_output=True)
    finally:
        os.umask(before)
    made = [tmp_path / "instance", *(tmp_path / "instance").iterdir()]
    assert {path.name for path in made} >= {"forum.toml", "secret-key", "forum.sqlite3"}
    assert {path.name: path.stat().st_mode & 0o077 for path in made} == dict.fromkeys((path.name for path in made), 0)


def test_init_asks(forum):
    answers = ["The Reading Room", "", "ada", "", "", "guests", "", PHRASE, PHRASE]
    answer = forum("init", typed="\n".join(answers) + "\n")
    assert answer.exit_code == 0, answer.output
    assert "articles/new" in answer.output
    assert "called? The" in answer.output
    assert "?:" not in answer.output


def test_init_asks_again_only_for_what_was_wrong(forum):
    """Seven good answers are not lost with a bad name and a short password."""
    answers = ["The Reading Room", "", "a", "", "Mars/Olympus", "guests", "", "short", "short"]
    better = ["ada", "Europe/Berlin", PHRASE, PHRASE]
    answer = forum("init", typed="\n".join(answers + better) + "\n")
    assert answer.exit_code == 0, answer.output
    assert "A password has at least 8 characters." in answer.output
    assert answer.output.count("What is the site called?") == 1
    assert [answer.output.count(words) for words in ("Your sign-in name: ", "Time zone [", "Your password: ")] == [
        2,
        2,
        2,
    ]
    assert "The Reading Room is set up, and ada is its admin." in answer.output


def test_init_says_what_is_wrong_with_a_contact_and_which_languages_there_are(forum):
    answer = init(forum, "--contact", "desk.post@example", "--language", "tlh")
    assert answer.exit_code != 0
    assert "no mail address, link or number" in answer.output
    assert "There are: de (Deutsch), en (English)." in answer.output


def test_init_ends_where_nobody_answers_any_more(forum):
    answers = ["The Reading Room", "", "ada", "", "", "guests", "", "short", "short"]
    answer = forum("init", typed="\n".join(answers) + "\n")
    assert answer.exit_code == 1
    assert "A password has at least 8 characters." in answer.output


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["init", "--password-stdin"], 2),
        (["init", "--site-name", "X", "--name", "a", "--password-stdin"], 1),
        (["init", "--who-may-comment", "all"], 2),
        (["init", "--site-name", "X", "--name", "ada", "--timezone", "Mars/Olympus", "--password-stdin"], 1),
        (["user", "add"], 2),
        (["user", "role", "ada", "emperor"], 2),
    ],
)
def test_exit_status(forum, arguments, status):
    assert forum(*arguments, typed=PHRASE).exit_code == status


def test_people_at_the_machine(forum):
    init(forum)
    add = ["user", "add", "Ida Brandt", "--email", "ida@post.example", "--role", "author", "--password-stdin"]
    assert forum(*add, typed="seven herons in the reeds").exit_code == 0
    assert forum(*add, typed="seven herons in the reeds").exit_code == 1
    assert forum("user", "add", "olga", "--role", "admin", "--password-stdin", typed="password").exit_code == 1
    assert forum("user", "role", "Ida-Brandt", "moderator").exit_code == 0
    assert forum("user", "role", "ada", "reader").exit_code == 1  # the last admin
    assert forum("user", "role", "nobody", "reader").exit_code == 1
    link = forum("user", "reset", "Ida-Brandt").stdout.strip()
    assert link.startswith("/reset/")
    person = json.loads(forum("user", "list", "--json").stdout)[1]
    assert (person["display_name"], person["role"], person["email"]) == ("Ida Brandt", "moderator", "ida@post.example")


def test_somebody_added_without_a_password_gets_a_link(forum):
    init(forum)
    answer = forum("user", "add", "tom")
    assert answer.exit_code == 0
    assert answer.stdout.startswith("/reset/")


def test_names_of_staff_are_the_operators_to_give(cast):
    assert actions.add_person(None, "admin", role="admin").username == "admin"
    db.rollback()
