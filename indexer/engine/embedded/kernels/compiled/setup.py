"""Builds the kernels; `optional` lets an installation without a C compiler go on."""

from Cython.Build import cythonize
from setuptools import Extension, setup

setup(
    packages=["rtes_kernels"],
    ext_modules=cythonize(
        [
            Extension(
                f"rtes_kernels.{name}",
                [f"rtes_kernels/{name}.pyx"],
                # No fused multiply-add: scores are the same to the last bit on every machine, and with numpy.
                extra_compile_args=["-O3", "-ffp-contract=off"],
                optional=True,
            )
            for name in ("best", "counts", "places", "postings", "sets")
        ]
    ),
)
