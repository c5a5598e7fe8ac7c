# pyright: standard
# (safetensors has no types)
"""Soups of safetensors files, whoever wrote them; needs torch and safetensors, `guyot[encoders]`."""

import contextlib
import importlib.util
import json
import os
import tempfile
from collections.abc import Generator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from guyot.errors import CorruptError, SettingError
from guyot.train.soups.averaging import Weights, average_tensor
from guyot.train.soups.ingredients import check_alike, is_float

FLOATS = {"F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16"}
_WHOLE = {"BOOL", "U8", "I8", "I16", "U16", "I32", "U32", "I64", "U64"}


class WeightFile(Mapping[str, NDArray[Any]]):
    """The tensors of a safetensors file by name, each read when it is asked for.

    Floats come as float32, those of float64 as float64. `dtypes` are as stored, such as `BF16`.

    Raises
    ------
    SettingError : there is no such file, a library is missing, or tensors of a dtype that is no average's.
    CorruptError : it is no safetensors file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.is_file():
            raise SettingError(f"weights {path} were asked for; it is no file; give a .safetensors file")
        with _opened(path) as file:
            self.metadata: dict[str, str] = dict(file.metadata() or {})
            slices = {name: file.get_slice(name) for name in file.keys()}
            self.dtypes: dict[str, str] = {name: one.get_dtype() for name, one in slices.items()}
            self._shapes = {name: tuple(one.get_shape()) for name, one in slices.items()}
        wrong = sorted(name for name, dtype in self.dtypes.items() if dtype not in {*FLOATS, *_WHOLE})
        if wrong:
            raise SettingError(
                f"{len(wrong)} of {len(self.dtypes)} tensors of {path.name} are of a dtype that is not "
                f"averaged ({wrong[0]} is {self.dtypes[wrong[0]]}); store them as one of "
                f"{', '.join(FLOATS.values())}"
            )

    @property
    def outline(self) -> Weights:
        """Arrays of the same names, kinds and shapes: whole numbers as they are, zeros for floats, unread."""
        return {
            name: np.broadcast_to(np.float32(0), self._shapes[name]) if dtype in FLOATS else self[name]
            for name, dtype in self.dtypes.items()
        }

    def __getitem__(self, name: str) -> NDArray[Any]:
        """Read a tensor."""
        if name not in self.dtypes:
            raise KeyError(name)
        with _opened(self.path) as file:
            tensor = file.get_tensor(name)
        narrow = self.dtypes[name] in ("F16", "BF16")
        return (tensor.float() if narrow else tensor).numpy()

    def __iter__(self) -> Iterator[str]:
        return iter(self.dtypes)

    def __len__(self) -> int:
        return len(self.dtypes)


def write_weights(
    path: Path,
    weights: Mapping[str, NDArray[Any]],
    dtypes: Mapping[str, str],
    metadata: Mapping[str, str] | None = None,
) -> None:
    """Write a safetensors file, all or nothing.

    Parameters
    ----------
    weights : named arrays, float[...], or of whole numbers
    dtypes : of each float tensor as stored, such as `BF16`; the others keep theirs
    metadata : texts beside, such as what went in
    """
    import safetensors.torch
    import torch

    tensors = {name: torch.from_numpy(np.ascontiguousarray(array)) for name, array in weights.items()}
    stored = {
        name: tensor.to(getattr(torch, FLOATS[dtypes[name]])) if dtypes.get(name) in FLOATS else tensor
        for name, tensor in tensors.items()
    }
    work, temporary = tempfile.mkstemp(dir=path.resolve().parent, prefix=f".{path.name}-")
    os.close(work)
    try:
        safetensors.torch.save_file(stored, temporary, {"format": "pt", **(metadata or {})})
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def soup_files(paths: Sequence[Path], output: Path, dtype: str | None = None) -> list[WeightFile]:
    """Average safetensors files with equal shares, tensor by tensor, and write the soup.

    Parameters
    ----------
    paths : two or more files of models of one architecture
    output : the file to write
    dtype : float64, float32, float16 or bfloat16, of the soup's floats; None: the first file's, tensor by
        tensor

    Returns
    -------
    The files, opened

    Raises
    ------
    SettingError : a file that is not there, or the output among the ingredients.
    ArrayError : models that do not go together.
    CorruptError : a file that is no safetensors file.

    Notes
    -----
    Averaged in float64, rounded to float32 and then to the dtype as stored, so float16 and bfloat16 files
    lose nothing before the end, and float64 files come out with the precision of float32. Memory for one
    model and one tensor of each other. Names and metadata of the files are not trusted with anything but
    being copied.
    """
    wanted = {name: code for code, name in FLOATS.items()}
    if dtype is not None and dtype not in wanted:
        raise SettingError(f"dtype {dtype!r} was asked for; choose from {', '.join(wanted)}")
    if output.resolve() in [path.resolve() for path in paths]:
        raise SettingError(f"{output} is one of the ingredients; give the soup a file of its own")
    if not output.resolve().parent.is_dir():
        raise SettingError(f"{output} was asked for; there is no folder {output.parent}; make it first")
    files = [WeightFile(path) for path in paths]
    check_alike([file.outline for file in files], [path.name for path in paths])
    equal = [1.0] * len(files)
    soup: Weights = {}
    for name in files[0]:
        arrays = [file[name] for file in files]
        soup[name] = average_tensor(arrays, equal) if is_float(arrays[0].dtype) else arrays[0]
    dtypes = {name: wanted[dtype] if dtype else code for name, code in files[0].dtypes.items()}
    what = json.dumps({"method": "uniform", "ingredients": [path.name for path in paths]})
    write_weights(
        output, soup, {n: c for n, c in dtypes.items() if files[0].dtypes[n] in FLOATS}, {"soup": what}
    )
    return files


@contextlib.contextmanager
def _opened(path: Path) -> Generator[Any]:
    """Open a safetensors file."""
    for needed in ("safetensors", "torch"):
        if importlib.util.find_spec(needed) is None:
            raise SettingError(
                f"{path} is read by {needed}, which is not installed; run `pip install 'guyot[encoders]'`"
            )
    import safetensors

    try:
        with safetensors.safe_open(path, framework="pt") as file:
            yield file
    except safetensors.SafetensorError as error:
        raise CorruptError(f"{path} is no safetensors file: {error}; fetch or write it again") from error
