"""Laws of the settings."""

from pathlib import Path

import pytest

from cueroom.settings import Settings, SettingsError, environment_of, load, table


def test_every_setting_has_a_variable_a_meaning_and_what_would_be_right() -> None:
    for setting in table():
        assert setting.variable == "CUEROOM_" + setting.name.upper()
        assert setting.meaning
        assert setting.right


def test_defaults_are_valid_when_given_in_words() -> None:
    variables = {setting.variable: setting.default for setting in table()}
    assert load({}, variables) == load({}, {})


def test_an_option_wins_over_a_variable_and_a_variable_over_the_default() -> None:
    variables = {"CUEROOM_PORT": "9000", "CUEROOM_WORKERS": "2"}
    settings = load({"port": "7000"}, variables)
    assert (settings.port, settings.workers, settings.keep_days) == (7000, 2, 30)


def test_all_problems_are_told_at_once_with_what_would_be_right() -> None:
    with pytest.raises(SettingsError) as told:
        load({"port": "eighty"}, {"CUEROOM_FSYNC": "never", "CUEROOM_REDIS": "http://localhost"})
    assert told.value.problems == [
        "--port is 'eighty'; right would be a whole number from 0 to 65535.",
        "CUEROOM_REDIS is 'http://localhost'; right would be a redis://, rediss://, unix://, redis+cluster:// or "
        "redis+sentinel:// URL, or nothing.",
        "CUEROOM_FSYNC is 'never'; right would be one of always, everysec.",
    ]


def test_another_process_reads_the_same_settings() -> None:
    settings = load({"port": 0, "data": "/data", "drain_s": 2.5, "clock_origin": 1, "clock_speed": 20}, {})
    assert load({}, environment_of(settings)) == settings


URLS = ["redis://h", "rediss://h:1/2", "unix:///s", "redis+cluster://h", "redis+sentinel://h", "rediss+cluster://h"]


@pytest.mark.parametrize("url", URLS)
def test_every_kind_of_redis_in_the_contract_is_taken(url: str) -> None:
    assert load({"redis": url}, {}).redis == url


def test_a_fast_clock_needs_its_origin() -> None:
    with pytest.raises(SettingsError, match="CUEROOM_CLOCK_ORIGIN"):
        load({}, {"CUEROOM_CLOCK_SPEED": "20"})


def test_an_embedded_store_cannot_promise_replicas() -> None:
    with pytest.raises(SettingsError, match="CUEROOM_REPLICAS needs CUEROOM_REDIS"):
        load({"replicas": "1"}, {})
    assert load({"replicas": "1", "redis": "redis+cluster://h"}, {}).replicas == 1


def test_data_is_kept_where_the_desktop_keeps_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/lin")
    assert load({}, {}).data == "/home/lin/.local/share/cueroom"
    assert load({}, {"XDG_DATA_HOME": "/data"}).data == "/data/cueroom"
    assert load({}, {"XDG_DATA_HOME": "not/absolute"}).data == "/home/lin/.local/share/cueroom"
    assert load({"data": "here"}, {}).data == str(Path.cwd() / "here")


def test_links_start_with_the_public_url_where_there_is_one() -> None:
    assert Settings(host="::1").base_url(80) == "http://[::1]:80"
    assert Settings(public_url="https://cue.example.org/").base_url(80) == "https://cue.example.org"
