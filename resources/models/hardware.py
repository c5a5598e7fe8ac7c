"""The device and precision that models use; torch is loaded only where a GPU driver exists."""

from functools import lru_cache
from pathlib import Path

from guyot.encoders.transformer_encoder import Device, Precision

CPU_INFO = Path("/proc/cpuinfo")
GPU_DRIVER = Path("/proc/driver/nvidia/version")
_BFLOAT16_FLAGS = frozenset({"amx_bf16", "avx512_bf16"})


@lru_cache(maxsize=1)
def device() -> Device:
    """Choose where models run: the GPU if torch can use one, else the processor."""
    if not GPU_DRIVER.exists():
        return "cpu"
    import torch  # heavy

    return "cuda" if torch.cuda.is_available() else "cpu"


@lru_cache(maxsize=1)
def precision() -> Precision:
    """Choose the precision of multiplication: bfloat16 where the hardware is fast at it, else float32."""
    if device() == "cuda":
        import torch  # heavy

        return "bfloat16" if torch.cuda.is_bf16_supported(including_emulation=False) else "float32"
    return "bfloat16" if cpu_flags() & _BFLOAT16_FLAGS else "float32"


def cpu_flags() -> frozenset[str]:
    """List the processor's features; empty where the system does not list them."""
    if not CPU_INFO.exists():
        return frozenset()
    for line in CPU_INFO.read_text(errors="replace").splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "flags":
            return frozenset(value.split())
    return frozenset()
