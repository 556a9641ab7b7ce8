"""Models as ONNX graphs, for runtimes without Python, in browsers and on phones.

Needs the extra ``onnx``: ``pip install "skmlp-scratch[onnx]"``.
"""

from skmlp_scratch.onnx._convert import register_converter, to_onnx

__all__ = ["register_converter", "to_onnx"]
