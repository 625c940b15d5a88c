"""`fleet.yml` says which projects there are; what is wrong with it is one line."""

from __future__ import annotations

from pathlib import Path

import pytest
from customerly.errors import ConfigError
from customerly.fleet.definition import FleetProject, read_fleet


@pytest.fixture
def write(tmp_path):
    def write(text):
        path = tmp_path / "fleet.yml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_project_takes_what_it_does_not_say_from_the_defaults(write):
    projects = read_fleet(
        write(
            "defaults: {schema: 'crm_{name}', streams: [users, leads], schedule: '5 * * * *'}\n"
            "projects:\n"
            "  acme: {token_env: ACME_TOKEN}\n"
            "  bolt: {token_file: /run/secrets/bolt, api_url: 'https://api.example/v1',"
            " schema: bolt, streams: [users], schedule: 30 3 * * 0}\n"
        )
    )
    hourly, weekly = "5 * * * *", "30 3 * * 0"
    file = Path("/run/secrets/bolt")
    assert list(projects.values()) == [
        FleetProject("acme", "ACME_TOKEN", None, "", "crm_acme", ("users", "leads"), hourly),
        FleetProject("bolt", "", file, "https://api.example/v1", "bolt", ("users",), weekly),
    ]


def test_without_defaults_the_usual_ones_hold(write):
    (project,) = read_fleet(write("projects: {acme: {token_env: T}}")).values()
    assert project.schema == "customerly_acme"
    assert project.streams == ("users", "leads", "tags")
    assert project.schedule == "5 * * * *"


@pytest.mark.parametrize("name", ["007", "no", "null", "1e3", "A-b_9", "-x"])
def test_a_name_is_text_whatever_it_looks_like(write, name):
    assert list(read_fleet(write(f"projects:\n  {name}: {{token_env: T}}"))) == [name]


def test_a_token_file_is_found_beside_the_fleet_file(write, tmp_path):
    (tmp_path / "bolt.txt").write_text("\ufeff secret\r\n", encoding="utf-8")
    (project,) = read_fleet(write("projects: {bolt: {token_file: bolt.txt}}")).values()
    assert project.token({}) == "secret"


def test_a_token_that_is_not_there_is_named_by_its_place(write):
    projects = read_fleet(
        write("projects: {acme: {token_env: ACME_TOKEN}, bolt: {token_file: none.txt}}")
    )
    with pytest.raises(ConfigError, match="ACME_TOKEN is not set: it must hold the token of acme"):
        projects["acme"].token({"ACME_TOKEN": " "})
    with pytest.raises(ConfigError, match=r"none\.txt cannot be read: No such file"):
        projects["bolt"].token({})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("projects: {a b: {token_env: T}}", "'a b' is no name of a project"),
        ("projects: {../x: {token_env: T}}", "'../x' is no name of a project"),
        ("projects: {Größe: {token_env: T}}", "is no name of a project"),
        ("projects: {}", "projects names none"),
        ("{}", "projects names none"),
        ("[acme]", "the file must be an object"),
        ("projects: {acme: T}", "acme must be an object"),
        ("projects: {acme: {}}", "acme needs either token_env or token_file"),
        ("projects: {acme: {token_env: T, token_file: f}}", "acme needs either"),
        ("projects: {acme: {token: s3cret}}", "a token never stands here, see token_env"),
        ("projects: {acme: {access_token: s3cret}}", "a token never stands here"),
        ("projects: {acme: {token_env: T, shema: x}}", "acme knows no shema, but"),
        ("defaults: {token_env: T}\nprojects: {acme: {}}", "a token never stands here"),
        ("projects: {acme: {token_env: T, streams: users}}", "streams of acme must be a list"),
        ("projects: {acme: {token_env: T, streams: []}}", "streams of acme must be a list"),
        ("projects: {acme: {token_env: T, streams: ['*']}}", "streams of acme must be a list"),
        ("projects: {acme: {token_env: [T]}}", "token_env of acme must be a text"),
        ("projects: {acme: {token_env: T, schedule: hourly}}", "cron's five fields"),
        (f"projects: {{{'x' * 60}: {{token_env: T}}}}", "at most 63 bytes"),
        ("projects: {a: {token_env: T}, a: {token_env: U}}", "line 1: a is given twice"),
        ("projects: {a: {token_env: T}, A: {token_env: U}}", "the names of a and A are the same"),
        (
            "defaults: {schema: all}\nprojects: {a: {token_env: T}, b: {token_env: U}}",
            "the schemas of a and b are the same: all",
        ),
        ("projects: {acme: {token_env: T}", "line 1: "),
    ],
)
def test_what_is_wrong_is_one_line_without_a_token(write, text, says):
    path = write(text)
    with pytest.raises(ConfigError) as error:
        read_fleet(path)
    line = str(error.value)
    assert line.startswith(str(path))
    assert says in line
    assert "\n" not in line
    assert "s3cret" not in line


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"fleet\.yml cannot be read: No such file"):
        read_fleet(tmp_path / "fleet.yml")
