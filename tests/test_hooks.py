"""What others build into their repositories: the pre-commit hook and the GitHub workflow."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import VERSION
from tests.harbours import DATASET, OWNER

ROOT = Path(__file__).resolve().parent.parent

WORKFLOW = ROOT / "docs" / "records.yml"
PAGES = ROOT / "docs" / "pages.yml"

CONFIG = """\
repos:
  - repo: {repo}
    rev: {rev}
    hooks:
      - id: expatlod-validate
        args: {args}
"""

PROJECT = """\
id: north
type: Project
title: {da: Havnen, en: The harbour}
kind: project
audience: [citizen]
extent: [Lemvig]
source: https://example.org/page
theme: housing
summary: {da: Et projekt i havnen., en: A project in the harbour.}
"""

SOUTH = PROJECT.replace("north", "south") + "continues: north\n"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The environment of somebody who has no settings, in English."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return {
        **kept,
        "GIT_AUTHOR_NAME": "Somebody",
        "GIT_AUTHOR_EMAIL": "somebody@example.org",
        "GIT_COMMITTER_NAME": "Somebody",
        "GIT_COMMITTER_EMAIL": "somebody@example.org",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        # pre-commit clones with submodules' rules: from the disk only where that is allowed.
        "GIT_ALLOW_PROTOCOL": "file",
        "PRE_COMMIT_HOME": str(tmp_path / "cache"),
        "PRE_COMMIT_COLOR": "never",
        "LC_ALL": "C.UTF-8",
        "NO_COLOR": "1",
    }


def run(
    *command: str | Path, cwd: Path, env: dict[str, str], timeout: int = 60
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=timeout,
    )


def git(cwd: Path, env: dict[str, str], *arguments: str | Path) -> str:
    done = run("git", *arguments, cwd=cwd, env=env)
    assert done.returncode == 0, done.stdout
    return done.stdout.strip()


@pytest.fixture
def toolkit(tmp_path: Path, environment: dict[str, str]) -> Path:
    """A repository with this checkout as it is now, as its one commit: a hook comes from one."""
    folder = tmp_path / "toolkit"
    listed = git(ROOT, environment, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    git(folder, environment, "init", "-q", "-b", "main")
    git(folder, environment, "add", "-A")
    git(folder, environment, "commit", "-q", "-m", "toolkit")
    return folder


@pytest.fixture
def records(tmp_path: Path, environment: dict[str, str]) -> Path:
    """A repository of records without faults."""
    folder = tmp_path / "records"
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "dataset.yaml").write_text(DATASET)
    (folder / "data" / "owner.yaml").write_text(OWNER)
    (folder / "data" / "north.yaml").write_text(PROJECT)
    (folder / "data" / "south.yaml").write_text(SOUTH)
    git(folder, environment, "init", "-q", "-b", "main")
    git(folder, environment, "add", "-A")
    git(folder, environment, "commit", "-q", "-m", "records")
    return folder


# -- the hook


def test_commits_are_held_to_the_rules_by_the_hook(
    toolkit: Path, records: Path, environment: dict[str, str]
) -> None:
    # One test: pre-commit installs the toolkit with all that it needs, which takes its time.
    rev = git(toolkit, environment, "rev-parse", "HEAD")
    config = records / ".pre-commit-config.yaml"
    config.write_text(CONFIG.format(repo=toolkit, rev=rev, args="[data]"))
    pre_commit = Path(sys.executable).with_name("pre-commit")
    installed = run(
        pre_commit, "install", "--install-hooks", cwd=records, env=environment, timeout=600
    )
    assert installed.returncode == 0, installed.stdout
    git(records, environment, "add", "-A")

    def commit() -> subprocess.CompletedProcess[str]:
        git(records, environment, "add", "-A")
        return run("git", "commit", "-m", "change", cwd=records, env=environment, timeout=120)

    good = commit()
    assert good.returncode == 0, good.stdout
    assert re.match(r"expatlod validate\.+Passed\n", good.stdout)

    (records / "data" / "north.yaml").write_text(PROJECT.replace("housing", "housng"))
    bad = commit()
    assert bad.returncode == 1
    assert "data/north.yaml:8:8: error: theme" in bad.stdout
    assert "did you mean 'housing'" in bad.stdout

    # A record that is deleted is none of the files that pre-commit knows of.
    (records / "data" / "north.yaml").unlink()
    deleted = commit()
    assert deleted.returncode == 1
    assert "data/south.yaml:10:12: error: continues" in deleted.stdout

    # What only the commit changes, in a folder that has an old fault.
    (records / "data" / "north.yaml").write_text(PROJECT)
    (records / "data" / "old.yaml").write_text(
        PROJECT.replace("north", "old").replace("housing", "x")
    )
    git(records, environment, "add", "-A")
    git(records, environment, "commit", "-q", "--no-verify", "-m", "old fault")
    config.write_text(CONFIG.format(repo=toolkit, rev=rev, args="[data, --changed-since, HEAD]"))
    (records / "data" / "north.yaml").write_text(PROJECT.replace("housing", "tax"))
    changed = commit()
    assert changed.returncode == 0, changed.stdout


def test_hook_definition_is_one_that_pre_commit_takes() -> None:
    done = run(
        Path(sys.executable).with_name("pre-commit"),
        "validate-manifest",
        ROOT / ".pre-commit-hooks.yaml",
        cwd=ROOT,
        env=dict(os.environ),
    )

    assert (done.returncode, done.stdout) == (0, "")


# -- the workflow


@pytest.mark.parametrize("workflow", [WORKFLOW, PAGES], ids=lambda path: path.stem)
def test_workflow_is_one_that_github_takes(workflow: Path) -> None:
    done = run(
        Path(sys.executable).with_name("check-jsonschema"),
        *("--builtin-schema", "vendor.github-workflows", workflow),
        cwd=ROOT,
        env=dict(os.environ),
    )

    assert (done.returncode, done.stdout) == (0, "ok -- validation done\n")


def steps_of(path: Path) -> dict[str, dict[str, Any]]:
    workflow = yaml.safe_load(path.read_text("utf-8"))
    (job,) = workflow["jobs"].values()
    return {each.get("name", each.get("uses")): each for each in job["steps"]}


@pytest.fixture
def steps() -> dict[str, dict[str, Any]]:
    """The steps of the workflow by name; those that only use an action, by the action."""
    return steps_of(WORKFLOW)


def step(
    steps: dict[str, dict[str, Any]], name: str, cwd: Path, env: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run a step as GitHub does, with the `expatlod` of these tests."""
    place = f"{Path(sys.executable).parent}{os.pathsep}{env['PATH']}"
    return shell(steps[name]["run"], cwd, {**env, "PATH": place})


def shell(
    script: str, cwd: Path, env: dict[str, str], *, timeout: int = 60
) -> subprocess.CompletedProcess[str]:
    # https://docs.github.com/actions/reference/workflow-syntax-for-github-actions#defaultsrunshell
    return run("bash", "-e", "-c", script, cwd=cwd, env=env, timeout=timeout)


def test_workflow_has_a_step_for_each_thing(steps: dict[str, dict[str, Any]]) -> None:
    assert list(steps) == [
        "actions/checkout@v4",
        "actions/setup-python@v5",
        "Install expatlod",
        "Check what the pull request changes",
        "Check all records",
        "Report for code scanning",
        "Show the report in code scanning",
    ]


def test_workflow_installs_what_its_variable_names(
    steps: dict[str, dict[str, Any]],
    toolkit: Path,
    records: Path,
    tmp_path: Path,
    environment: dict[str, str],
) -> None:
    venv.create(tmp_path / "python", with_pip=True)
    place = f"{tmp_path / 'python' / 'bin'}{os.pathsep}{environment['PATH']}"
    told = {**environment, "EXPATLOD": str(toolkit), "PATH": place}

    done = shell(steps["Install expatlod"]["run"], records, told, timeout=600)

    assert done.returncode == 0, done.stdout
    assert (tmp_path / "python" / "bin" / "expatlod").is_file()


def test_workflow_annotates_what_a_pull_request_breaks(
    steps: dict[str, dict[str, Any]], records: Path, environment: dict[str, str]
) -> None:
    (records / "data" / "old.yaml").write_text(
        PROJECT.replace("north", "old").replace("housing", "x")
    )
    git(records, environment, "add", "-A")
    git(records, environment, "commit", "-q", "-m", "old fault")
    git(records, environment, "switch", "-q", "-c", "pull-request")
    (records / "data" / "north.yaml").write_text(PROJECT.replace("housing", "housng"))
    git(records, environment, "commit", "-q", "-a", "-m", "a slip")
    git(records, environment, "switch", "-q", "main")
    git(records, environment, "merge", "-q", "--no-ff", "-m", "merge", "pull-request")

    done = step(steps, "Check what the pull request changes", records, environment)

    assert done.returncode == 1
    annotations = [line for line in done.stdout.splitlines() if line.startswith("::error")]
    (annotation,) = annotations
    assert "file=data/north.yaml,line=8," in annotation


def test_workflow_passes_a_pull_request_without_faults(
    steps: dict[str, dict[str, Any]], records: Path, environment: dict[str, str]
) -> None:
    (records / "data" / "north.yaml").write_text(PROJECT.replace("housing", "tax"))
    git(records, environment, "commit", "-q", "-a", "-m", "a change")

    done = step(steps, "Check what the pull request changes", records, environment)

    assert done.returncode == 0, done.stdout


def test_workflow_fails_on_any_fault_outside_of_pull_requests(
    steps: dict[str, dict[str, Any]], records: Path, environment: dict[str, str]
) -> None:
    good = step(steps, "Check all records", records, environment)
    (records / "data" / "north.yaml").write_text(PROJECT.replace("housing", "housng"))

    bad = step(steps, "Check all records", records, environment)

    assert (good.returncode, bad.returncode) == (0, 1)
    assert "::error file=data/north.yaml,line=8," in bad.stdout


@pytest.mark.parametrize("theme", ["housing", "housng"])
def test_workflow_reports_where_it_uploads_from_with_faults_and_without(
    steps: dict[str, dict[str, Any]], records: Path, environment: dict[str, str], theme: str
) -> None:
    (records / "data" / "north.yaml").write_text(PROJECT.replace("housing", theme))

    done = step(steps, "Report for code scanning", records, environment)

    assert done.returncode == 0, done.stdout
    sarif = yaml.safe_load(
        (records / steps["Show the report in code scanning"]["with"]["sarif_file"]).read_text()
    )
    assert [each["ruleId"] for each in sarif["runs"][0]["results"]] == (
        [] if theme == "housing" else ["sh:node"]
    )


def test_workflow_of_pages_keeps_every_release_on_its_branch(
    records: Path, tmp_path: Path, environment: dict[str, str]
) -> None:
    steps = steps_of(PAGES)
    origin = tmp_path / "origin.git"
    git(tmp_path, environment, "clone", "-q", "--bare", records, origin)

    def publish(theme: str) -> None:
        checkout = tmp_path / theme
        git(tmp_path, environment, "clone", "-q", origin, checkout)
        (checkout / "data" / "north.yaml").write_text(PROJECT.replace("housing", theme))
        git(checkout, environment, "add", "-A")
        git(checkout, environment, "commit", "-q", "--allow-empty", "-m", theme)
        git(checkout, environment, "push", "-q", "origin", "main")
        for name in list(steps)[3:]:
            done = step(steps, name, checkout, environment)
            assert done.returncode == 0, (name, done.stdout)

    publish("housing")
    publish("tax")

    served = tmp_path / "served"
    git(tmp_path, environment, "clone", "-q", "-b", "gh-pages", origin, served)
    assert sorted(path.name for path in (served / "releases").iterdir()) == [
        VERSION,
        f"{VERSION}.2",
    ]
    assert (served / ".nojekyll").is_file()
    shutil.rmtree(served / ".git")
    checked = run(sys.executable, "-m", "expatlod", "verify", served, cwd=tmp_path, env=environment)
    assert checked.returncode == 0, checked.stdout
