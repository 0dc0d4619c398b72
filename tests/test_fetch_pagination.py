"""A pagination ends with proof, or not at all."""

import itertools
from collections.abc import Callable

import pytest
from sample_source import SAMPLE, follow, page_info, page_of, starts

from pipeline.errors import Incomplete
from pipeline.fetch.page import Page, Request
from pipeline.fetch.pagination import ListedTwice, PageInfo, Paginator
from pipeline.records.collected import CollectWindow

WINDOW = CollectWindow(window_id="2025-03", starts_on=None, ends_on=None)


class Served:
    """What a service answers to the nth question for a start; and what was asked."""

    def __init__(self, answer: Callable[[int, int], tuple[list[int], int]]) -> None:
        self.answer = answer
        self.asked: list[tuple[int, bool]] = []

    def __call__(self, request: Request, *, fresh: bool = False, known=frozenset()) -> Page:
        start = int(request.detail("start"))
        times = sum(each[0] == start for each in self.asked)
        self.asked.append((start, fresh))
        numbers, total = self.answer(start, times)
        return page_of({"total": total, "items": [{"name": f"r{n}"} for n in numbers]}, request)


def walked(served: Served, page_limit: int = 100) -> list[str]:
    pagination = Paginator(next(iter(starts(WINDOW, False))), follow, page_info, page_limit)
    return [key for page in pagination.pages(served) for key in page_info(page).keys]


def pages_of(numbers: list[int], size: int = 10):
    return lambda start, times: (numbers[start : start + size], len(numbers))


def test_the_end_is_the_announced_total_and_no_page_more_is_asked_for() -> None:
    served = Served(pages_of(list(range(30))))
    assert walked(served) == [f"r{n}" for n in range(30)]
    assert [start for start, _ in served.asked] == [0, 10, 20]


def test_nothing_announced_and_nothing_sent_is_a_complete_walk() -> None:
    assert walked(Served(pages_of([]))) == []


def test_an_empty_page_is_asked_for_again() -> None:
    numbers = list(range(25))
    served = Served(lambda start, times: ([] if start == 10 and times < 2 else numbers[start : start + 10], 25))
    assert len(walked(served)) == 25
    assert [fresh for start, fresh in served.asked if start == 10] == [False, True, True]


def test_an_empty_page_that_stays_empty_is_no_end() -> None:
    served = Served(lambda start, times: (list(range(start, 10)), 25))
    with pytest.raises(Incomplete, match="empty page after 10 of 25"):
        walked(served)


def test_an_empty_first_page_with_a_total_is_no_end() -> None:
    with pytest.raises(Incomplete, match="after 0 of 25"):
        walked(Served(lambda start, times: ([], 25)))


def test_a_page_repeated_for_ever_ends() -> None:
    served = Served(lambda start, times: (list(range(10)), 25))
    with pytest.raises(Incomplete, match="repeats what came before"):
        walked(served)
    assert len(served.asked) == 2


def test_a_total_that_grows_is_followed() -> None:
    served = Served(lambda start, times: (list(range(start, min(start + 10, 33))), 33 if start >= 20 else 30))
    assert len(walked(served)) == 33


def test_a_total_that_grows_for_ever_ends() -> None:
    served = Served(lambda start, times: (list(range(start, start + 10)), start + 20))
    with pytest.raises(Incomplete, match="on and on"):
        walked(served)


def test_an_item_that_moved_to_the_next_page_is_not_counted_twice() -> None:
    # While page 1 was read a new item came first: page 2 begins with the last item of page 1.
    first, later = list(range(20)), [99, *range(20)]
    served = Served(lambda start, times: (first[:10], 20) if start == 0 else (later[start : start + 10], 21))
    with pytest.raises(Incomplete, match="20 of 21"):
        walked(served)


def test_items_listed_twice_are_told_from_items_that_are_missing() -> None:
    numbers = [*range(15), *range(5)]
    with pytest.raises(ListedTwice) as first:
        walked(Served(pages_of(numbers)))
    with pytest.raises(ListedTwice) as second:
        walked(Served(pages_of(numbers)))
    with pytest.raises(ListedTwice) as other:
        walked(Served(pages_of([*range(15), *range(1, 6)])))
    assert first.value.sequence_sha256 == second.value.sequence_sha256 != other.value.sequence_sha256


def test_an_end_short_of_the_total_is_incomplete() -> None:
    request = next(iter(starts(WINDOW, False)))
    pagination = Paginator(request, lambda page: None, lambda page: PageInfo(keys=("a",), total=5), 10)
    with pytest.raises(Incomplete, match="1 of 5"):
        list(pagination.pages(lambda request, *, fresh=False, known=(): page_of("{}", request)))


def test_without_a_total_the_service_s_own_end_mark_counts_and_a_token_that_comes_again_does_not() -> None:
    def ask(request: Request, *, fresh: bool = False, known=()) -> Page:
        return page_of(request.url, request)

    def chain(*names: str) -> Paginator:
        following = dict(itertools.pairwise(names))
        return Paginator(
            Request(url=names[0]),
            lambda page: Request(url=following[page.request.url]) if page.request.url in following else None,
            lambda page: PageInfo(),
            SAMPLE.page_limit,
        )

    assert len(list(chain("http://a", "http://b", "http://c").pages(ask))) == 3
    with pytest.raises(Incomplete, match="on and on"):
        list(chain("http://a", "http://b", "http://a").pages(ask))
    with pytest.raises(Incomplete, match="repeats"):
        list(chain("http://a", "http://b").pages(lambda request, *, fresh=False, known=(): page_of("same", request)))
