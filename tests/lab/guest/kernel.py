"""
Which kernel runs in the guest, and where does it come from?

*Method*: `apt-get download` of the package that `linux-image-amd64` depends on, and of `wireless-regdb`: nothing is installed. What is needed of
them is kept below the repository in a folder that git ignores, under the package's version, so that it is fetched once. The image is unpacked on
this side, for an interpreted processor takes seconds for it.
"""

from __future__ import annotations

import lzma
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

CACHE = Path(__file__).parents[3] / ".cache" / "guest"
METAPACKAGE = "linux-image-amd64"  # the cloud flavour has no mac80211_hwsim
RULES = "wireless-regdb"  # without it every channel of 5 GHz may be listened to only
COMPLETE = "complete"  # written last; it names the modules that were wanted
XZ = b"\xfd7zXZ\x00"
ELF = b"\x7fELF"
# Loaded in this order, each after what it depends on; the ciphers are what mac80211 asks for by name.
WANTED = (
    *("virtio_pci", "9pnet_virtio", "9p"),
    *("ccm", "ctr", "cmac", "gcm", "ghash-generic", "bridge", "mac80211_hwsim"),
)


class NoKernel(Exception):
    """The kernel for the guest cannot be had here; the words say why."""


@dataclass(frozen=True, slots=True)
class Kernel:
    """An unpacked kernel image, its modules in the order to load them, and the files of the regulatory database."""

    image: Path
    modules: tuple[Path, ...]
    rules: tuple[Path, ...]


def kernel(cache: Path = CACHE) -> Kernel:
    """The kernel of the guest, fetched unless it is there; raises NoKernel."""
    kept = sorted(folder for folder in cache.glob("*") if _complete(folder))
    folder = kept[-1] if kept else _fetch(cache)
    modules = tuple(sorted((folder / "modules").iterdir()))
    return Kernel(folder / "vmlinux", modules, tuple(sorted((folder / "rules").iterdir())))


def _fetch(cache: Path) -> Path:
    """Download, unpack and keep; what is not complete is not kept."""
    if not shutil.which("apt-get"):
        raise NoKernel("no apt-get to fetch Debian's kernel with: this is not Debian")
    package = _package()
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix="part-") as part:
        unpacked, made = Path(part, "unpacked"), Path(part, "made")
        for name in (package, RULES):
            _unpack(name, Path(part), unpacked)
        _keep(unpacked, made)
        shutil.rmtree(cache / package, ignore_errors=True)
        return made.rename(cache / package)


def _complete(folder: Path) -> bool:
    """Whether everything lies there that this release wants; what an earlier one kept may lack a module."""
    note = folder / COMPLETE
    return note.exists() and note.read_text("ascii") == " ".join(WANTED)


def _package() -> str:
    """The name of the package with the kernel itself; asks for the lists of packages where they know of none."""
    for refresh in (False, True):
        if refresh:
            _run("apt-get", "update", "-qq")
        shown = subprocess.run(["apt-cache", "depends", METAPACKAGE], capture_output=True, text=True, check=False)
        if found := re.search(r"Depends: (linux-image-\S*amd64)\b", shown.stdout):
            return found[1]
    raise NoKernel(f"apt knows no package {METAPACKAGE}: the guest needs Debian's kernel")


def _unpack(package: str, into: Path, unpacked: Path) -> None:
    """Download one package and unpack it, once more after asking for the lists anew: an old list names files that are gone."""
    try:
        _run("apt-get", "download", "-qq", package, at=into)
    except NoKernel:
        _run("apt-get", "update", "-qq")
        _run("apt-get", "download", "-qq", package, at=into)
    for archive in into.glob(f"{package}_*.deb"):
        _run("dpkg-deb", "--extract", str(archive), str(unpacked))


def _run(*command: str, at: Path | None = None) -> None:
    """Run a command of the package system; raises NoKernel with its last words."""
    done = subprocess.run(command, cwd=at, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NoKernel(f"{' '.join(command)}: {done.stderr.strip()[-300:]}")


def _keep(unpacked: Path, made: Path) -> None:
    """Of the packages what the guest needs: image, modules with what they depend on, rules of the air."""
    for name in ("modules", "rules"):
        (made / name).mkdir(parents=True)
    (image,) = unpacked.glob("boot/vmlinuz-*")
    (made / "vmlinux").write_bytes(plain_image(image.read_bytes()))
    for number, module in enumerate(in_order(unpacked / "lib/modules")):
        (made / "modules" / f"{number:02}-{module.name}").write_bytes(module.read_bytes())
    for rules in unpacked.glob("lib/firmware/regulatory.db*-debian"):
        (made / "rules" / rules.name.removesuffix("-debian")).write_bytes(rules.read_bytes())
    (made / COMPLETE).write_text(" ".join(WANTED), "ascii")


def plain_image(packed: bytes) -> bytes:
    """The kernel as an ELF file, which qemu starts directly (PVH); as it is where it is not packed with xz."""
    start = packed.find(XZ)
    plain = lzma.LZMADecompressor().decompress(packed[start:]) if start >= 0 else packed
    return plain if plain.startswith(ELF) else packed


def in_order(folder: Path) -> list[Path]:
    """The wanted modules, each after what it depends on as it says itself; raises NoKernel for one that is not there."""
    known = {_named(path): path for path in folder.rglob("*.ko")}
    ordered: dict[str, Path] = {}

    def add(name: str) -> None:
        if name in ordered:
            return
        if name not in known:
            raise NoKernel(f"the kernel has no module {name}")
        for needed in _depends(known[name]):
            add(needed)
        ordered[name] = known[name]

    for name in WANTED:
        add(name.replace("-", "_"))
    return list(ordered.values())


def _named(module: Path) -> str:
    """A module's name as others name it."""
    return module.name.removesuffix(".ko").replace("-", "_")


def _depends(module: Path) -> list[str]:
    """What a module says that it depends on."""
    found = re.search(rb"\0depends=([^\0]*)\0", module.read_bytes())
    return [name.replace("-", "_") for name in found[1].decode("ascii").split(",") if name] if found else []
