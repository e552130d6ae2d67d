"""What people and the bot write -> safe HTML: Slack's mrkdwn, plain text, markdown. No blocks here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup, escape

EMOJI = {
    "+1": "👍", "-1": "👎", "thumbsup": "👍", "thumbsdown": "👎", "wave": "👋", "tada": "🎉", "rocket": "🚀", "warning": "⚠️",
    "white_check_mark": "✅", "heavy_check_mark": "✔️", "x": "❌", "no_entry": "⛔", "bulb": "💡", "moneybag": "💰", "dollar": "💵",
    "cloud": "☁️", "chart_with_upwards_trend": "📈", "chart_with_downwards_trend": "📉", "bar_chart": "📊", "hourglass": "⌛",
    "hourglass_flowing_sand": "⏳", "calendar": "📅", "clock1": "🕐", "lock": "🔒", "unlock": "🔓", "key": "🔑", "gear": "⚙️",
    "mag": "🔍", "memo": "📝", "pencil": "📝", "pencil2": "✏️", "question": "❓", "exclamation": "❗", "information_source": "ℹ️",
    "eyes": "👀", "thinking_face": "🤔", "smile": "😄", "slightly_smiling_face": "🙂", "robot_face": "🤖", "fire": "🔥",
    "star": "⭐", "sparkles": "✨", "bell": "🔔", "link": "🔗", "file_folder": "📁", "page_facing_up": "📄", "package": "📦",
    "arrow_right": "➡️", "arrow_left": "⬅️", "arrow_up": "⬆️", "arrow_down": "⬇️", "arrows_counterclockwise": "🔄", "repeat": "🔁",
    "one": "1️⃣", "two": "2️⃣", "three": "3️⃣", "four": "4️⃣", "five": "5️⃣", "red_circle": "🔴", "large_green_circle": "🟢",
    "large_yellow_circle": "🟡", "large_blue_circle": "🔵", "heart": "❤️", "pray": "🙏", "wrench": "🔧", "speech_balloon": "💬",
}  # fmt: skip

_SCHEMES = {"http", "https", "mailto"}
_EVERYONE = {"channel", "here", "everyone"}
_INSIDE = r"(?:<[^<>\n]*>|`[^`\n]*`|[^{mark}\n<`])"
_URL = r"https?://[^\s<>|*`]*[^\s<>|*`.,;:!?)_~'\"]"


def _span(kind: str, mark: str) -> str:
    """A word or more between two marks, as *bold*: no space inside the marks, no word against their outside."""
    inside = _INSIDE.format(mark=re.escape(mark))
    quoted = re.escape(mark)
    return rf"(?<![\w{quoted}]){quoted}(?=\S)(?P<{kind}>{inside}{{1,3000}}?)(?<=\S){quoted}(?![\w{quoted}])"


_INLINE = re.compile(
    "|".join(
        [
            r"`(?P<code>[^`\n]+)`",
            r"<(?P<angle>[^<>\n]+)>",
            rf"(?P<url>{_URL})",
            _span("bold", "*"),
            _span("italic", "_"),
            _span("strike", "~"),
            r":(?P<emoji>[a-z0-9_+-]+):",
        ]
    )
)
_TAGS = {"bold": "strong", "italic": "em", "strike": "s"}
_PREFORMATTED = re.compile(r"```\n?(.*?)\n?```", re.DOTALL)
_QUOTED = re.compile(r"^(?:&gt;|>) ?")
_SHORTCODE = re.compile(r":([a-z0-9_+-]+):")
_LEAK = re.compile(r"<(!(?:channel|here|everyone)|@U\w+|#C\w+)>")


@dataclass(frozen=True)
class Directory:
    """Who is reading, and the names behind ids. Without a zone, times are this machine's."""

    viewer: str = ""
    people: Mapping[str, str] = field(default_factory=dict)
    channels: Mapping[str, str] = field(default_factory=dict)
    zone: tzinfo | None = None
    now: float = 0

    def time(self, seconds: float) -> datetime:
        return datetime.fromtimestamp(seconds, self.zone).astimezone(self.zone)


def safe_url(url: object) -> str | None:
    """The address if a person may follow it: http, https or mailto."""
    text = str(url or "").strip()
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    addressed = parts.scheme == "mailto" or bool(parts.netloc)
    return text if parts.scheme in _SCHEMES and addressed else None


def link(url: object, label: Markup | str) -> Markup:
    """A link that opens beside the page; only the label where the address is none to follow."""
    safe = safe_url(url)
    if safe is None:
        return escape(label)
    return Markup('<a href="{}" target="_blank" rel="noopener noreferrer">{}</a>').format(safe, label)


def plain(text: object) -> Markup:
    """A plain_text object: emoji shortcodes and line ends, nothing else."""
    named = _SHORTCODE.sub(lambda found: EMOJI.get(found[1], found[0]), str(text))
    return Markup("<br>").join(named.split("\n"))


def mrkdwn(text: object, directory: Directory) -> Markup:
    """A mrkdwn object or the text of a message."""
    parts = _PREFORMATTED.split(str(text))
    drawn = (Markup("<pre>{}</pre>").format(_decoded(part)) if at % 2 else _lines(part, directory) for at, part in enumerate(parts))
    return Markup("").join(drawn)


def _decoded(text: str) -> str:
    """Slack's three entities, and no other."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _lines(text: str, directory: Directory) -> Markup:
    """Lines of text; lines in a row that begin with > are one quote."""
    drawn: list[Markup] = []
    run: list[Markup] = []
    quoting = False
    for line in text.strip("\n").split("\n"):
        if bool(_QUOTED.match(line)) != quoting:
            drawn += _run(run, quoting)
            run, quoting = [], not quoting
        run.append(inline(_QUOTED.sub("", line), directory))
    return Markup("").join([*drawn, *_run(run, quoting)])


def _run(lines: Sequence[Markup], quoting: bool) -> list[Markup]:
    if not lines:
        return []
    joined = Markup("<br>").join(lines)
    return [Markup("<blockquote>{}</blockquote>").format(joined) if quoting else joined]


def inline(text: str, directory: Directory) -> Markup:
    """One line: styles, links, mentions, dates, emoji."""
    return Markup("").join(_pieces(text, directory))


def _pieces(text: str, directory: Directory) -> Iterator[Markup]:
    done = 0
    for found in _INLINE.finditer(text):
        yield escape(_decoded(text[done : found.start()]))
        yield _piece(found, directory)
        done = found.end()
    yield escape(_decoded(text[done:]))


def _piece(found: re.Match[str], directory: Directory) -> Markup:
    kind, inside = str(found.lastgroup), found[str(found.lastgroup)]
    if kind in _TAGS:
        return Markup(f"<{_TAGS[kind]}>{{}}</{_TAGS[kind]}>").format(inline(inside, directory))
    if kind == "code":
        return Markup("<code>{}</code>").format(_decoded(inside))
    if kind == "angle":
        return angle(inside, directory)
    if kind == "url":
        return link(_decoded(inside), _decoded(inside))
    return escape(EMOJI.get(inside, found[0]))


def angle(inside: str, directory: Directory) -> Markup:
    """What stands between < and >: a mention, a date or a link."""
    target, _, label = inside.partition("|")
    if target.startswith("@"):
        return person(target[1:], directory)
    if target.startswith("#"):
        return channel(target[1:], directory)
    if target.startswith("!date^"):
        _, seconds, form, url = (*target.split("^", 3), "", "")[:4]
        return date(seconds, form, label, directory, url)
    if target.startswith("!"):
        return everyone(target[1:].partition("^")[0], label)
    if safe_url(_decoded(target)):
        return link(_decoded(target), _decoded(label or target.removeprefix("mailto:")))
    return escape(f"<{_decoded(inside)}>")


def person(id: str, directory: Directory) -> Markup:
    kind = "mention mention-you" if id == directory.viewer else "mention"
    return Markup('<span class="{}">@{}</span>').format(kind, directory.people.get(id, id))


def channel(id: str, directory: Directory) -> Markup:
    return Markup('<span class="mention">#{}</span>').format(directory.channels.get(id, id))


def everyone(range_: str, label: str = "") -> Markup:
    """A mention that notifies many: it stands out, so that one that leaked is seen."""
    text = f"@{range_}" if range_ in _EVERYONE else label or f"@{range_}"
    return Markup('<span class="mention mention-all">{}</span>').format(text)


def date(seconds: object, form: str, fallback: str, directory: Directory, url: object = "") -> Markup:
    """A moment in the reader's own time, as the form asks; the fallback where the moment is none."""
    try:
        moment = directory.time(float(str(seconds)))
    except (ValueError, OverflowError, OSError):
        return escape(_decoded(fallback))
    text = re.sub(r"\{(\w+)\}", lambda found: _DATES[found[1]](moment, directory) if found[1] in _DATES else found[0], form)
    if not text:
        return escape(_decoded(fallback))
    drawn = Markup('<time datetime="{}" title="{}">{}</time>').format(moment.isoformat(), _decoded(fallback), _decoded(text))
    return link(url, drawn) if url else drawn


def _near(moment: datetime, directory: Directory) -> str | None:
    days = (moment.date() - directory.time(directory.now).date()).days
    return {-1: "yesterday", 0: "today", 1: "tomorrow"}.get(days)


def _ordinal(day: int) -> str:
    suffix = "th" if 10 < day % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{suffix}"


def _long(moment: datetime) -> str:
    return f"{moment:%B} {_ordinal(moment.day)}, {moment.year}"


def _short(moment: datetime) -> str:
    return f"{moment:%b} {moment.day}, {moment.year}"


def clock_time(moment: datetime) -> str:
    """As on a clock of twelve hours: 6:05 PM."""
    return f"{moment.hour % 12 or 12}:{moment:%M %p}"


def _ago(moment: datetime, directory: Directory) -> str:
    gap = directory.time(directory.now) - moment
    size = abs(gap)
    for unit, step in (("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1))):
        count = size // step
        if count:
            words = f"{count} {unit}{'' if count == 1 else 's'}"
            return f"{words} ago" if gap > timedelta(0) else f"in {words}"
    return "just now"


_DATES: Mapping[str, Callable[[datetime, Directory], str]] = {
    "date_num": lambda at, _: f"{at:%Y-%m-%d}",
    "date_slash": lambda at, _: f"{at:%m/%d/%Y}",
    "date": lambda at, _: _long(at),
    "date_pretty": lambda at, directory: _near(at, directory) or _long(at),
    "date_short": lambda at, _: _short(at),
    "date_short_pretty": lambda at, directory: _near(at, directory) or _short(at),
    "date_long": lambda at, _: f"{at:%A}, {_long(at)}",
    "date_long_full": lambda at, _: f"{at:%A}, {_long(at)}",
    "date_long_pretty": lambda at, directory: _near(at, directory) or f"{at:%A}, {_long(at)}",
    "time": lambda at, _: clock_time(at),
    "time_secs": lambda at, _: f"{at.hour % 12 or 12}:{at:%M:%S %p}",
    "ago": _ago,
}


# -- markdown blocks ----------------------------------------------------------------------------------------------------


class _Markdown(RendererHTML):
    """Links open beside the page; a mention that leaked into markdown is seen as in mrkdwn."""

    def text(self, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType) -> str:
        directory: Directory = env["directory"]
        pieces = _LEAK.split(tokens[at].content)
        return Markup("").join(angle(piece, directory) if odd % 2 else plain(piece) for odd, piece in enumerate(pieces))

    def link_open(self, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType) -> str:
        tokens[at].attrs |= {"target": "_blank", "rel": "noopener noreferrer"}
        return str(self.renderToken(tokens, at, options, env))

    def th_open(self, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType) -> str:
        return self.td_open(tokens, at, options, env)

    def td_open(self, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType) -> str:
        """The alignment as a class, for the page allows no inline style."""
        tokens[at].attrs = {"class": f"align-{str(tokens[at].attrs.get('style', 'text-align:left')).partition(':')[2]}"}
        return str(self.renderToken(tokens, at, options, env))


def _markdown() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False, "breaks": True, "xhtmlOut": False}, renderer_cls=_Markdown)
    reader.enable(["table", "strikethrough"]).disable(["image", "html_inline", "html_block"])
    reader.validateLink = lambda url: safe_url(url) is not None  # type: ignore[method-assign]  # the library's documented way
    return reader


_READER = _markdown()


def markdown(text: object, directory: Directory) -> Markup:
    """A markdown block. No HTML passes."""
    return Markup(_READER.render(str(text), {"directory": directory}))
