"""The kernel's own file systems are known by their device numbers."""

import os
import sys

import pytest

from resources.sources import kernel_files
from resources.sources.kernel_files import kernel_devices, kinds_of

on_linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the list of mounts is Linux's")


@on_linux
def test_proc_is_one_and_a_folder_of_files_is_none(tmp_path):
    found = kernel_devices()
    assert found[os.stat("/proc").st_dev] == found[os.stat("/proc/self").st_dev] == "proc"
    assert tmp_path.stat().st_dev not in found


def test_a_line_that_is_none_is_passed_over():
    assert kinds_of(["", " - proc", "1 2 0:x / / rw - proc p rw", "1 2 3 / / rw - proc p rw"]) == {}
    assert kinds_of(["1 2 7:9 / /a\\040b rw a:1 b:2 - sysfs x rw"]) == {os.makedev(7, 9): "sysfs"}


def test_without_a_list_there_are_none(tmp_path, monkeypatch):
    monkeypatch.setattr(kernel_files, "_MOUNTS", tmp_path / "none")
    assert kernel_devices() == {}
