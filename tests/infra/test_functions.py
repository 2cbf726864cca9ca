"""Functions, runs and their logs."""

from __future__ import annotations

import pytest

from tests.infra.template import ROOT, Template, every_template

TIMEOUTS_S = {
    "relay": 29,
    "session_api": 29,
    "dispatcher": 60,
    "reaper": 60,
    "notifier": 60,
    "outbound": 20,
    "reconciler": 120,
    "migrate": 600,
}


@pytest.mark.req("O1")
def test_functions_run_python_3_13_on_arm64_with_both_layers(service: Template) -> None:
    layers = {key[:10] for key in service.of_type("AWS::Lambda::LayerVersion")}
    assert layers == {"LayersCore", "LayersVend"}
    for name, function in service.functions().items():
        assert function["Runtime"] == "python3.13"
        assert function["Architectures"] == ["arm64"]
        assert len(function["Layers"]) == 2
        assert function["Handler"] == f"{name}.handler.lambda_handler"
        assert function["Timeout"] == TIMEOUTS_S[name]


@pytest.mark.req("O1")
@pytest.mark.parametrize("name", sorted(TIMEOUTS_S))
def test_the_handler_exists(name: str) -> None:
    handler = ROOT / "functions" / name / "handler.py"
    assert "def lambda_handler" in handler.read_text("utf-8")


@pytest.mark.req("O3")
def test_every_log_group_forgets(service: Template) -> None:
    days = {"dev": 30, "prod": 90}[service.stage]
    for name, group in service.of_type("AWS::Logs::LogGroup").items():
        assert group["RetentionInDays"] <= days, name


@pytest.mark.req("O3")
def test_every_function_writes_to_a_log_group_of_its_own(service: Template) -> None:
    groups = [f["LoggingConfig"]["LogGroup"]["Ref"] for f in service.functions().values()]
    assert len(set(groups)) == len(groups)
    assert set(groups) <= service.of_type("AWS::Logs::LogGroup").keys()


@pytest.mark.req("O1")
def test_cdk_leaves_no_function_whose_logs_stay_for_ever() -> None:
    for template in every_template():
        ours = len(template.functions())
        helpers = len(template.of_type("AWS::Lambda::Function")) - ours
        groups = [
            group
            for group in template.of_type("AWS::Logs::LogGroup").values()
            if "/aws/lambda/" in str(group.get("LogGroupName"))
        ]
        assert len(groups) == helpers


@pytest.mark.req("O1")
def test_migrations_run_before_any_function_of_the_release(service: Template) -> None:
    (trigger,) = service.of_type("Custom::Trigger")
    for name in service.functions().keys() - {"migrate"}:
        assert trigger in service.resources[service.function_id(name)]["DependsOn"], name


@pytest.mark.req("T4")
def test_a_run_has_time_to_stop_an_init_process_and_its_logs(service: Template) -> None:
    for definition in service.of_type("AWS::ECS::TaskDefinition").values():
        (container,) = [
            container
            for container in definition["ContainerDefinitions"]
            if container["Name"] == "runner"
        ]
        assert container["Name"] == "runner"
        assert container["StopTimeout"] == 120
        assert container["LinuxParameters"]["InitProcessEnabled"] is True
        assert container["LogConfiguration"]["LogDriver"] == "awslogs"
        assert definition["RuntimePlatform"]["CpuArchitecture"] == "ARM64"
        assert container["Command"] == ["python3.13", "-m", "aiwebhook_runner", "run"]
