"""The inputs of a request, as Triton's client has them."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray
from tritonclient.grpc import InferInput
from tritonclient.utils import np_to_triton_dtype


def inline(name: str, array: NDArray[Any]) -> Any:
    """Makes an input that goes in the message itself."""
    tensor = InferInput(name, list(array.shape), np_to_triton_dtype(array.dtype))
    return tensor.set_data_from_numpy(array)


def shared(name: str, array: NDArray[Any], region: str, offset: int) -> Any:
    """Makes an input that lies in a region, from the byte `offset` on."""
    tensor = InferInput(name, list(array.shape), np_to_triton_dtype(array.dtype))
    return tensor.set_shared_memory(region, array.nbytes, offset)
