"""What the machine multiplies fast, told from its own words."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from resources.models import hardware


@pytest.fixture(autouse=True)
def asked_anew() -> Iterator[None]:
    """Forget what was found, before and after."""
    hardware.device.cache_clear()
    hardware.precision.cache_clear()
    yield
    hardware.device.cache_clear()
    hardware.precision.cache_clear()


@pytest.mark.parametrize(
    ("flags", "expected"),
    [("fpu avx512_bf16", "bfloat16"), ("amx_tile amx_bf16", "bfloat16"), ("fpu avx2", "float32")],
)
def test_bfloat16_is_chosen_where_the_processor_has_it(
    flags: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    information = tmp_path / "cpuinfo"
    information.write_text(f"processor\t: 0\nflags\t\t: {flags}\nbugs\t\t: none\n")
    monkeypatch.setattr(hardware, "CPU_INFO", information)
    monkeypatch.setattr(hardware, "GPU_DRIVER", tmp_path / "none")
    assert (hardware.device(), hardware.precision()) == ("cpu", expected)


def test_a_system_that_does_not_tell_gets_float32(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hardware, "CPU_INFO", tmp_path / "none")
    monkeypatch.setattr(hardware, "GPU_DRIVER", tmp_path / "none")
    assert hardware.precision() == "float32"


def test_a_driver_without_a_usable_gpu_is_a_processor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    driver = tmp_path / "version"
    driver.touch()
    monkeypatch.setattr(hardware, "GPU_DRIVER", driver)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert hardware.device() == "cpu"
