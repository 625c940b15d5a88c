"""The Containerfile keeps the rules that a builder would not check, and its steps do what they say.

Where there is no builder, its steps run in a folder of their own: what an image would hold, owned
by root and read by nobody in particular, who can write to the volume alone.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
import requests
from pipelines import BIN, ROOT
from processes import free_port

from tests.support.waiting import eventually

TEXT = (ROOT / "Containerfile").read_text()
STAGES = dict(re.findall(r"^FROM \S+ AS (\w+)\n(.*?)(?=^FROM |\Z)", TEXT, re.MULTILINE | re.DOTALL))


def test_hadolint_finds_nothing():
    command = [BIN / "hadolint", "Containerfile"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("stage", ["receiver", "pipelines"])
def test_an_image_runs_as_nobody_in_particular_and_keeps_what_it_writes_in_a_volume(stage):
    assert re.search(r"^USER 10001$", STAGES[stage], re.MULTILINE)
    assert "VOLUME" in STAGES[stage]
    # In the exec form a signal reaches the command, by way of tini.
    assert re.search(r'^CMD \["', STAGES[stage], re.MULTILINE)
    assert 'ENTRYPOINT ["tini"' in STAGES["base"]


def test_the_receivers_health_is_checked():
    assert "/healthz" in STAGES["receiver"]
    assert "HEALTHCHECK" in STAGES["receiver"]


def test_no_secret_and_no_state_of_this_machine_gets_into_an_image():
    ignored = (ROOT / ".containerignore").read_text().splitlines()
    assert {".env", "secret*", "fleet.yml", ".meltano", ".venv", "*.jsonl"} <= set(ignored)


def test_the_entry_point_links_the_plugins_into_an_empty_state_and_becomes_the_command(tmp_path):
    (tmp_path / "state").mkdir()
    environ = {
        "PATH": os.environ["PATH"],
        "MELTANO_SYS_DIR_ROOT": str(tmp_path / "state"),
        "MELTANO_PROJECT_ROOT": str(tmp_path),
    }
    command = [str(ROOT / "orchestrate" / "entrypoint"), "sh", "-c", "echo $$; exit 3"]
    for _ in range(2):  # and again on a state that is there
        process = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True)
        output, _ = process.communicate()
        assert (process.returncode, output) == (3, f"{process.pid}\n")
    linked = {path.name: path.readlink() for path in (tmp_path / "state").iterdir()}
    plugins = tmp_path / ".meltano"
    assert linked == {kind: plugins / kind for kind in ("extractors", "loaders", "utilities")}


@pytest.fixture
def image():
    """A folder that anybody can read, as the root of an image; and a volume that nobody owns."""
    folder = Path(tempfile.mkdtemp(prefix="customerly-image-", dir="/var/tmp"))
    folder.chmod(0o755)
    (folder / "volume").mkdir()
    if NOBODY:
        shutil.chown(folder / "volume", NOBODY["user"], NOBODY["group"])
    yield folder
    shutil.rmtree(folder)


# Who the image runs as, where this process may become another, and that one can reach Python.
REACHED = all(path.stat().st_mode & 0o001 for path in Path(sys.base_prefix).resolve().parents)
NOBODY = {"user": 10001, "group": 10001, "extra_groups": []}
NOBODY = NOBODY if os.geteuid() == 0 and REACHED else {}
PLAIN = {name: os.environ[name] for name in ("PATH", "HOME")}
OWN = ("CUSTOMERLY_", "MELTANO_", "TAP_", "TARGET_")
BUILDING = {name: value for name, value in os.environ.items() if not name.startswith(OWN)}


def steps(stage, image):
    """The shell of each RUN of a stage, with the image's /tmp in that folder."""
    text = re.sub(r"^#.*\n", "", STAGES[stage], flags=re.MULTILINE)
    found = re.findall(r"^RUN (.*?[^\\])$", text, re.MULTILINE | re.DOTALL)
    return [each.replace("\\\n", " ").replace("/tmp/", f"{image}/tmp/") for each in found]


def sh(step, **options):
    done = subprocess.run(
        ["sh", "-ec", step], capture_output=True, text=True, check=False, **options
    )
    assert done.returncode == 0, done.stdout + done.stderr


def exec_form(word, stage):
    """What CMD or HEALTHCHECK runs."""
    (found,) = re.findall(rf"^{word}[^\[]*(?:\\\n\s+CMD )?(\[.*\])$", STAGES[stage], re.MULTILINE)
    return json.loads(found)


@pytest.mark.soak
def test_the_receivers_steps_make_a_receiver_that_is_healthy_and_stops_when_told(image):
    subprocess.run([sys.executable, "-m", "venv", image / "venv"], check=True)
    (image / "tmp").mkdir()
    for source, goal in re.findall(r"^COPY (\S+) (/tmp/\S+)$", STAGES["receiver"], re.MULTILINE):
        copy = shutil.copytree if (ROOT / source).is_dir() else shutil.copy
        copy(ROOT / source, f"{image}{goal}")
    env = PLAIN | {"PATH": f"{image}/venv/bin:{PLAIN['PATH']}"}
    for step in steps("receiver", image):
        sh(step, cwd=image, env=BUILDING | env)
    (image / "secret").write_text("a-path-secret-of-some-length")
    port = str(free_port())
    places = {"/run/secrets/path-secret": f"{image}/secret", "/spool": f"{image}/volume"}
    started = [places.get(each, each) for each in exec_form("CMD", "receiver")]
    process = subprocess.Popen([*started, "--port", port], env=env, cwd="/", **NOBODY)
    try:
        health = [each.replace("8800", port) for each in exec_form("HEALTHCHECK", "receiver")]
        eventually(lambda: subprocess.run(health, env=env, check=False).returncode == 0)
        url = f"http://127.0.0.1:{port}/a-path-secret-of-some-length"
        assert requests.post(url, json={"event": "x"}, timeout=10).status_code == 200
    finally:
        process.terminate()
    assert process.wait(30) == 0
    assert any(b'"x"' in path.read_bytes() for path in (image / "volume").iterdir())


@pytest.mark.soak
def test_the_steps_of_the_pipelines_make_a_fleet_that_writes_to_its_volume_alone(
    image, warehouse, make_sandbox
):
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    app = image / "srv"
    for name in filter(None, tracked.stdout.decode().split("\0")):
        (app / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, app / name)
    (step,) = (each for each in steps("installed", image) if "make install" in each)
    step = step.replace("/srv/customerly-pipelines", str(app))
    sh(step, cwd=app, env=BUILDING)

    sandbox = make_sandbox(30, 12)
    fleet = {"projects": {"contained": {"token_env": "TOKEN", "api_url": sandbox.url}}}
    (app / "fleet.yml").write_text(json.dumps(fleet))
    text = STAGES["base"] + STAGES["pipelines"]
    declared = dict(re.findall(r"\b([A-Z_]+)=(\S+)", re.sub(r"(?m)^#.*|^RUN.*", "", text)))
    swaps = {"/srv/customerly-pipelines": str(app), "/state": f"{image}/volume"}
    env = PLAIN | {
        name: swaps.get(value, value).replace("/srv/customerly-pipelines", str(app))
        for name, value in declared.items()
    }
    env["PATH"] = f"{app}/.venv/bin:{PLAIN['PATH']}"
    env |= {"TOKEN": sandbox.config["access_token"], "CUSTOMERLY_API_URL": sandbox.url}
    env["TARGET_POSTGRES_SQLALCHEMY_URL"] = warehouse.replace("://", "+psycopg://")
    before = {path: path.stat().st_mtime_ns for path in app.rglob("*")}
    done = subprocess.run(
        [app / "orchestrate" / "entrypoint", *exec_form("CMD", "pipelines")],
        cwd=app,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        **NOBODY,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["records"]["users"] == 30
    assert before == {path: path.stat().st_mtime_ns for path in app.rglob("*")}
