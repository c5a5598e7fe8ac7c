"""docs/operate.md is run from top to bottom, as it stands but for the places it names."""

import json
import os
import re
import subprocess
from pathlib import Path

import boto3
import pytest
import support.postgres
from support.lake import TINY, write_corpus
from support.s3 import KEYS, free_port
from support.service import GUYOT, ROOT

from resources.setting_names import variable

PAGE = (ROOT / "docs" / "operate.md").read_text()
LIFECYCLE = json.loads(re.findall(r"^```json\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)[0])
# a service stays, so it is started in the background, and stopped when the page leaves the laptop
STARTED = """guyot up --port {port} > up.log 2>&1 & service=$!
until python -c "import urllib.request as u; u.urlopen('http://127.0.0.1:{port}/server_info')" 2>/dev/null; do sleep 2; done
"""
STOPPED = "kill -TERM $service; wait $service || true\n"


def script(folder: Path, port: int) -> str:
    """Join the page's blocks of commands; each line is shown before it is run."""
    blocks = re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    up = next(number for number, block in enumerate(blocks) if block == "guyot up\n")
    s3 = next(number for number, block in enumerate(blocks) if "s3://" in block)
    blocks[s3] = STOPPED + blocks[s3]
    blocks[up] = STARTED.format(port=port)
    text = "set -euo pipefail\n" + "".join(
        f"echo '#{number}'\n{block}" for number, block in enumerate(blocks)
    )
    for name, place in {
        "/opt/guyot": ROOT, "/etc/systemd/system": folder / "units", "/etc/guyot": folder / "etc",
        "/var/lib/guyot": folder / "home", "sudo -u postgres ": "", "sudo ": "", " -o guyot": "",
    }.items():  # fmt: skip
        text = text.replace(name, str(place))
    return text


@pytest.fixture
def environment(tmp_path, bucket):
    """Return the environment of somebody who reads the page, with a server of each kind beside."""
    if not support.postgres.BIN:
        pytest.skip("Postgres is not installed")
    write_corpus(tmp_path / "corpus")
    write_to_s3(tmp_path / "corpus")
    (tmp_path / "units").mkdir()
    tiny = {variable(name): str(value) for name, value in {**TINY, "reading.shard_bytes": 1 << 20}.items()}
    path = f"{Path(GUYOT).parent}:{support.postgres.BIN}:{os.environ['PATH']}"
    with support.postgres.postgres_server() as url:
        host, _, port = url.rpartition("@")[2].partition("/")[0].partition(":")
        admin = {"PGHOST": host, "PGPORT": port, "PGUSER": "postgres"}
        yield {**os.environ, **tiny, **admin, "HOME": str(tmp_path), "PATH": path}


def write_to_s3(corpus: Path) -> None:
    client = boto3.client("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL"], region_name=KEYS["AWS_REGION"])
    for name in ("my-corpus", "my-lake", "my-logs"):
        client.create_bucket(Bucket=name)
    client.put_bucket_lifecycle_configuration(Bucket="my-lake", LifecycleConfiguration=LIFECYCLE)
    for path in (path for path in corpus.rglob("*") if path.is_file()):
        client.upload_file(str(path), "my-corpus", f"raw/{path.relative_to(corpus).as_posix()}")


@pytest.mark.long
def test_the_page_from_top_to_bottom(tmp_path, environment):
    install, rest = script(tmp_path, free_port()).split("set -a; ")
    # between them a person puts values of their own
    values = f"s|127.0.0.1:5432|127.0.0.1:{environment['PGPORT']}|; s|/var/lib/guyot|{tmp_path}/home|"
    own = f"sed -i '{values}' {tmp_path}/etc/guyot.env\n"
    ran = subprocess.run(
        ["bash", "-c", install + own + "set -a; " + rest],
        env=environment, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout[-6000:]
    said = dict(re.findall(r"^#(\d+)\n(.*?)(?=^#\d+$|\Z)", ran.stdout, re.MULTILINE | re.DOTALL))
    assert len(said) == PAGE.count("```sh\n")
    assert "ingest_changed_shards: running" in said["2"]
    assert "curate_nightly: stopped" in said["3"]
    assert "semdedup" in said["4"]
