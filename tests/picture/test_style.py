"""Formats as CSS."""

from __future__ import annotations

import pytest

from sheetsync.picture.style import Edge, Looks, Palette, StyleSheet, font_stack


def test_colours_of_both_kinds_and_of_the_theme() -> None:
    theme = {"themeColors": [{"colorType": "ACCENT1", "color": {"rgbColor": {"red": 1}}}]}
    palette = Palette(theme)
    assert palette.colour({"color": {}}, "color") == "#000000"
    assert palette.colour({"color": {"red": 1}, "colorStyle": {"rgbColor": {"blue": 1}}}, "color") == "#0000ff"
    assert palette.colour({"colorStyle": {"themeColor": "ACCENT1"}}, "color") == "#ff0000"
    assert palette.colour({"colorStyle": {"themeColor": "LINK"}}, "color") == "#1155cc"
    assert palette.colour({"color": {"red": 2, "green": -1, "blue": 0.5}}, "color") == "#ff0080"
    assert palette.colour({}, "color") is None


def test_a_look_says_all_of_its_format_over_the_default() -> None:
    looks = Looks(Palette({}), {"textFormat": {"fontFamily": "Roboto", "fontSize": 12}, "verticalAlignment": "MIDDLE"})
    look = looks.of(
        {
            "textFormat": {"bold": True, "italic": True, "underline": True, "strikethrough": True},
            "borders": {
                "top": {"style": "DOUBLE"},
                "left": {"style": "NONE"},
                "right": {"style": "DOTTED", "color": {"red": 1}},
            },
            "padding": {"left": 9},
            "wrapStrategy": "WRAP",
            "horizontalAlignment": "CENTER",
        }
    )
    assert look.text() == {
        "font-family": "Roboto,Inter,system-ui,Arial,sans-serif",
        "font-size": "16px",
        "font-weight": "700",
        "font-style": "italic",
        "text-decoration": "underline line-through",
        "color": "#000000",
    }
    assert look.borders == (Edge(3, "double", "#000000"), Edge(1, "dotted", "#ff0000"), None, None)
    assert (look.padding, look.horizontal, look.vertical, look.wrap) == ((0, 0, 0, 9), "center", "middle", "WRAP")
    assert looks.of({"padding": {"left": 9}}) is looks.of({"padding": {"left": 9}})


@pytest.mark.parametrize("hostile", [{"horizontalAlignment": "x;}</style>"}, {"verticalAlignment": "<b>"}])
def test_unknown_words_never_reach_the_css(hostile: dict[str, str]) -> None:
    look = Looks(Palette({}), {}).of(hostile)
    assert (look.horizontal, look.vertical) == ("", "bottom")


@pytest.mark.parametrize(
    ("family", "start"),
    [
        ("Arial", "Arial,Arimo"),
        ("arial,sans,sans-serif", "Arial,Arimo"),
        ("Times New Roman", '"Times New Roman",Georgia'),
        ("Roboto Mono", '"Roboto Mono",ui-monospace'),
        ("Verdana", '"Verdana","Helvetica Neue"'),
        ('x"};</style><script>', "Arial,Arimo"),
        ("", "Arial,Arimo"),
    ],
)
def test_every_font_has_stand_ins(family: str, start: str) -> None:
    assert font_stack(family).startswith(start)


def test_classes_are_named_in_order_and_shared() -> None:
    styles = StyleSheet()
    assert [styles.name(f"width:{number}px") for number in (1, 2, 1)] == ["c0", "c1", "c0"]
    assert styles.name("") == ""
    assert [styles.name(f"height:{number}px") for number in range(40)][-1] == "c15"
    assert styles.css().startswith(".c0{width:1px}\n.c1{width:2px}\n")
