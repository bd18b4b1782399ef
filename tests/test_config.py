import os
from datetime import timedelta
from pathlib import Path

import pytest

from underseal.config import LONGEST_WINDOW, Config, SettingError, environment
from underseal.core.disclosure import HOUR, LONGEST
from underseal.core.evidence import Weighting


def read(**variables: str) -> Config:
    return Config.from_environment({f"UNDERSEAL_{key}": value for key, value in variables.items()})


def test_without_any_variable_everything_is_safe():
    config = Config.from_environment({"HOME": "/home/otto"})
    assert config.host == "127.0.0.1"
    assert config.tick == HOUR
    assert config.weighting == Weighting.PRIORITY_ONLY
    assert config.allowed_hosts == frozenset()
    assert config.require_sandbox
    assert config.database_url is None
    assert config.keys.is_relative_to(config.data)


def test_state_is_where_it_is_by_convention(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert Config.from_environment({}).data == Path("/var/lib/underseal")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    home = {"HOME": "/home/otto"}
    assert Config.from_environment(home).data == Path("/home/otto/.local/share/underseal")
    xdg = {**home, "XDG_DATA_HOME": "/data"}
    assert Config.from_environment(xdg).data == Path("/data/underseal")


def test_every_setting_is_read_from_the_variable_of_its_name():
    config = read(
        DATA="/d", KEYS="/k", DATABASE_URL="postgresql://u@h/d", GUIDELINES="/g.toml",
        CHECKPOINTS="/c", HOST="::", PORT="80", TICK_SECONDS="2.5", WEIGHTING="shadow",
        ALLOWED_HOSTS="a:1,b:2", MEDIA_BYTES_MAX="1000", COVER_AUDIT_RATE="0.5",
        PREVALENCE_AUDITS="20", READERS="270/300,2994/3000",
        REPORT_AGE_DAYS_MAX="3", REQUIRE_SANDBOX="no",
    )  # fmt: skip
    assert config == Config(
        data=Path("/d"),
        keys=Path("/k"),
        database_url="postgresql://u@h/d",
        guidelines=Path("/g.toml"),
        checkpoints=Path("/c"),
        host="::",
        port=80,
        tick_seconds=2.5,
        weighting="shadow",
        allowed_hosts=frozenset({"a:1", "b:2"}),
        media_bytes_max=1000,
        cover_audit_rate=0.5,
        prevalence_audits=20,
        readers=((270, 300), (2994, 3000)),
        report_age_days_max=3,
        oidc=None,
        require_sandbox=False,
    )


def test_the_weightings_are_those_of_the_evidence():
    for weighting in Weighting:
        assert read(WEIGHTING=weighting).weighting == weighting


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "http"), ("PORT", "65536"), ("PORT", "-1"), ("PORT", "80.5"),
        ("TICK_SECONDS", "0"), ("TICK_SECONDS", "nan"), ("TICK_SECONDS", "inf"),
        ("TICK_SECONDS", "11"), ("TICK_SECONDS", "3601"),
        ("WEIGHTING", "on"), ("REQUIRE_SANDBOX", "true"), ("REQUIRE_SANDBOX", "0"),
        ("PREVALENCE_AUDITS", "-1"), ("READERS", "0.9,0.99"), ("READERS", "9/8,1/1"), ("READERS", "0/0,1/1"),
        ("COVER_AUDIT_RATE", "1.5"), ("COVER_AUDIT_RATE", "2%"),
        ("MEDIA_BYTES_MAX", "0"), ("MEDIA_BYTES_MAX", "1GiB"),
        ("REPORT_AGE_DAYS_MAX", "0"), ("REPORT_AGE_DAYS_MAX", "1.5"),
        ("ALLOWED_HOSTS", "https://example.org"), ("ALLOWED_HOSTS", "example.org"),
        ("ALLOWED_HOSTS", "example.org:http"), ("ALLOWED_HOSTS", "me@example.org:80"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_by_the_name_of_its_variable(name, value):
    with pytest.raises(SettingError, match=f"UNDERSEAL_{name}") as refused:
        read(**{name: value})
    assert refused.value.name == f"UNDERSEAL_{name}"


@pytest.mark.parametrize("seconds", ["0.5", "1", "2.5", "3600", "86400"])
def test_a_tick_is_a_whole_part_of_the_longest_window(seconds):
    assert LONGEST_WINDOW == LONGEST
    assert LONGEST % read(TICK_SECONDS=seconds).tick == timedelta(0)


def test_an_empty_variable_is_an_absent_one():
    assert read(PORT="", HOST="", GUIDELINES="", WEIGHTING="", ALLOWED_HOSTS="") == read()


def test_hosts_may_be_set_apart_by_spaces():
    allowed = read(ALLOWED_HOSTS=" a:1, b:2 ,[::1]:8080").allowed_hosts
    assert allowed == frozenset({"a:1", "b:2", "[::1]:8080"})


def test_paths_do_not_depend_on_where_the_process_is(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/otto")
    assert read(DATA="state").data == tmp_path / "state"
    assert read(KEYS="~/keys").keys == Path("/home/otto/keys")


def test_the_environment_is_that_of_the_process(monkeypatch):
    monkeypatch.setenv("UNDERSEAL_PORT", "1234")
    assert Config.from_environment(environment()).port == 1234


def test_no_password_shows_in_what_is_printed():
    shown = repr(read(DATABASE_URL="postgresql://otto:hunter2@host/db"))
    assert "hunter2" not in shown


def test_the_secret_of_a_provider_is_read_from_its_file_and_shown_nowhere(tmp_path):
    (tmp_path / "secret").write_text("of the provider\n")
    oidc = {"OIDC_ISSUER": "https://id.example", "OIDC_CLIENT_ID": "underseal"}
    config = read(**oidc, OIDC_CLIENT_SECRET_FILE=str(tmp_path / "secret"))
    assert config.oidc is not None
    assert config.oidc.client_secret == "of the provider"
    assert "of the provider" not in repr(config)


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"OIDC_CLIENT_ID": ""}, "OIDC_ISSUER: goes with"),
        ({"OIDC_ISSUER": "http://id.example"}, "OIDC_ISSUER: .* https"),
        ({"OIDC_ISSUER": "https://id.example?x"}, "OIDC_ISSUER: .* https"),
        ({"OIDC_CLIENT_SECRET_FILE": "/nowhere"}, "OIDC_CLIENT_SECRET_FILE: No such file"),
        ({"OIDC_CLIENT_SECRET_FILE": "/dev/null"}, "OIDC_CLIENT_SECRET_FILE: /dev/null is empty"),
    ],
)
def test_a_provider_that_is_half_configured_is_refused(tmp_path, changed, name):
    (tmp_path / "secret").write_text("of the provider")
    whole = {
        "OIDC_ISSUER": "https://id.example",
        "OIDC_CLIENT_ID": "underseal",
        "OIDC_CLIENT_SECRET_FILE": str(tmp_path / "secret"),
    }
    with pytest.raises(SettingError, match=name):
        read(**{**whole, **changed})
