"""Checks the manifests of Kubernetes and AWS Batch by their services' own schemas, and that their numbers of shares agree.

Needs kubernetes-validate, boto3 and PyYAML from PyPI; ends with 75 where they are missing.
"""

import json
import sys
from pathlib import Path

DEPLOY = Path(__file__).resolve().parents[1]

try:
    import boto3
    import kubernetes_validate
    import yaml
    from botocore.validate import ParamValidator
except ImportError as missing:
    print(f"{missing}: not tested")
    sys.exit(75)


def shares(command: list[str], parameters: dict[str, str]) -> int:
    value = command[command.index("--shard") + 1]
    return int(parameters[value.removeprefix("Ref::")] if value.startswith("Ref::") else value)


def main() -> None:
    job = yaml.safe_load((DEPLOY / "kubernetes/job.yaml").read_text(encoding="utf-8"))
    kubernetes_validate.validate(job, "1.31", strict=True)
    assert job["spec"]["completionMode"] == "Indexed"
    assert shares(job["spec"]["template"]["spec"]["containers"][0]["args"], {}) == job["spec"]["completions"]

    service = boto3.client("batch", region_name="eu-central-1", aws_access_key_id="x", aws_secret_access_key="x").meta.service_model
    definition, submit = (json.loads((DEPLOY / f"aws-batch/{name}.json").read_text()) for name in ("job-definition", "submit"))
    for operation, body in (("RegisterJobDefinition", definition), ("SubmitJob", submit)):
        report = ParamValidator().validate(body, service.operation_model(operation).input_shape)
        assert not report.has_errors(), report.generate_report()
    assert shares(definition["containerProperties"]["command"], submit["parameters"]) == submit["arrayProperties"]["size"]
    print("Kubernetes and AWS Batch: valid, and their shares agree")


main()
