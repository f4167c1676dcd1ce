"""Draw the portraits of the demonstration centre: flat, friendly, of nobody in particular.

Run from the repository root: ``python scripts/draw_portraits.py``. Each row of PORTRAITS gives one file in
``static/portraits``; the same rows always give the same files.
"""

# ruff: noqa: E501 -- path data reads best in one piece

from dataclasses import dataclass
from pathlib import Path

FOLDER = Path("static/portraits")

# skin: base, shade, blush, lip
SKINS = {
    "fair": ("#f7d7be", "#e6b698", "#ef9d86", "#c4625c"),
    "light": ("#f1c9a5", "#dda67f", "#e58d71", "#b9564f"),
    "warm": ("#e6b48a", "#cc9165", "#d97d5f", "#a94b45"),
    "tan": ("#d39b6d", "#b67c50", "#c46a4d", "#96403c"),
    "deep": ("#b97f54", "#99633d", "#a85740", "#7f3632"),
}
# hair: base, light, brow
HAIRS = {
    "black": ("#26211f", "#453c39", "#2a2321"),
    "brown": ("#3d2a22", "#5e4436", "#3a2820"),
    "chestnut": ("#563626", "#7a5140", "#4a3024"),
    "grey": ("#8d8b8a", "#b1afad", "#6f6c6a"),
    "silver": ("#c9c7c4", "#e3e1de", "#8f8c89"),
}
BACKGROUNDS = {
    "sand": ("#f6e7d3", "#eed6b8"),
    "rose": ("#f7e0da", "#eec8be"),
    "mint": ("#dceee4", "#c1dfcf"),
    "sky": ("#dde9f4", "#c2d7ea"),
    "lilac": ("#e8e2f2", "#d3c9e6"),
    "lemon": ("#f6efcf", "#eadfa9"),
    "peach": ("#fbe5d2", "#f4cdae"),
    "jade": ("#d8ece9", "#b8dad5"),
}


@dataclass(frozen=True, slots=True)
class Portrait:
    """One drawing: names of colours and shapes; ``marks`` are glasses, stubble, lines of age, pearls."""

    name: str
    back: str
    skin: str
    hair: str
    style: str
    dress: str
    colour: str
    accent: str = "#ffffff"
    marks: tuple[str, ...] = ()
    jaw: int = 24
    smile: int = 9


PORTRAITS = (
    Portrait("nu-01", "rose", "fair", "black", "long_middle", "ao_dai", "#a8323e", "#e9b8a6", ("lashes", "pearls")),
    Portrait("nam-01", "sky", "light", "black", "side_part", "shirt_tie", "#f4f7fa", "#2f5d8a"),
    Portrait("nu-02", "mint", "light", "brown", "bob", "blazer", "#2f5566", "#f7f3ec", ("lashes",)),
    Portrait("nam-02", "sand", "warm", "black", "crew", "shirt", "#dbe7f3", "#b9cde0", ("round_glasses",)),
    Portrait("nu-03", "lilac", "fair", "chestnut", "ponytail", "shirt", "#fdfdfb", "#e1e4ea", ("lashes",)),
    Portrait("nam-03", "peach", "tan", "black", "swept", "blazer", "#3b4252", "#f4f4f2"),
    Portrait("nu-04", "jade", "warm", "black", "bun", "ao_dai", "#1f6f6b", "#bfe0d6", ("lashes", "pearls")),
    Portrait("nam-04", "mint", "light", "grey", "receding", "shirt_tie", "#e9eef3", "#7a3b3b", ("lines", "square_glasses")),
    Portrait("nu-05", "lemon", "light", "black", "fringe_bob", "blouse", "#e9a13b", "#fff4dc", ("lashes", "round_glasses")),
    Portrait("nam-05", "lilac", "warm", "brown", "curly", "shirt", "#cfe3d8", "#aecbbb", ("stubble",)),
    Portrait("nu-06", "sky", "tan", "black", "headscarf", "blouse", "#41608c", "#8fb0d2", ("lashes",)),
    Portrait("nam-06", "rose", "fair", "black", "fringe", "shirt", "#f6f6f4", "#d9dcdf", ()),
    Portrait("nu-07", "sand", "light", "silver", "short_grey", "ao_dai", "#6b4a7d", "#d8c6e4", ("lines", "pearls")),
    Portrait("nam-07", "jade", "deep", "black", "crew", "blazer", "#28485c", "#eef2f4", ("square_glasses",)),
    Portrait("nu-08", "peach", "fair", "brown", "wavy", "blazer", "#7d3f4f", "#fbeeee", ("lashes",)),
    Portrait("nam-08", "sky", "warm", "grey", "side_part", "blazer", "#4a4a55", "#f2f2f0", ("lines",)),
    Portrait("nu-09", "mint", "warm", "black", "side_long", "shirt", "#dfe9f5", "#bfd0e4", ("lashes", "square_glasses")),
    Portrait("nam-09", "lemon", "light", "black", "swept", "shirt_tie", "#ffffff", "#3a6b52", ("square_glasses",)),
    Portrait("nu-10", "lilac", "light", "black", "pixie", "blazer", "#35405e", "#f5f1fa", ("lashes",)),
    Portrait("nam-10", "sand", "tan", "black", "side_part", "shirt", "#c9dcec", "#a5c2da", ("stubble",)),
    Portrait("nu-11", "rose", "tan", "black", "bun", "blouse", "#b84f5e", "#f9dcdc", ("lashes",)),
    Portrait("nam-11", "mint", "fair", "brown", "fringe", "blazer", "#52604a", "#f3f5ee", ("round_glasses",)),
    Portrait("nu-12", "jade", "fair", "black", "fringe_bob", "ao_dai", "#f2f0ea", "#9fc2cf", ("lashes",)),
    Portrait("nam-12", "peach", "warm", "silver", "receding", "shirt", "#eef1f4", "#ccd6df", ("lines",)),
    Portrait("nu-13", "sky", "warm", "chestnut", "wavy", "ao_dai", "#2d6aa3", "#bcd8ef", ("lashes", "pearls")),
    Portrait("nam-13", "lilac", "light", "black", "crew", "shirt_tie", "#eaf0f6", "#4b3f77", ()),
    Portrait("nu-14", "sand", "deep", "black", "ponytail", "blazer", "#8a4b2f", "#fbf3ea", ("lashes",)),
    Portrait("nam-14", "rose", "warm", "black", "curly", "blazer", "#6a3d4c", "#f7f1f1", ("round_glasses",)),
    Portrait("nu-15", "lemon", "fair", "black", "long_middle", "shirt", "#f7f9fb", "#d5dde6", ("lashes", "round_glasses")),
    Portrait("nam-15", "jade", "deep", "black", "fringe", "shirt", "#f0ead9", "#d9cfb4", ()),
    Portrait("nu-16", "peach", "light", "grey", "bob", "blazer", "#4d5a6a", "#f4efe6", ("lines", "square_glasses")),
    Portrait("nam-16", "sky", "fair", "black", "swept", "shirt", "#d6e4f2", "#b3cbe2", ()),
)  # fmt: skip


def _path(d: str, fill: str = "none", **attributes: str) -> str:
    extra = "".join(f' {key.replace("_", "-")}="{value}"' for key, value in attributes.items())
    return f'<path d="{d}" fill="{fill}"{extra}/>'


def _stroke(d: str, colour: str, width: float) -> str:
    return _path(d, stroke=colour, stroke_width=f"{width:g}", stroke_linecap="round", stroke_linejoin="round")


def _ellipse(cx: float, cy: float, rx: float, ry: float, fill: str, opacity: float = 1) -> str:
    shade = f' opacity="{opacity:g}"' if opacity < 1 else ""
    return f'<ellipse cx="{cx:g}" cy="{cy:g}" rx="{rx:g}" ry="{ry:g}" fill="{fill}"{shade}/>'


# Hair: what lies behind the head and what lies over the forehead.
CAP = "M120 41C87 41 68 64 68 104C68 112 70 118 73 122C74 108 78 97 85 90"
HAIR_BACK = {
    "long_middle": "M120 37C79 37 60 66 60 110C60 146 56 176 52 206C80 222 160 222 188 206C184 176 180 146 180 110C180 66 161 37 120 37Z",
    "side_long": "M120 38C79 38 61 66 61 110C61 146 60 172 57 200C84 214 156 214 183 200C180 172 179 146 179 110C179 66 161 38 120 38Z",
    "bob": "M120 38C78 38 60 66 59 112C58 136 60 152 67 163C92 172 148 172 173 163C180 152 182 136 181 112C180 66 162 38 120 38Z",
    "fringe_bob": "M120 39C79 39 61 66 60 112C59 138 62 154 70 164C92 171 148 171 170 164C178 154 181 138 180 112C179 66 161 39 120 39Z",
    "wavy": "M120 37C80 37 58 64 60 102C48 118 62 128 52 146C46 162 60 170 54 190C78 208 162 208 186 190C180 170 194 162 188 146C178 128 192 118 180 102C182 64 160 37 120 37Z",
    "ponytail": "M132 40C176 34 196 70 190 112C187 140 196 160 186 186C176 178 168 160 168 132L150 60Z",
    "bun": "M120 14C138 14 150 25 150 38C150 52 137 60 120 60C103 60 90 52 90 38C90 25 102 14 120 14Z",
    "short_grey": "M120 40C82 40 64 64 63 104C62 124 66 138 74 146L166 146C174 138 178 124 177 104C176 64 158 40 120 40Z",
    "pixie": "M120 41C84 41 66 64 66 102C66 120 69 132 76 140L164 140C171 132 174 120 174 102C174 64 156 41 120 41Z",
}
HAIR_FRONT = {
    "long_middle": "M120 40C86 38 66 62 66 112C67 128 70 140 74 148C74 122 82 98 98 86C110 77 117 68 120 58C123 68 130 77 142 86C158 98 166 122 166 148C170 140 173 128 174 112C174 62 154 38 120 40Z",
    "side_long": "M104 43C78 48 66 72 66 112C67 126 70 138 74 144C75 120 82 96 96 78C112 92 142 96 158 100C164 114 166 130 166 144C170 138 173 126 174 112C174 60 148 34 104 43Z",
    "bob": "M102 43C76 49 64 74 65 114C66 132 69 146 75 154C76 124 82 98 94 80C112 90 146 90 158 96C164 116 165 134 165 154C171 146 174 132 175 114C176 60 146 34 102 43Z",
    "fringe_bob": "M120 40C84 40 65 64 65 112C66 132 70 146 76 154C76 134 76 112 80 94C94 86 146 86 160 94C164 112 164 134 164 154C170 146 174 132 175 112C175 64 156 40 120 40Z",
    "wavy": "M112 41C82 42 64 66 66 110C66 124 70 136 74 142C76 116 84 98 96 84C106 84 114 78 118 70C128 88 150 92 160 104C165 116 166 130 166 142C170 136 174 124 174 110C176 64 150 39 112 41Z",
    "ponytail": "M120 41C86 41 68 64 68 106C70 112 72 118 74 122C76 104 82 92 92 84C112 86 140 78 152 70C160 84 164 102 166 122C169 118 171 112 172 106C172 64 154 41 120 41Z",
    "bun": "M120 42C88 42 69 64 69 106C70 112 72 117 74 121C77 102 84 88 98 80C110 74 117 68 120 62C123 68 130 74 142 80C156 88 163 102 166 121C168 117 170 112 171 106C171 64 152 42 120 42Z",
    "short_grey": "M118 41C86 41 67 62 67 102C67 114 70 124 74 132C76 112 82 96 92 86C108 92 128 82 140 76C154 84 164 104 166 132C170 124 173 114 173 102C173 60 150 41 118 41Z",
    "pixie": "M112 41C84 43 67 64 68 102C69 114 72 124 75 128C77 110 80 98 86 92C104 92 134 84 148 68C158 82 164 102 165 128C168 124 171 114 172 102C173 60 146 37 112 41Z",
    "side_part": "M100 46C78 50 67 72 70 106C71 112 73 116 75 118C76 104 80 94 88 84C112 86 142 82 154 74C161 84 164 100 165 118C167 116 169 112 170 106C174 62 140 34 100 46Z",
    "crew": "M120 44C90 44 71 62 71 100C72 108 73 112 75 116C77 100 82 88 90 80C108 72 132 72 150 80C158 88 163 100 165 116C167 112 168 108 169 100C169 62 150 44 120 44Z",
    "swept": "M92 58C98 40 130 32 154 44C172 54 174 80 170 106C169 112 167 116 165 118C164 102 160 90 152 80C136 84 110 82 92 72C84 82 77 98 75 118C73 116 71 112 70 106C68 84 76 66 92 58Z",
    "fringe": "M120 40C86 40 67 62 69 104C70 112 72 117 74 119C75 106 78 97 83 90C98 92 112 90 122 82C134 90 148 92 157 90C162 97 165 106 166 119C168 117 170 112 171 104C173 62 154 40 120 40Z",
    "curly": "M82 66C72 70 66 84 69 96C66 104 70 114 75 118C75 106 79 96 86 90C92 95 102 92 106 86C112 92 124 92 130 85C136 92 148 94 154 88C161 95 165 106 165 118C170 114 174 104 171 96C174 84 168 70 158 66C156 52 142 44 132 47C124 38 106 40 102 49C92 45 82 54 82 66Z",
    "receding": "M84 62C74 72 69 88 70 106C71 112 73 117 75 119C76 104 79 92 85 84C90 78 94 70 92 62C90 60 87 60 84 62ZM156 62C166 72 171 88 170 106C169 112 167 117 165 119C164 104 161 92 155 84C150 78 146 70 148 62C150 60 153 60 156 62Z",
}
HAIR_SHINE = {
    "long_middle": "M84 84C90 70 100 62 110 57M130 57C140 62 150 70 156 84",
    "side_long": "M110 62C132 62 150 72 160 88",
    "bob": "M112 60C134 60 152 70 162 88",
    "fringe_bob": "M86 72C100 62 140 62 154 72",
    "wavy": "M128 60C144 66 154 76 160 90M82 92C86 78 94 68 104 62",
    "ponytail": "M88 74C98 62 116 57 134 60",
    "bun": "M88 80C94 70 102 64 110 61M130 61C138 64 146 70 152 80M104 30C112 24 128 24 136 30",
    "short_grey": "M88 76C98 62 116 56 136 60",
    "pixie": "M86 78C98 66 118 60 138 58",
    "side_part": "M96 66C112 58 136 56 154 66",
    "crew": "M94 64C108 56 132 56 146 64",
    "swept": "M104 60C118 52 140 52 154 62",
    "fringe": "M86 74C96 60 118 54 138 58",
    "curly": "M96 62C102 56 110 56 114 60M128 58C134 54 142 58 144 64",
}


def _torso(portrait: Portrait, skin: tuple[str, ...]) -> list[str]:
    base = "M22 240C24 206 50 190 92 181L120 176L148 181C190 190 216 206 218 240Z"
    return [_path(base, portrait.colour), *DRESSES[portrait.dress](portrait, skin)]


def _shade(colour: str, factor: float) -> str:
    """Return ``colour`` darkened (below 1) or lightened (above 1)."""
    parts = [int(colour[index : index + 2], 16) for index in (1, 3, 5)]
    mixed = [round(part * factor) if factor <= 1 else round(part + (255 - part) * (factor - 1)) for part in parts]
    return "#" + "".join(f"{min(255, part):02x}" for part in mixed)


def _sleeves(colour: str) -> list[str]:
    line = _shade(colour, 0.86)
    return [_stroke("M62 240C62 226 59 216 54 208", line, 2.4), _stroke("M178 240C178 226 181 216 186 208", line, 2.4)]


def _neckline(skin: tuple[str, ...], depth: int) -> str:
    return _path(f"M98 178C104 {178 + depth} 136 {178 + depth} 142 178L138 170L102 170Z", skin[0])


def _shirt(portrait: Portrait, skin: tuple[str, ...]) -> list[str]:
    dark = _shade(portrait.colour, 0.84)
    collar = _shade(portrait.colour, 1.35) if portrait.colour < "#e" else portrait.colour
    return [
        *_sleeves(portrait.colour),
        _path("M101 174L120 202L139 174L139 168L101 168Z", skin[0]),
        _path("M101 172L120 200L139 172C140 182 130 194 120 200C110 194 100 182 101 172Z", skin[1], opacity="0.55"),
        _path("M97 172C94 178 93 184 96 190L112 212L120 200L100 172Z", collar, stroke=dark, stroke_width="1.6"),
        _path("M143 172C146 178 147 184 144 190L128 212L120 200L140 172Z", collar, stroke=dark, stroke_width="1.6"),
        _stroke("M120 203L120 240", dark, 1.8),
        _ellipse(124.5, 219, 1.7, 1.7, dark),
        _ellipse(124.5, 234, 1.7, 1.7, dark),
        _path(
            "M148 220h24v14q-12 4-24 0Z",
            "none",
            stroke=portrait.accent if portrait.accent < "#e" else dark,
            stroke_width="1.8",
        ),
    ]


def _shirt_tie(portrait: Portrait, skin: tuple[str, ...]) -> list[str]:
    dark = _shade(portrait.colour, 0.84)
    tie = portrait.accent
    return [
        *_sleeves(portrait.colour),
        _path("M101 174L120 198L139 174L139 168L101 168Z", skin[0]),
        _path("M101 172L120 196L139 172C140 182 130 190 120 196C110 190 100 182 101 172Z", skin[1], opacity="0.55"),
        _path("M113 198L127 198L124 209L131 240L109 240L116 209Z", tie),
        _path("M113 197L127 197L124 209L116 209Z", _shade(tie, 0.8)),
        _path(
            "M97 172C94 178 93 183 95 188L111 210L120 197L100 172Z", portrait.colour, stroke=dark, stroke_width="1.6"
        ),
        _path(
            "M143 172C146 178 147 183 145 188L129 210L120 197L140 172Z",
            portrait.colour,
            stroke=dark,
            stroke_width="1.6",
        ),
    ]


def _blazer(portrait: Portrait, skin: tuple[str, ...]) -> list[str]:
    dark = _shade(portrait.colour, 0.78)
    light = _shade(portrait.colour, 1.12)
    return [
        *_sleeves(portrait.colour),
        _path("M96 177L120 240L144 177L139 168L101 168Z", portrait.accent),
        _path("M101 172L120 201L139 172L139 168L101 168Z", skin[0]),
        _path("M101 172L120 199L139 172C140 182 130 193 120 199C110 193 100 182 101 172Z", skin[1], opacity="0.55"),
        _path(
            "M99 171L94 180L107 207L120 200Z",
            _shade(portrait.accent, 0.97),
            stroke=_shade(portrait.accent, 0.86),
            stroke_width="1.2",
        ),
        _path(
            "M141 171L146 180L133 207L120 200Z",
            _shade(portrait.accent, 0.97),
            stroke=_shade(portrait.accent, 0.86),
            stroke_width="1.2",
        ),
        _path(
            "M94 178C84 181 78 183 72 186L82 206L76 211L108 240L117 240Z",
            light,
            stroke=dark,
            stroke_width="1.4",
            stroke_linejoin="round",
        ),
        _path(
            "M146 178C156 181 162 183 168 186L158 206L164 211L132 240L123 240Z",
            light,
            stroke=dark,
            stroke_width="1.4",
            stroke_linejoin="round",
        ),
    ]


def _ao_dai(portrait: Portrait, skin: tuple[str, ...]) -> list[str]:
    dark = _shade(portrait.colour, 0.82)
    collar = _shade(portrait.colour, 0.93)
    return [
        *_sleeves(portrait.colour),
        _path("M99 163C104 172 136 172 141 163L145 181C132 191 108 191 95 181Z", collar),
        _stroke("M99 164C104 173 136 173 141 164", portrait.accent, 2),
        _stroke("M120 171L120 188", dark, 1.6),
        _stroke("M120 188C134 196 152 204 172 208", dark, 1.8),
        *[_ellipse(x, y, 2.3, 2.3, portrait.accent) for x, y in ((124, 190), (140, 198), (157, 204))],
    ]


def _blouse(portrait: Portrait, skin: tuple[str, ...]) -> list[str]:
    dark = _shade(portrait.colour, 0.84)
    return [
        *_sleeves(portrait.colour),
        _neckline(skin, 40),
        _path(
            "M98 177C104 214 136 214 142 177C147 178 150 179 152 180C148 224 92 224 88 180C90 179 93 178 98 177Z",
            portrait.accent,
        ),
        _stroke("M120 210L120 240", dark, 1.6),
    ]


DRESSES = {"shirt": _shirt, "shirt_tie": _shirt_tie, "blazer": _blazer, "ao_dai": _ao_dai, "blouse": _blouse}


def _neck(skin: tuple[str, ...]) -> list[str]:
    return [
        _path("M102 140L102 168C102 184 138 184 138 168L138 140Z", skin[0]),
        _path("M102 152C110 166 130 166 138 152L138 164C128 172 112 172 102 164Z", skin[1], opacity="0.75"),
    ]


def _head(portrait: Portrait, skin: tuple[str, ...]) -> list[str]:
    jaw = portrait.jaw
    face = f"M76 102C76 68 96 52 120 52C144 52 164 68 164 102C164 128 {120 + jaw + 6} 160 120 160C{120 - jaw - 6} 160 76 128 76 102Z"
    ears = [] if portrait.style == "headscarf" else [
        _ellipse(76, 110, 7.5, 11, skin[0]), _ellipse(164, 110, 7.5, 11, skin[0]),
        _stroke("M73 106c4 1 5 5 3 9", skin[1], 1.8), _stroke("M167 106c-4 1-5 5-3 9", skin[1], 1.8),
    ]  # fmt: skip
    return [*ears, _path(face, skin[0])]


def _features(portrait: Portrait, skin: tuple[str, ...], brow: str) -> list[str]:
    ink = "#2c2320"
    parts = [_ellipse(94, 126, 9, 6, skin[2], 0.28), _ellipse(146, 126, 9, 6, skin[2], 0.28)]
    for side in (-1, 1):
        x = 120 + side * 20.5
        parts += [
            _ellipse(x, 109, 4.5, 5.2, ink),
            _ellipse(x + 1.6, 107, 1.5, 1.6, "#ffffff"),
            _stroke(f"M{x - 8.5:g} {107 if side < 0 else 105.5:g}Q{x:g} 99.5 {x + 8.5:g} {105.5 if side < 0 else 107:g}", ink, 2.1),
            _stroke(f"M{x - 10:g} {93 if side < 0 else 91.5:g}Q{x:g} 86.5 {x + 10:g} {91.5 if side < 0 else 93:g}", brow, 3.4 if "lashes" not in portrait.marks else 2.6),
        ]  # fmt: skip
        if "lashes" in portrait.marks:
            parts.append(_stroke(f"M{x + side * 8.5:g} 107l{side * 3.4:g} -2.6", ink, 1.9))
    parts.append(_stroke("M119 112C117 119 114 123 115 126Q119 130 125 127.5", skin[1], 2.4))
    parts += _mouth(portrait, skin)
    return parts


def _mouth(portrait: Portrait, skin: tuple[str, ...]) -> list[str]:
    dip = 139 + portrait.smile
    if "lashes" in portrait.marks or "pearls" in portrait.marks:
        return [
            _path(f"M107 139Q114 136.5 120 138.5Q126 136.5 133 139Q120 {dip + 4} 107 139Z", skin[3]),
            _stroke("M108 139.5Q120 143.5 132 139.5", _shade(skin[3], 0.78), 1.2),
        ]
    return [
        _stroke(f"M106 138.5Q120 {dip + 2} 134 138.5", _shade(skin[3], 0.92), 2.8),
        _stroke("M115 150.5Q120 152 125 150.5", skin[1], 1.8),
    ]


def _marks(portrait: Portrait, skin: tuple[str, ...], hair: tuple[str, ...]) -> list[str]:
    drawn = {
        "round_glasses": [
            '<g fill="#ffffff" fill-opacity="0.18" stroke="#3a3230" stroke-width="2.4">'
            '<circle cx="99.5" cy="109" r="14.5"/><circle cx="140.5" cy="109" r="14.5"/></g>',
            _stroke("M114 107Q120 103.5 126 107M85 107L77 104.5M155 107L163 104.5", "#3a3230", 2.4),
        ],
        "square_glasses": [
            '<g fill="#ffffff" fill-opacity="0.18" stroke="#2e3440" stroke-width="2.8">'
            '<rect x="84" y="98.5" width="31" height="22" rx="7"/><rect x="125" y="98.5" width="31" height="22" rx="7"/></g>',
            _stroke("M115 105Q120 102.5 125 105M84 104.5L77 103M156 104.5L163 103", "#2e3440", 2.6),
        ],
        "stubble": [
            _path(
                "M82 124C84 146 104 160 120 160C136 160 156 146 158 124C150 134 142 131 134 133C126 129 114 129 106 133C98 131 90 134 82 124Z",
                hair[0],
                opacity="0.10",
            )
        ],
        "lines": [
            _stroke("M86 119q4 4 9 5M154 119q-4 4-9 5", skin[1], 1.6),
            _stroke("M103 129q-4 5-3 11M137 129q4 5 3 11", skin[1], 1.8),
            *([_stroke("M106 76q14-4 28 0", skin[1], 1.6)] if portrait.style == "receding" else []),
        ],
        "pearls": [_ellipse(74, 123, 3, 3, "#fbf7ee"), _ellipse(166, 123, 3, 3, "#fbf7ee")],
        "lashes": [],
    }
    return [piece for mark in portrait.marks for piece in drawn[mark]]


def _headscarf(portrait: Portrait) -> tuple[list[str], list[str]]:
    cloth, fold = portrait.accent, _shade(portrait.accent, 0.84)
    back = [
        _path(
            "M120 34C78 34 60 66 62 110C62 150 50 176 46 204C80 226 160 226 194 204C190 176 178 150 178 110C180 66 162 34 120 34Z",
            cloth,
        )
    ]
    front = [
        _path("M68 158C68 186 54 192 44 205C80 230 160 230 196 205C186 192 172 186 172 158C160 176 140 181 120 181C100 181 80 176 68 158Z", _shade(cloth, 0.95)),
        _path("M120 36C82 36 64 66 65 110C66 146 84 178 120 192C156 178 174 146 175 110C176 66 158 36 120 36Z"
              "M120 62C146 62 159 80 159 106C159 134 142 158 120 158C98 158 81 134 81 106C81 80 94 62 120 62Z", cloth, fill_rule="evenodd"),
        _stroke("M81 104C82 80 94 62 120 62C146 62 158 80 159 104", fold, 2),
        _stroke("M74 172C88 188 108 198 134 201M62 192C84 208 114 215 150 214M166 174C160 184 150 190 138 193", fold, 2),
    ]  # fmt: skip
    return back, front


def _hair(portrait: Portrait, hair: tuple[str, ...]) -> tuple[list[str], list[str]]:
    if portrait.style == "headscarf":
        return _headscarf(portrait)
    behind = HAIR_BACK.get(portrait.style)
    back = [_path(behind, _shade(hair[0], 0.88))] if behind else []
    front = [_path(HAIR_FRONT[portrait.style], hair[0])]
    if portrait.style in HAIR_SHINE:
        front.append(_stroke(HAIR_SHINE[portrait.style], hair[1], 3))
    return back, front


def draw(portrait: Portrait) -> str:
    """Return the portrait as an SVG document of 240 by 240 units, without style attributes."""
    skin, hair = SKINS[portrait.skin], HAIRS[portrait.hair]
    light, dark = BACKGROUNDS[portrait.back]
    back, front = _hair(portrait, hair)
    neck, torso = _neck(skin), _torso(portrait, skin)
    body = [*neck, *torso] if portrait.dress == "ao_dai" else [*torso, *neck]  # a standing collar covers the neck
    pieces = [
        f'<rect width="240" height="240" fill="{light}"/>',
        _ellipse(120, 132, 104, 104, dark, 0.75),
        *back,
        *body,
        *_head(portrait, skin),
        *_features(portrait, skin, hair[2]),
        *front,
        *_marks(portrait, skin, hair),
    ]
    return '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 240 240">' + "".join(pieces) + "</svg>\n"


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for portrait in PORTRAITS:
        (FOLDER / f"{portrait.name}.svg").write_text(draw(portrait), encoding="utf-8")


if __name__ == "__main__":
    main()
