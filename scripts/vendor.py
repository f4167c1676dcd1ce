"""Fetch the front-end files we serve from their npm packages and write down what each must be.

Run ``python scripts/vendor.py`` after changing ``PACKAGES`` or ``ICONS``; ``--check`` only compares the files in
``static/vendor`` with ``manifest.json``. Nothing is fetched when the program is installed or run: the files are
kept in the repository with their licences.
"""

import argparse
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

VENDOR = Path(__file__).resolve().parent.parent / "static" / "vendor"
MANIFEST = VENDOR / "manifest.json"
SVG = "http://www.w3.org/2000/svg"


@dataclass(frozen=True, kw_only=True, slots=True)
class Package:
    """An npm package: which of its files are served, under which name."""

    name: str
    version: str
    licence: str
    files: dict[str, str]

    @property
    def spec(self) -> str:
        return f"{self.name}@{self.version}"


PACKAGES = (
    Package(
        name="htmx.org",
        version="4.0.1",
        licence="0BSD",
        files={"dist/htmx.min.js": "htmx/htmx.min.js", "LICENSE": "htmx/LICENSE"},
    ),
    Package(
        name="@fontsource/be-vietnam-pro",
        version="5.3.0",
        licence="OFL-1.1",
        files={
            **{
                f"files/be-vietnam-pro-{subset}-{weight}-normal.woff2": f"fonts/be-vietnam-pro-{subset}-{weight}.woff2"
                for subset in ("latin", "latin-ext", "vietnamese")
                for weight in (400, 600)
            },
            "LICENSE": "fonts/LICENSE",
        },
    ),
    Package(name="bootstrap-icons", version="1.13.2", licence="MIT", files={"LICENSE": "icons/LICENSE"}),
)

ICON_SPRITE = "icons/icons.svg"
ICONS = """
activity app-indicator archive arrow-clockwise arrow-counterclockwise arrow-down arrow-down-circle arrow-down-up
arrow-left arrow-left-circle arrow-left-right arrow-repeat arrow-return-left arrow-right arrow-right-circle arrow-up
arrow-up-circle arrow-up-right asterisk at award award-fill bank bar-chart bell bell-fill body-text book bookmark
bookmark-check box-arrow-down box-arrow-in-down box-arrow-in-left box-arrow-in-right box-arrow-in-up box-arrow-left
box-arrow-right box-arrow-up boxes bricks briefcase broadcast brush bug building building-check building-gear
buildings calculator calendar calendar-check calendar-date calendar-day calendar-event calendar-month calendar-plus
calendar-range calendar-week calendar-x calendar2-check calendar2-week calendar3 camera camera-video card-checklist
card-heading card-list card-text caret-down caret-right cash cash-coin cash-stack chat chat-dots chat-left
chat-left-text chat-quote chat-right-text check check-circle check-circle-fill check-lg check2-square chevron-down
chevron-expand chevron-left chevron-right chevron-up circle circle-half clipboard clipboard-check clipboard-data
clipboard-plus clipboard-x clock clock-history cloud-download cloud-upload collection copy cpu credit-card
currency-exchange dash database display display-fill door-closed door-open door-open-fill download droplet easel
emoji-angry emoji-frown emoji-heart-eyes emoji-laughing emoji-neutral emoji-smile emoji-smile-upside-down envelope
envelope-check envelope-open exclamation-circle exclamation-octagon exclamation-triangle exclamation-triangle-fill
eye eye-slash fast-forward file-diff file-earmark file-earmark-arrow-down file-earmark-check file-earmark-lock
file-earmark-pdf file-earmark-person file-earmark-plus file-earmark-ruled file-earmark-spreadsheet file-earmark-text
file-earmark-x file-plus file-text files filter fingerprint flag flag-fill folder folder-check folder-plus
folder2-open funnel gear gear-wide-connected geo geo-alt globe globe2 graph-down graph-up grid grid-3x3-gap
grip-vertical hammer hand-index hand-index-thumb hand-thumbs-down hand-thumbs-up hand-thumbs-up-fill hash hdd
hdd-stack headset heart heart-fill hospital hourglass hourglass-split house house-door image images inbox inboxes
info-circle info-circle-fill journal journal-bookmark journal-check journal-medical journal-plus journal-text
journals key key-fill keyboard laptop layers layout-sidebar life-preserver lightbulb lightning link link-45deg list
list-check list-ol list-stars list-task list-ul lock lock-fill mailbox map megaphone mic moon moon-stars mortarboard
music-note-list newspaper node-plus palette paperclip patch-check patch-exclamation patch-question pause
pause-circle pc-display pen pencil pencil-square people people-fill percent person person-add person-badge
person-check person-circle person-dash person-exclamation person-fill person-gear person-heart person-lines-fill
person-lock person-plus person-slash person-vcard person-workspace person-x phone pie-chart pin pin-angle pin-map
play play-circle play-fill plug plus plus-circle plus-lg postage power printer printer-fill qr-code qr-code-scan
question-circle quote receipt receipt-cutoff record-circle recycle reply rulers save save2 search send share shield
shield-check shield-exclamation shield-lock shop signpost signpost-split skip-end skip-forward slash-circle sliders
sliders2 sort-alpha-down sort-down sort-numeric-down sort-up speedometer speedometer2 square stack star star-fill
star-half stars stop-circle stopwatch stopwatch-fill sun table tablet tablet-landscape tag tags telephone
telephone-fill text-left thermometer-half ticket ticket-detailed ticket-perforated toggle-off toggle-on tools
translate trash trash3 trophy truck type union universal-access unlock upc-scan upload vector-pen volume-up wallet
wifi wifi-off window window-stack wrench x x-circle x-lg zoom-in
""".split()


def digest(path: Path) -> str:
    """Return the sha256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def unpack(spec: str, folder: Path) -> Path:
    """Download ``spec`` with npm, which checks the registry's integrity hash, and return its unpacked folder."""
    packed = subprocess.run(  # noqa: S603 -- the arguments are constants of this file
        ["npm", "pack", "--json", "--ignore-scripts", spec],  # noqa: S607 -- npm is found on the PATH
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    )
    answer = json.loads(packed.stdout)
    first = answer[0] if isinstance(answer, list) else next(iter(answer.values()))
    target = folder / first["filename"].removesuffix(".tgz")
    with tarfile.open(folder / first["filename"]) as archive:
        archive.extractall(target, filter="data")
    return target / "package"


def sprite(folder: Path, names: Iterable[str]) -> str:
    """Return one SVG with a symbol per icon, drawn in the colour of the text around it."""
    ET.register_namespace("", SVG)
    root = ET.Element(f"{{{SVG}}}svg")
    for name in sorted(set(names)):
        drawing = ET.fromstring((folder / "icons" / f"{name}.svg").read_text())  # noqa: S314 -- npm checked its hash
        symbol = ET.SubElement(
            root, f"{{{SVG}}}symbol", id=name, viewBox=drawing.attrib["viewBox"], fill="currentColor"
        )
        symbol.extend(list(drawing))
    return ET.tostring(root, encoding="unicode") + "\n"


def fetch() -> None:
    """Replace the files in ``static/vendor`` and write the manifest."""
    manifest = []
    with tempfile.TemporaryDirectory() as scratch:
        for package in PACKAGES:
            folder = unpack(package.spec, Path(scratch))
            written = []
            for source, target in package.files.items():
                (VENDOR / target).parent.mkdir(parents=True, exist_ok=True)
                (VENDOR / target).write_bytes((folder / source).read_bytes())
                written.append(target)
            if package.name == "bootstrap-icons":
                (VENDOR / ICON_SPRITE).write_text(sprite(folder, ICONS))
                written.append(ICON_SPRITE)
            manifest.append(
                {
                    "package": package.name,
                    "version": package.version,
                    "licence": package.licence,
                    "files": {name: digest(VENDOR / name) for name in sorted(written)},
                }
            )
    MANIFEST.write_text(json.dumps(manifest, indent=2) + "\n")


def differences() -> list[str]:
    """Return what in ``static/vendor`` is not as the manifest says, one line each."""
    listed = {name: sha for package in json.loads(MANIFEST.read_text()) for name, sha in package["files"].items()}
    present = {path.relative_to(VENDOR).as_posix() for path in VENDOR.rglob("*") if path.is_file()} - {MANIFEST.name}
    faults = [f"{name} is missing" for name in sorted(listed.keys() - present)]
    faults += [f"{name} is not in the manifest" for name in sorted(present - listed.keys())]
    faults += [
        f"{name} was changed" for name in sorted(present & listed.keys()) if digest(VENDOR / name) != listed[name]
    ]
    return faults


def main() -> int:
    """Fetch the files, or with ``--check`` compare those that are there."""
    parser = argparse.ArgumentParser(description="Vendor the front-end files.")
    parser.add_argument("--check", action="store_true", help="only compare the files with the manifest")
    if not parser.parse_args().check:
        fetch()
    faults = differences()
    sys.stderr.writelines(f"{fault}\n" for fault in faults)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
