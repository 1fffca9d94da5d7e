"""What is written, as one reads it aloud; and where a reader draws breath."""

import pytest

from services.generator.generators.speech.reading import read_aloud
from services.generator.generators.speech.reading.numbers import cardinal, ordinal, year
from services.generator.generators.speech.script import LONGEST_LINE, script


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("It costs $4.50.", "It costs four dollars and fifty cents."),
        ("€3,200.99", "three thousand two hundred euros and ninety-nine cents"),
        ("$0.99 or £0.01", "ninety-nine cents or one penny"),
        ("-$0.50, ¥500", "minus fifty cents, five hundred yen"),
        (
            "$1.2 billion, £5m and $5k",
            "one point two billion dollars, five million pounds and five thousand dollars",
        ),
        ("£1, £2.02", "one pound, two pounds and two pence"),
        ("50% of 3.14", "fifty percent of three point one four"),
        ("-5°C", "minus five degrees Celsius"),
        ("1 km, 10km, 100 km/h", "one kilometer, ten kilometers, one hundred kilometers an hour"),
        ("200 ms at 3 GHz", "two hundred milliseconds at three gigahertz"),
        (
            "½ or 3/4, 7/100, 3/2",
            "one half or three quarters, seven over one hundred, three halves",
        ),
        ("1st, 22nd, 20th", "first, twenty-second, twentieth"),
        ("10–20 pages", "ten to twenty pages"),
        ("1920x1080", "nineteen twenty by one thousand eighty"),
        ("24/7", "twenty-four seven"),
        ("007", "zero zero seven"),
    ],
)
def test_amounts(written: str, said: str) -> None:
    assert read_aloud(written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("2026-11-26", "November twenty-sixth, twenty twenty-six"),
        ("12/03/2024", "December third, twenty twenty-four"),
        ("31/12/1999", "December thirty-first, nineteen ninety-nine"),
        ("March 12, 2024", "March twelfth, twenty twenty-four"),
        ("Dec. 25th", "December twenty-fifth"),
        ("4 July 1776", "fourth of July, seventeen seventy-six"),
        ("at 3:45 pm", "at three forty-five P M"),
        (
            "15:30, 9:05, 9:00, 15:00",
            "fifteen thirty, nine oh five, nine o'clock, fifteen hundred hours",
        ),
        ("9 a.m. sharp", "nine A M sharp"),
        ("the 1990s and the '80s", "the nineteen nineties and the eighties"),
        (
            "9999-99-99 and 99/99/2020",
            (
                "nine thousand nine hundred ninety-nine to ninety-nine to ninety-nine "
                "and ninety-nine ninety-ninths or twenty twenty"
            ),
        ),
    ],
)
def test_dates_and_times(written: str, said: str) -> None:
    assert read_aloud(written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Dr. Smith vs. Mr. Jones", "Doctor Smith versus Mister Jones"),
        ("St. Mary on Baker St.", "Saint Mary on Baker Street"),
        ("e.g. this", "for example, this"),
        ("https://www.example.com/a-b?x=1#top", "example dot com slash a b"),
        ("see github.com/darkroom.", "see github dot com slash darkroom."),
        ("ada@example.org", "ada at example dot org"),
        ("(212) 555-7788", "two one two, five five five, seven seven eight eight"),
        ("555-0123", "five five five, zero one two three"),
        ("#5 and №6, #fun", "number five and number six, hashtag fun"),
        ("v2.1.3 of PostgreSQL", "version two point one point three of Postgres Q L"),
        ("URLs on an iPhone by McDonald", "URL's on an i Phone by McDonald"),
        ("R&D + art = fun", "R and D plus art equals fun"),
        ("$10/month and/or 5", "ten dollars per month and or five"),
        ("Wait... what -- no", "Wait… what — no"),
        ("B2B, MP3", "B two B, MP three"),
        ("Chapter IV of Henry VIII, Part IX", "Chapter four of Henry the eighth, Part nine"),
        ("I read Vol. XI, I think", "I read Volume eleven, I think"),
        ("www.shop.co.uk/list.html", "shop dot co dot UK slash list dot HTML"),
        ("Hello,world.No spaces!Here", "Hello, world. No spaces! Here"),
        ("Łódź, naïve cafés, straße, Æther", "Lodz, naive cafes, strasse, Aether"),
        ("😀 *** ~~", ""),
    ],
)
def test_names_addresses_and_signs(written: str, said: str) -> None:
    assert read_aloud(written) == said


def test_numbers_have_names_up_to_quadrillions_and_digits_beyond() -> None:
    assert cardinal("1,000,000,000,001") == "one trillion one"
    assert cardinal("9" * 19) == " ".join(["nine"] * 19)
    assert (ordinal("100"), ordinal("12"), ordinal("30")) == (
        "one hundredth",
        "twelfth",
        "thirtieth",
    )
    assert [year(y) for y in ("1905", "1800", "2000", "2005", "2026")] == [
        "nineteen oh five",
        "eighteen hundred",
        "two thousand",
        "two thousand five",
        "twenty twenty-six",
    ]


def test_abbreviations_do_not_end_a_sentence() -> None:
    lines = script("Dr. Smith met J. Doe at 5 p.m. on Main St. Monday. Then they left!")

    assert [line.text for line in lines] == [
        "Dr. Smith met J. Doe at 5 p.m. on Main St. Monday.",
        "Then they left!",
    ]


def test_blank_lines_and_list_items_are_paragraphs() -> None:
    lines = script("One\nline.\n\nTwo:\n- apples\n- pears\n\n\n😀\n\n")

    assert [line.said for line in lines] == ["One line.", "Two", "apples", "pears"]
    assert all(line.closes_paragraph for line in lines)


def test_a_long_sentence_is_said_in_breaths() -> None:
    words = "word " * 20 + "and, " + "word " * 60
    lines = script(words.strip() + ".")

    assert len(lines) > 2
    assert all(len(line.text) <= LONGEST_LINE for line in lines)
    assert lines[0].text.endswith("and,")
    assert " ".join(line.text for line in lines) == words.strip() + "."
    assert [line.pause for line in lines][-1] == 0


def test_a_word_without_end_is_cut() -> None:
    lines = script("a" * 1000)

    assert "".join(line.text for line in lines) == "a" * 1000
    assert all(len(line.text) <= LONGEST_LINE for line in lines)


def test_respelled_words_are_said_otherwise_and_shown_as_they_were() -> None:
    (line,) = script("Kubernetes, kubernetes!", respelled={"Kubernetes": "koober netties"})

    assert line.text == "Kubernetes, kubernetes!"
    assert line.said == "koober netties, koober netties!"
