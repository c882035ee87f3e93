"""`sidecar users`, on a real Redis."""

import io
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sidecar.cli.main import main

PASSWORD = "correct horse battery staple"
Output = pytest.CaptureFixture[str]


class Command:
    """Runs the command as a person would, with a password on stdin."""

    def __init__(self, config: Path, monkeypatch: pytest.MonkeyPatch, output: Output) -> None:
        self._config = config
        self._monkeypatch = monkeypatch
        self._output = output
        self.error = ""
        self.is_terminal = False

    def __call__(self, *words: str, stdin: bytes = b"") -> tuple[int, str]:
        given = SimpleNamespace(buffer=io.BytesIO(stdin), isatty=lambda: self.is_terminal)
        self._monkeypatch.setattr("sys.stdin", given)
        code = main(["--config", str(self._config), *words])
        said = self._output.readouterr()
        self.error = said.err
        return code, said.out

    def json(self, *words: str, stdin: bytes = b"") -> Any:
        code, out = self(*words, "--json", stdin=stdin)
        assert code == 0, self.error
        return json.loads(out)


@pytest.fixture
def sidecar(
    tmp_path: Path, redis_url: str, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> Command:
    config = tmp_path / "sidecar.toml"
    config.write_text(f'state_dir = "{tmp_path}"\n[redis]\nurl = "{redis_url}"\n')
    return Command(config, monkeypatch, capsys)


def add(sidecar: Command, name: str, *words: str) -> Any:
    return sidecar.json(
        "users", "add", name, "--password-stdin", *words, stdin=f"{PASSWORD}\n".encode()
    )


def test_given_a_new_person_when_people_are_listed_then_they_are_there(sidecar: Command) -> None:
    added = add(sidecar, "Alice", "--role", "admin", "--email", "a@example.com", "--group", "ops")

    listed = sidecar.json("users", "list")

    assert listed == {"items": [added], "total": 1}
    assert added["role"] == "admin"
    assert added["groups"] == ["ops"]
    assert (added["status"], added["sessionCount"], added["lastLoginAt"]) == ("active", 0, None)


def test_given_people_when_they_are_listed_for_people_then_it_is_a_table(sidecar: Command) -> None:
    add(sidecar, "alice")

    code, out = sidecar("users", "list")

    assert code == 0
    assert (
        out.splitlines()[0].split() == "USERNAME ROLE STATUS SESSIONS LAST SIGN-IN E-MAIL".split()
    )
    assert out.splitlines()[1].startswith("alice")


def test_given_a_name_that_is_taken_in_another_spelling_then_it_is_refused(
    sidecar: Command,
) -> None:
    add(sidecar, "Alice")

    code, _ = sidecar("users", "add", "ALICE ", "--password-stdin", stdin=f"{PASSWORD}\n".encode())

    assert code == 1
    assert sidecar.error == "sidecar: there already is a person of that name\n"


@pytest.mark.parametrize("stdin", [b"", b"\n"])
def test_given_no_password_on_stdin_then_that_is_said_and_nothing_about_its_length(
    sidecar: Command, stdin: bytes
) -> None:
    code, _ = sidecar("users", "set-password", "alice", "--password-stdin", stdin=stdin)

    assert code == 2
    assert sidecar.error == "sidecar: no password was given on stdin\n"


@pytest.mark.parametrize(
    ("stdin", "says"),
    [
        (b"short\n", "at least 12 characters"),
        (b"password123456\n", "most common"),
        (b"\xff" * 20, "not UTF-8"),
    ],
)
def test_given_a_password_that_may_not_be_then_it_is_said_why_and_never_shown(
    sidecar: Command, stdin: bytes, says: str
) -> None:
    code, out = sidecar("users", "add", "alice", "--password-stdin", stdin=stdin)

    assert code == 1
    assert says in sidecar.error
    assert "password123456" not in out + sidecar.error


@pytest.mark.parametrize("name", ["", "  ", "a\u202eb", "x" * 129, "a@b@c"])
def test_given_a_name_that_may_not_be_then_it_is_refused(sidecar: Command, name: str) -> None:
    code, _ = sidecar("users", "add", name, "--password-stdin", stdin=PASSWORD.encode())

    assert code == 1
    assert "the name must" in sidecar.error


def test_given_a_person_when_they_are_banned_and_unbanned_then_the_status_says_so(
    sidecar: Command,
) -> None:
    add(sidecar, "alice")

    assert sidecar.json("users", "ban", "alice", "--reason", "left")["status"] == "banned"
    assert sidecar.json("users", "unban", "ALICE")["status"] == "active"


@pytest.mark.parametrize("words", [("viewer",), ("--role", "viewer")])
def test_given_a_person_when_they_get_another_role_then_they_have_it(
    sidecar: Command, words: tuple[str, ...]
) -> None:
    add(sidecar, "alice")

    assert sidecar.json("users", "set-role", "alice", *words)["role"] == "viewer"


def test_given_the_last_owner_when_they_should_be_banned_then_it_is_refused(
    sidecar: Command,
) -> None:
    add(sidecar, "root", "--role", "owner")

    code, _ = sidecar("users", "ban", "root")

    assert code == 1
    assert "last active owner" in sidecar.error


def test_given_a_person_when_the_password_is_set_then_it_is_done_without_a_trace_of_it(
    sidecar: Command,
) -> None:
    add(sidecar, "alice")

    code, out = sidecar(
        "users", "set-password", "alice", "--password-stdin", stdin=b"another long sentence\n"
    )

    assert code == 0
    assert "another long sentence" not in out


def test_given_nobody_of_that_name_then_it_is_one_line_and_exit_1(sidecar: Command) -> None:
    for words in (("ban", "nobody"), ("unlock", "nobody"), ("set-role", "nobody", "admin")):
        code, _ = sidecar("users", *words)

        assert (code, sidecar.error) == (1, "sidecar: nobody has that name\n")


@pytest.mark.parametrize(
    "words",
    [
        ("add", "alice"),
        ("set-role", "alice"),
        ("set-role", "alice", "king"),
        ("list", "--limit", "0"),
        ("dance",),
    ],
)
def test_given_a_wrong_command_line_then_it_is_exit_2(
    sidecar: Command, words: tuple[str, ...]
) -> None:
    code, _ = sidecar("users", *words)

    assert code == 2
    assert sidecar.error.count("\n") == 1


def test_given_somebody_who_is_not_locked_when_they_are_unlocked_then_that_is_said(
    sidecar: Command,
) -> None:
    add(sidecar, "alice")

    assert sidecar("users", "unlock", "alice") == (0, "alice was not locked\n")


def test_given_a_password_that_must_be_changed_when_it_is_set_then_it_is_said(
    sidecar: Command,
) -> None:
    add(sidecar, "alice", "--must-change")

    code, out = sidecar(
        *("users", "set-password", "alice", "--password-stdin", "--must-change"),
        stdin=b"a lantern over the harbour",
    )

    assert code == 0
    assert out == (
        "alice has a new password, and all of their sessions have ended; they must choose another "
        "at their next sign-in\n"
    )


def test_given_a_person_when_they_are_erased_then_their_name_is_gone_and_the_audit_says_so(
    sidecar: Command,
) -> None:
    added = add(sidecar, "Zoe", "--email", "z@example.com")

    erased = sidecar.json("users", "erase", "zoe")

    assert erased["id"] == added["id"]
    assert erased["username"].startswith("erased-")
    assert (erased["email"], erased["status"]) == ("", "banned")
    assert sidecar("users", "erase", "zoe")[0] == 1
    assert "user.erased by system" in sidecar("audit", "tail")[1]
    add(sidecar, "kim")
    sidecar("users", "erase", "kim")
    assert "kim" not in sidecar("audit", "tail")[1]


@pytest.mark.parametrize(("typed", "code"), [("zoe", 0), ("yes", 1), ("", 1)])
def test_given_a_terminal_when_somebody_is_erased_then_their_name_is_asked_for_again(
    sidecar: Command, monkeypatch: pytest.MonkeyPatch, typed: str, code: int
) -> None:
    add(sidecar, "zoe")
    sidecar.is_terminal = True
    monkeypatch.setattr("builtins.input", lambda question: typed)

    assert sidecar("users", "erase", "zoe")[0] == code
    assert len(sidecar.json("users", "list")["items"]) == 1
    assert ("zoe" in sidecar("users", "list")[1]) is bool(code)

    assert sidecar("users", "erase", "zoe", "--yes")[0] == (0 if code else 1)


def test_given_a_person_when_their_second_factors_are_reset_then_it_is_done_and_said(
    sidecar: Command,
) -> None:
    added = add(sidecar, "alice")

    reset = sidecar.json("users", "reset-mfa", "Alice")

    assert reset["id"] == added["id"]
    assert "password alone" in sidecar("users", "reset-mfa", "alice")[1]
    assert sidecar("users", "reset-mfa", "nobody")[0] == 1
