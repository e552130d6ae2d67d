"""Text that people and the bot write: every style as HTML, and nothing that was not meant."""

from __future__ import annotations

from datetime import UTC

import pytest

from bot.sandbox.mrkdwn import Directory, markdown, mrkdwn, plain, safe_url

# 2025-11-22 05:20:00 UTC, a Saturday
MOMENT = 1763788800
DIRECTORY = Directory("U1", {"U1": "alex", "U2": "bo"}, {"C1": "general"}, UTC, MOMENT)
LINK = '<a href="{}" target="_blank" rel="noopener noreferrer">{}</a>'


def stamp(text: str, fallback: str = "then") -> str:
    return f'<time datetime="2025-11-22T05:20:00+00:00" title="{fallback}">{text}</time>'


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("*bold* _it_ ~gone~ `code`", "<strong>bold</strong> <em>it</em> <s>gone</s> <code>code</code>"),
        ("*a _b_ c*", "<strong>a <em>b</em> c</strong>"),
        ("2*3*4 and snake_case_name and ~/x~y", "2*3*4 and snake_case_name and ~/x~y"),
        ("* not bold *", "* not bold *"),
        ("`*literal* <@U1>`", "<code>*literal* &lt;@U1&gt;</code>"),
        ("one\ntwo", "one<br>two"),
        ("&gt; quoted\n&gt; twice\nafter", "<blockquote>quoted<br>twice</blockquote>after"),
        ("> typed raw", "<blockquote>typed raw</blockquote>"),
        ("```\n*as is*\n&lt;b&gt;\n```", "<pre>*as is*\n&lt;b&gt;</pre>"),
        ("AT&amp;T &lt;b&gt; &quot;", "AT&amp;T &lt;b&gt; &amp;quot;"),
        ("<https://example.com/a_b_c|the *list*>", LINK.format("https://example.com/a_b_c", "the *list*")),
        ("<https://example.com?a=1&amp;b=2>", LINK.format("https://example.com?a=1&amp;b=2", "https://example.com?a=1&amp;b=2")),
        ("see https://example.com/a.", f"see {LINK.format('https://example.com/a', 'https://example.com/a')}."),
        ("<mailto:a@example.com|write>", LINK.format("mailto:a@example.com", "write")),
        ("<@U2> in <#C1|other>", '<span class="mention">@bo</span> in <span class="mention">#general</span>'),
        ("<@U1>", '<span class="mention mention-you">@alex</span>'),
        ("<@U9>", '<span class="mention">@U9</span>'),
        ("<!channel>", '<span class="mention mention-all">@channel</span>'),
        ("<!subteam^S1|@team>", '<span class="mention mention-all">@team</span>'),
        (":tada: :no_such_emoji:", "🎉 :no_such_emoji:"),
        (f"<!date^{MOMENT}^{{date_num}} {{time_secs}}|then>", stamp("2025-11-22 5:20:00 AM")),
        (f"<!date^{MOMENT}^{{date_short_pretty}} {{time}}|then>", stamp("today 5:20 AM")),
        (f"<!date^{MOMENT}^{{date_long}}|then>", stamp("Saturday, November 22nd, 2025")),
        (f"<!date^{MOMENT}^{{unknown}}|then>", stamp("{unknown}")),
        ("<!date^soon^{date}|2025-11-22>", "2025-11-22"),
        ("<!date^1|then>", "then"),
    ],
)
def test_mrkdwn_is_drawn_as_slack_draws_it(text: str, html: str) -> None:
    assert html == mrkdwn(text, DIRECTORY)


@pytest.mark.parametrize(
    ("days", "words"),
    [(0, "today"), (-1, "yesterday"), (1, "tomorrow"), (2, "Nov 24, 2025")],
    ids=["today", "yesterday", "tomorrow", "later"],
)
def test_near_days_have_a_word(days: int, words: str) -> None:
    text = f"<!date^{MOMENT + days * 86400}^{{date_short_pretty}}|then>"
    assert f">{words}</time>" in mrkdwn(text, DIRECTORY)


@pytest.mark.parametrize(
    ("later_s", "words"), [(0, "just now"), (90, "1 minute ago"), (7200, "2 hours ago"), (3 * 86400, "3 days ago"), (-7200, "in 2 hours")]
)
def test_ago_counts_in_the_largest_unit(later_s: int, words: str) -> None:
    then = Directory(zone=UTC, now=MOMENT + later_s)
    assert f">{words}</time>" in mrkdwn(f"<!date^{MOMENT}^{{ago}}|then>", then)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("<javascript:alert(1)|press>", "&lt;javascript:alert(1)|press&gt;"),
        ("<data:text/html,hi|press>", "&lt;data:text/html,hi|press&gt;"),
        ("<file:///tmp/x>", "&lt;file:///tmp/x&gt;"),
        ("<https://|nowhere>", "&lt;https://|nowhere&gt;"),
        ("<b onclick=x>hi</b>", "&lt;b onclick=x&gt;hi&lt;/b&gt;"),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("`<script>`", "<code>&lt;script&gt;</code>"),
        ("```<script>```", "<pre>&lt;script&gt;</pre>"),
        ('<https://example.com/"onmouseover="x|a>', LINK.format("https://example.com/&#34;onmouseover=&#34;x", "a")),
        ("<https://example.com|<b>>", f"&lt;{LINK.format('https://example.com', 'https://example.com')}|&lt;b&gt;&gt;"),
        ("{% raw %} {{ 7*7 }}", "{% raw %} {{ 7*7 }}"),
    ],
)  # fmt: skip
def test_hostile_mrkdwn_stays_text(text: str, html: str) -> None:
    assert html == mrkdwn(text, DIRECTORY)


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://example.com", True), ("http://example.com/a?b#c", True), ("mailto:a@example.com", True), ("HTTPS://EXAMPLE.COM", True),
        ("javascript:alert(1)", False), ("JaVaScRiPt:alert(1)", False), ("java\nscript:alert(1)", False), ("data:text/html,x", False),
        ("vbscript:x", False), ("//example.com", False), ("/act/x", False), ("", False), (None, False), ("http://[", False),
    ],
)  # fmt: skip
def test_only_the_web_and_mail_are_linked(url: object, safe: bool) -> None:
    assert safe is (safe_url(url) is not None)


@pytest.mark.parametrize(
    ("text", "html"),
    [("a\nb", "a<br>b"), (":rocket: *no*", "🚀 *no*"), ("<b>&amp;", "&lt;b&gt;&amp;amp;")],
    ids=["lines", "emoji but no styles", "as written"],
)
def test_plain_text_is_shown_as_it_was_sent(text: str, html: str) -> None:
    assert html == plain(text)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**bold** *it* ~~gone~~", "<p><strong>bold</strong> <em>it</em> <s>gone</s></p>\n"),
        ("[a](https://example.com)", f"<p>{LINK.format('https://example.com', 'a')}</p>\n"),
        ("[a](javascript:alert)", "<p>[a](javascript:alert)</p>\n"),
        ("<script>x</script>", "<p>&lt;script&gt;x&lt;/script&gt;</p>\n"),
        ("all <!channel> see", '<p>all <span class="mention mention-all">@channel</span> see</p>\n'),
        ("one\ntwo", "<p>one<br>\ntwo</p>\n"),
        ("# Head", "<h1>Head</h1>\n"),
        ("```\n<b>\n```", "<pre><code>&lt;b&gt;\n</code></pre>\n"),
    ],
    ids=["styles", "link", "script link", "html", "leaked mention", "lines", "heading", "code"],
)
def test_markdown_is_drawn_without_html(text: str, html: str) -> None:
    assert html == markdown(text, DIRECTORY)


def test_a_markdown_table_keeps_its_alignment_in_classes() -> None:
    html = markdown("| Plan | Now |\n|---|---:|\n| AWS | 1 |", DIRECTORY)
    assert '<td class="align-right">1</td>' in html
    assert "style=" not in html


def test_a_picture_in_markdown_is_a_link() -> None:
    assert "<img" not in markdown("![x](https://example.com/x.png)", DIRECTORY)


def test_a_long_line_of_open_marks_is_read_in_time() -> None:
    """Every mark could open a span; none closes."""
    text = "_a " * 4000
    assert text.strip() == mrkdwn(text, DIRECTORY).strip()
