"""Builds the kernels. Without a C compiler each is skipped with a warning, and the installation continues."""

from tempfile import TemporaryDirectory

from Cython.Build import cythonize
from setuptools import Extension, setup

# Build outside the checkout: files left there by an earlier build would be installed if a later build fails.
held = TemporaryDirectory(prefix="rtes-kernels-")  # until this process ends
aside = held.name

extensions = cythonize(
    [
        Extension(
            f"rtes_kernels.{name}",
            [f"rtes_kernels/{name}.pyx"],
            # No fused multiply-add: scores are the same to the last bit on every machine, and with numpy.
            extra_compile_args=["-O3", "-ffp-contract=off"],
        )
        for name in ("counts", "feedback", "positions", "postings", "ranking", "sets", "strings")
    ],
    build_dir=aside,
)
for extension in extensions:
    extension.optional = True  # cythonize does not pass it on

setup(
    packages=["rtes_kernels"],
    ext_modules=extensions,
    options={"build": {"build_base": aside}, "build_ext": {"parallel": True}, "egg_info": {"egg_base": aside}},
)
