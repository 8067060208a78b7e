"""The guides as pages, the same for everybody: for agents, and for those who use the console."""

from collections.abc import Sequence
from functools import cache
from itertools import pairwise

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.text import slugify
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from PIL import Image

FOLDER = settings.BASE_DIR / "docs" / "guide"
GUIDES = {"agents": FOLDER / "agents.md", "admins": FOLDER / "admins.md"}
DENSITY = 2  # pixels of a picture for one of the page


@require_GET
@cache_control(public=True, max_age=3600)
def guide(_request: HttpRequest, name: str) -> HttpResponse:
    """One guide with its table of contents."""
    return HttpResponse(_page(name))


@cache
def _page(name: str) -> str:
    """Render once a process: a guide changes with a release."""
    return render(GUIDES[name].read_text())


def render(text: str) -> str:
    """Return a page of CommonMark with tables: HTML in it is shown, not obeyed."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    markdown.add_render_rule("image", _picture)
    tokens = markdown.parse(text)
    title, sections = "", []
    for opening, inline in pairwise(tokens):
        if opening.type != "heading_open":
            continue
        anchor = slugify(inline.content)
        opening.attrSet("id", anchor)
        if opening.tag == "h1":
            title = inline.content
        elif opening.tag == "h2":
            sections.append((anchor, inline.content))
    body = markdown.renderer.render(tokens, markdown.options, {})
    return render_to_string("guide.html", {"title": title, "sections": sections, "body": body})


def _picture(
    renderer: RendererHTML,
    tokens: Sequence[Token],
    index: int,
    options: OptionsDict,
    env: EnvType,
) -> str:
    """Show a picture in the colours of the reader; it is taken for dense screens."""
    path = FOLDER / str(tokens[index].attrs["src"])
    with Image.open(path) as image:  # for a page that does not move while pictures come
        width, height = (pixels // DENSITY for pixels in image.size)
    light = static(f"guide/{path.name}")
    return format_html(
        '<picture><source media="(prefers-color-scheme: dark)" srcset="{}">'
        '<img src="{}" width="{}" height="{}" alt="{}" loading="lazy"></picture>',
        light.replace("-light.", "-dark."),
        light,
        width,
        height,
        renderer.renderInlineAsText(tokens[index].children, options, env),
    )
