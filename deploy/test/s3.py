"""Batch on an S3-compatible server on loopback: s3.py PROGRAM, built with the feature cloud; moto[server] and boto3 from PyPI.

Reads mix and reference, writes master and report, does nothing on a second run, leaves no temporary file here or there, tells no
credential, and takes up a run that was killed. Ends with 75 where moto is missing.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

try:
    import boto3
    from moto.server import ThreadedMotoServer
except ImportError as missing:
    print(f"{missing}: not tested")
    sys.exit(75)

PROGRAM = Path(sys.argv[1]).resolve()
MAKE = Path(__file__).with_name("make.py")
EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
SECRETS = {"AWS_ACCESS_KEY_ID": "AKIATHISISNOTHINGREAL", "AWS_SECRET_ACCESS_KEY": "nobody-is-to-read-this-secret"}


def main() -> None:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    try:
        with tempfile.TemporaryDirectory() as folder:
            check(Path(folder), endpoint)
    finally:
        server.stop()


def check(folder: Path, endpoint: str) -> None:
    subprocess.run([sys.executable, MAKE, folder / "local", "3"], check=True)
    environment = {**os.environ, **SECRETS, "AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": endpoint, "AWS_ENDPOINT": endpoint}
    environment |= {"AWS_ALLOW_HTTP": "true", "TMPDIR": str(folder / "tmp"), "NO_COLOR": "1"}
    (folder / "tmp").mkdir()
    client = boto3.client(
        "s3", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    client.create_bucket(Bucket="music")
    for file in (folder / "local/in").iterdir():
        client.upload_file(str(file), "music", f"in/{file.name}")
    # One that is sent in pieces: more than 8 MiB.
    for name in ("mix", "reference"):
        shutil.copy(EXAMPLES / f"{name}.flac", folder / "local/in")
        client.upload_file(str(EXAMPLES / f"{name}.flac"), "music", f"in/{name}.flac")
    with open(folder / "local/m.jsonl", "a", encoding="utf-8") as out:
        long = {"id": "long", "mix": "in/mix.flac", "ref": "in/reference.flac", "bits": "32f"}
        out.write(json.dumps({**long, "output": "out/long.wav", "report": "out/long.json"}) + "\n")
    jobs = [json.loads(line) for line in (folder / "local/m.jsonl").read_text().splitlines()]
    with open(folder / "m.jsonl", "w", encoding="utf-8") as out:
        for job in jobs:
            out.write(json.dumps({key: f"s3://music/{value}" if key in ("mix", "ref", "output", "report") else value
                                  for key, value in job.items()}) + "\n")

    told = ""

    def run(*arguments: str, code: int = 0, **changed: str) -> str:
        nonlocal told
        end = subprocess.run(
            [PROGRAM, "batch", *arguments, "--json"], cwd=folder, env=environment | changed, capture_output=True, text=True, check=False
        )
        told += end.stdout + end.stderr
        assert end.returncode == code, f"{arguments}: {end.returncode}: {end.stderr}"
        return end.stdout

    def names() -> list[str]:
        return [entry["Key"] for entry in client.list_objects_v2(Bucket="music", Prefix="out/").get("Contents", [])]

    # A run that is killed in the middle, then one that goes on.
    process = subprocess.Popen([PROGRAM, "batch", "m.jsonl", "--jobs", "1"], cwd=folder, env=environment, stderr=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL)
    while not names() and process.poll() is None:
        time.sleep(0.02)
    process.kill()
    process.wait()
    run("m.jsonl", "--jobs", "2")
    files = {job["id"]: job["output"].replace("{id}", job["id"]) for job in jobs}
    expected = sorted(name for file in files.values() for name in (file, str(Path(file).with_suffix(".json"))))
    assert names() == expected, names()
    assert client.list_multipart_uploads(Bucket="music").get("Uploads", []) == []
    statuses = [json.loads(line)["status"] for line in run("m.jsonl").splitlines()]
    assert statuses == ["skipped"] * 4, statuses

    # The same masters as from files.
    subprocess.run([PROGRAM, "batch", "m.jsonl", "--quiet"], cwd=folder / "local", check=True)
    for job in jobs:
        body = client.get_object(Bucket="music", Key=files[job["id"]])["Body"].read()
        assert body == (folder / "local" / files[job["id"]]).read_bytes(), job["id"]
        report = client.get_object(Bucket="music", Key=f"out/{job['id']}.json")["Body"].read().decode()
        told += report
        assert json.loads(report)["mix"]["file"] == f"s3://music/{job['mix']}"

    # A changed object is done again; a missing one and one that is in the way are failures in words.
    client.upload_file(str(folder / "local/in/5.wav"), "music", "in/0.wav")
    statuses = sorted((json.loads(line) for line in run("m.jsonl").splitlines()), key=lambda line: line["row"])
    assert [line["status"] for line in statuses] == ["done", "skipped", "skipped", "skipped"], statuses
    (folder / "bad.jsonl").write_text(
        '{"mix": "s3://music/in/none.wav", "output": "s3://music/out/none.wav", "report": "none"}\n'
        '{"mix": "s3://music/in/1.wav", "ref": "s3://music/in/ref.wav", "output": "s3://music/in/2.flac", "report": "none"}\n'
    )
    client.put_object(Bucket="music", Key="in/2.flac", Body=b"precious")
    lines = [json.loads(line) for line in run("bad.jsonl", code=3).splitlines()]
    words = " ".join(line["message"] for line in lines)
    assert "s3://music/in/none.wav: no such file" in words and "s3://music/in/2.flac: exists already" in words, words
    # A server that is not there: said in words, without the keys.
    gone = run("bad.jsonl", code=3, AWS_ENDPOINT="http://127.0.0.1:9", AWS_ENDPOINT_URL="http://127.0.0.1:9")
    assert "s3://music" in gone

    left = list((folder / "tmp").iterdir())
    assert left == [], left
    for file in [*folder.glob("*.jsonl")]:
        told += file.read_text(encoding="utf-8")
    for secret in SECRETS.values():
        assert secret not in told, "a credential was told"
    print(f"{len(jobs)} rows in s3://music on {endpoint}: masters as from files; nothing left, no credential told")


main()
