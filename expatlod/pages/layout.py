"""Place the boxes of a diagram in columns, and lead lines between them that nobody has to guess.

A line leaves a box at the row that it belongs to, on the right. In the gutter beside the column it
runs in the lane of the box that it leads to, which all lines to that box share, so that there are
never two lines on top of one another. What leads past a column goes over the top of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

__all__ = ["HEAD", "ROW", "WIDTH", "Box", "Line", "Plan", "Row", "Sketch", "plan"]

#: Sizes in pixels: a row, the head of a box, the width of a box.
ROW, HEAD, WIDTH = 17, 34, 262

# The distance between boxes in a column, in rows, and what a box has below its last row.
_GAP, _FOOT = 1, 6

# The distance between lanes, and between a lane and a box.
_LANE, _ASIDE = 9, 18

_MARGIN = 16

# Where lines meet boxes, from the top of the box. All boxes begin on a multiple of ROW, so that
# lines that enter from the left, from the right, and those that leave, are never at one height.
_INTO_LEFT, _INTO_RIGHT, _OUT = 20, 7, HEAD + 12


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a box: its text, what it takes, and the box that it points at, if any."""

    text: str
    takes: str
    target: str = ""
    bold: bool = False
    hint: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Sketch:
    """A box that has no place yet; *double* marks those with a double edge."""

    id: str
    title: str
    subtitle: str
    rows: tuple[Row, ...]
    href: str = ""
    double: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """A box in its place; *x* and *y* are its upper left corner."""

    sketch: Sketch
    x: int
    y: int

    @property
    def height(self) -> int:
        """The height in pixels."""
        return HEAD + ROW * len(self.sketch.rows) + _FOOT

    def out(self, row: int) -> int:
        """Return the height at which the line of a row leaves."""
        return self.y + _OUT + ROW * row


@dataclass(frozen=True, slots=True)
class Line:
    """All lines to one box through one gutter: corners of each, and the dots where they meet.

    *arrow* is where the head is, and whether it points to the left; None if the line goes on.
    """

    target: str
    strokes: tuple[tuple[tuple[int, int], ...], ...]
    dots: tuple[tuple[int, int], ...]
    arrow: tuple[int, int, bool] | None


@dataclass(frozen=True, slots=True)
class Plan:
    """A diagram: boxes and lines in a frame. *back* are rows that point further left."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    back: frozenset[tuple[str, int]]


@dataclass(slots=True)
class _Lane:
    """The vertical part of the lines to one box in one gutter.

    It is joined at *sources* from the left; it leaves at *exit*, to the left or to the right, or
    goes *up* to the channel above the columns, or comes *down* from there.
    """

    target: str
    exit: int
    leftward: bool = False
    up: bool = False
    down: bool = False
    sources: tuple[int, ...] = ()

    @property
    def span(self) -> tuple[int, int]:
        ends = (*self.sources, *(() if self.up else (self.exit,)))
        return (0 if self.up or self.down else min(ends)), max(ends)


def plan(columns: Sequence[Sequence[Sketch]]) -> Plan:
    """Return the diagram of the boxes in *columns*, from left to right."""
    column_of = {each.id: index for index, column in enumerate(columns) for each in column}
    channels = _channels(columns, column_of)
    top = _MARGIN + _round(len(channels) * _LANE)
    boxes = _stacked(columns, top)
    back: set[tuple[str, int]] = set()
    gutters: list[list[_Lane]] = []
    for index, column in enumerate(columns):
        lanes: dict[str, _Lane] = {}
        for sketch in column:
            for number, row in enumerate(sketch.rows):
                if row.target not in column_of:
                    continue
                if column_of[row.target] < index:
                    back.add((sketch.id, number))
                    continue
                lane = lanes.setdefault(
                    row.target, _lane(boxes[row.target], column_of[row.target] - index)
                )
                lane.sources += (boxes[sketch.id].out(number),)
        for target, first in channels.items():
            if first < index and column_of[target] == index + 1:
                lane = lanes.setdefault(target, _lane(boxes[target], 1))
                lane.down = True
        gutters.append(_ordered(list(lanes.values())))
    return _drawn(columns, boxes, gutters, list(channels), frozenset(back))


def _channels(columns: Sequence[Sequence[Sketch]], column_of: Mapping[str, int]) -> dict[str, int]:
    """Return the boxes that lines lead to past a column, with the first column these come from."""
    found: dict[str, int] = {}
    for index, column in enumerate(columns):
        for sketch in column:
            for row in sketch.rows:
                if row.target in column_of and column_of[row.target] > index + 1:
                    found.setdefault(row.target, index)
    return found


def _lane(target: Box, distance: int) -> _Lane:
    if distance == 0:
        return _Lane(target.sketch.id, target.y + _INTO_RIGHT, leftward=True)
    return _Lane(target.sketch.id, target.y + _INTO_LEFT, up=distance > 1)


# -- columns


def _stacked(columns: Sequence[Sequence[Sketch]], top: int) -> dict[str, Box]:
    """Return the boxes of each column below each other; the columns have one middle."""
    heights = [_height(column) for column in columns]
    boxes: dict[str, Box] = {}
    for column, height in zip(columns, heights, strict=True):
        y = top + _round((max(heights) - height) // 2)
        for sketch in column:
            box = Box(sketch, 0, _MARGIN + _round(y - _MARGIN))
            boxes[sketch.id] = box
            y = box.y + _round(box.height) + _GAP * ROW
    return boxes


def _height(column: Sequence[Sketch]) -> int:
    boxes = [_round(Box(each, 0, 0).height) for each in column]
    return sum(boxes) + _GAP * ROW * max(len(boxes) - 1, 0)


def _round(pixels: int) -> int:
    """Return *pixels* as a whole number of rows, not fewer."""
    return -(-pixels // ROW) * ROW


# -- lanes


def _ordered(lanes: list[_Lane]) -> list[_Lane]:
    """Return *lanes* from left to right so that few lines cross.

    Each is put where it crosses least, until nothing can be gained by moving one.
    """
    lanes = sorted(lanes, key=lambda each: (each.exit, each.target))
    cost = {(id(a), id(b)): _crossings(a, b) for a in lanes for b in lanes}

    def total(order: Sequence[_Lane]) -> int:
        return sum(
            cost[id(left), id(right)]
            for place, left in enumerate(order)
            for right in order[place + 1 :]
        )

    best, moved = total(lanes), True
    while moved:
        moved = False
        for lane in list(lanes):
            rest = [each for each in lanes if each is not lane]
            for place in range(len(lanes)):
                tried = [*rest[:place], lane, *rest[place:]]
                if (crossings := total(tried)) < best:
                    best, lanes, moved = crossings, tried, True
    return lanes


def _crossings(left: _Lane, right: _Lane) -> int:
    """Return how many lines cross when *left* stands to the left of *right*."""
    low, high = left.span
    count = sum(low < each < high for each in right.sources)
    if right.leftward:
        count += low < right.exit < high
    if not left.leftward and not left.up:
        low, high = right.span
        count += low < left.exit < high
    return count


# -- drawing


def _drawn(
    columns: Sequence[Sequence[Sketch]],
    boxes: Mapping[str, Box],
    gutters: Sequence[Sequence[_Lane]],
    channels: Sequence[str],
    back: frozenset[tuple[str, int]],
) -> Plan:
    lefts, x = [], _MARGIN
    for lanes in gutters:
        lefts.append(x)
        x += WIDTH + (2 * _ASIDE + _LANE * (len(lanes) - 1) if lanes else 0)
    placed = {
        sketch.id: Box(sketch, lefts[index], boxes[sketch.id].y)
        for index, column in enumerate(columns)
        for sketch in column
    }
    lines: list[Line] = []
    ends: dict[str, list[int]] = {}
    for index, lanes in enumerate(gutters):
        start = lefts[index] + WIDTH
        for number, lane in enumerate(lanes):
            across = start + _ASIDE + _LANE * number
            if lane.up or lane.down:
                ends.setdefault(lane.target, []).append(across)
            channel = _channel(channels, lane)
            lines.append(_line(lane, start, across, channel, placed[lane.target].x))
    lines += (
        Line(target, (((low, y), (high, y)),), (), None)
        for target, found in ends.items()
        for y in (_MARGIN + _LANE * channels.index(target),)
        for low, high in pairwise(sorted(found))
    )
    bottom = max((each.y + each.height for each in placed.values()), default=0)
    return Plan(x + _MARGIN, bottom + _MARGIN, tuple(placed.values()), tuple(lines), back)


def _channel(channels: Sequence[str], lane: _Lane) -> int:
    return _MARGIN + _LANE * channels.index(lane.target) if lane.up or lane.down else 0


def _line(lane: _Lane, start: int, across: int, channel: int, left: int) -> Line:
    strokes = [((start, each), (across, each)) for each in lane.sources]
    ends = sorted((*lane.sources, channel if lane.up else lane.exit))
    if lane.down:
        ends.insert(0, channel)
    strokes.append(((across, ends[0]), (across, ends[-1])))
    arrow = None
    if not lane.up:
        into = start if lane.leftward else left
        strokes.append(((across, lane.exit), (into, lane.exit)))
        arrow = (into, lane.exit, lane.leftward)
    # Where three strokes meet is no corner.
    met = (*lane.sources, *(() if lane.up else (lane.exit,)))
    dots = tuple((across, each) for each in sorted(set(met)) if ends[0] < each < ends[-1])
    return Line(lane.target, tuple(strokes), dots, arrow)
