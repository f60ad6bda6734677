"""Laws of what `scripts/deploy` holds: everything it names exists, and those who read it agree."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from cueroom.metrics import Metrics
from cueroom.settings import table
from cueroom.show.aftersales import Parcels

ROOT = Path(__file__).parent.parent.parent
DEPLOY = ROOT / "scripts" / "deploy"
ALERTS = DEPLOY / "alerts.yml"
ALERT_LAWS = Path(__file__).with_name("alerts_test.yml")
SERVICE = DEPLOY / "cueroom.service"
CONTAINERFILE = DEPLOY / "Containerfile"
COMPOSE = DEPLOY / "compose.yaml"

with_promtool = pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
with_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")


def told(*command: str | Path) -> str:
    """What a program says of something that it finds nothing wrong with."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def series() -> set[str]:
    """Every name that /metrics tells."""
    metrics = Metrics()
    metrics.show_figures("launch", gmv=1, online=2, feed_age_s=0.5, live=True)
    metrics.show_led("launch", here=True)
    metrics.after_sales("launch", Parcels(), {})
    lines = metrics.expose("")[0].decode().splitlines()
    return {re.split(r"[ {]", line)[0] for line in lines if not line.startswith("#")}


def rules() -> list[dict[str, Any]]:
    return [rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]]


def board_expressions() -> Iterator[str]:
    board = json.loads((DEPLOY / "grafana.json").read_text())
    for panel in board["panels"]:
        for target in panel.get("targets", []):
            yield target["expr"]


def names_in(expressions: Iterator[str]) -> set[str]:
    return {name for expression in expressions for name in re.findall(r"\bcueroom_\w+", expression)}


def test_alerts_and_board_look_only_at_what_is_told() -> None:
    assert names_in(rule["expr"] for rule in rules()) <= series()
    assert names_in(board_expressions()) <= series()


def test_the_board_shows_every_metric_but_the_sums_of_what_it_shows() -> None:
    shown = names_in(board_expressions())
    kinds = {re.sub(r"_(bucket|count|sum)$", "", name) for name in series()} - {"cueroom_live"}
    assert kinds == {re.sub(r"_bucket$", "", name) for name in shown}


@with_promtool
def test_prometheus_reads_every_expression_of_the_board(tmp_path: Path) -> None:
    expressions = [expression.replace("$__rate_interval", "1m") for expression in board_expressions()]
    named = [{"record": f"panel:{number}", "expr": expression} for number, expression in enumerate(expressions)]
    file = tmp_path / "board.yml"
    file.write_text(json.dumps({"groups": [{"name": "board", "rules": named}]}))  # JSON is YAML
    assert f"{len(named)} rules found" in told("promtool", "check", "rules", file)


def test_panels_of_the_board_do_not_overlap() -> None:
    places = [panel["gridPos"] for panel in json.loads((DEPLOY / "grafana.json").read_text())["panels"]]
    cells = [
        (x, y)
        for place in places
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(cells) == len(set(cells))


@with_promtool
def test_every_alert_comes_when_it_should_and_stays_away_when_not() -> None:
    told("promtool", "test", "rules", ALERT_LAWS)
    laws = [law for test in yaml.safe_load(ALERT_LAWS.read_text())["tests"] for law in test["alert_rule_test"]]
    alerts = {rule["alert"] for rule in rules()}
    assert {law["alertname"] for law in laws if law["exp_alerts"]} == alerts
    assert {law["alertname"] for law in laws if not law["exp_alerts"]} == alerts


@with_systemd
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    unit = tmp_path / "cueroom.service"
    command = tmp_path / "cueroom"  # a path without spaces, whatever the checkout's
    command.symlink_to(Path(sys.executable).with_name("cueroom"))
    unit.write_text(SERVICE.read_text().replace("/opt/cueroom/bin/cueroom", str(command)))
    said = told("systemd-analyze", "verify", unit).splitlines()
    assert [line for line in said if unit.name in line] == []  # it complains of the machine's own units as well


def test_the_service_has_time_to_drain() -> None:
    drain_s = next(float(row.default) for row in table() if row.name == "drain_s")
    stop_s = re.search(r"^TimeoutStopSec=(\d+)$", SERVICE.read_text(), re.MULTILINE)
    assert stop_s
    assert float(stop_s[1]) > 2 * drain_s
    for name, service in yaml.safe_load(COMPOSE.read_text())["services"].items():
        assert float(service["stop_grace_period"].removesuffix("s")) > 2 * drain_s, name


def test_what_is_set_can_be_set() -> None:
    known = {row.variable for row in table()}
    compose = yaml.safe_load(COMPOSE.read_text())["services"]["cueroom"]["environment"]
    named = set(re.findall(r"\bCUEROOM_\w+(?==)", SERVICE.read_text() + CONTAINERFILE.read_text())) | set(compose)
    assert named <= known


def test_what_the_image_is_made_of_is_there() -> None:
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", CONTAINERFILE.read_text(), re.MULTILINE)
    paths = [ROOT / path for line in copied for path in line.split()]
    assert paths
    assert [path for path in paths if not path.exists()] == []
    build = yaml.safe_load(COMPOSE.read_text())["services"]["cueroom"]["build"]
    context = (DEPLOY / build["context"]).resolve()
    assert context == ROOT
    assert (context / build["dockerfile"]) == CONTAINERFILE
