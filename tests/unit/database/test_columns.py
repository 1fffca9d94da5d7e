from shared.database.columns import filled, once_if_absent, once_if_same


def test_what_is_the_same_in_all_rows_is_sent_once() -> None:
    assert once_if_same(["card", "card", "card"]) == ["card"]
    assert once_if_same(["card", "chart", "card"]) == ["card", "chart", "card"]
    assert once_if_same([]) == []


def test_only_a_column_that_is_absent_everywhere_is_shortened() -> None:
    assert once_if_absent([None, None]) == [None]
    assert once_if_absent([5, 5]) == [5, 5]  # the rest would be NULL
    assert once_if_absent([None, 5]) == [None, 5]


def test_a_row_without_the_value_has_that_of_the_first() -> None:
    assert filled("n.lane", "lanes", "text") == "coalesce(n.lane, (CAST(:lanes AS text[]))[1])"
