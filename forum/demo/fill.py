"""Write the demo into an empty database.

Rows are written as they are, not through the rooms' actions, because those act at the present moment and the demo
goes back half a year. What follows from the rows is worked out by `comments.recount`, as after an import.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import insert, select

from forum import db
from forum.articles.models import Article, Tag
from forum.articles.naming import slug_of
from forum.clock import now
from forum.comments import recount
from forum.comments.models import Comment, Source
from forum.db import Hold, session
from forum.demo import drawings, happen, script, tell
from forum.demo.people import PEOPLE
from forum.demo.script import Piece, Said
from forum.demo.story import Deed, Story
from forum.errors import Conflict
from forum.ledger.actions import record
from forum.people import passwords
from forum.people.models import Person
from forum.people.name_keys import insert_person
from forum.pictures.encoding import Encoded, encoded
from forum.pictures.models import Picture, PictureFile, picture_uses
from forum.policy import ArticleStatus, CommentStatus
from forum.saved_replies.models import SavedReply
from forum.site.models import SITE, Document, Site
from forum.text.rendering import RENDERER_VERSION, render

OPENED = timedelta(days=171)  # before today, when the site is said to have been set up
SAVED = (
    "About the matter",
    "Please write about the matter, not about the person. Nobody here is stupid for being wrong.",
)
WITHDRAWN_AFTER = timedelta(hours=2)  # of the comment its writer thought better of
MOST_PIXELS = 10_000_000  # of a drawing: ours have fewer
GUEST_EMAIL = "neville@pym.example"


@dataclass(frozen=True)
class _Prepared:
    """The texts as HTML and the password's hash: what takes long and needs no database, done before the lock."""

    pieces: list[Piece]
    password: str = field(default_factory=lambda: passwords.hashed(passwords.DEMO_PASSWORD))
    pages: dict[str, tuple[str, str]] = field(default_factory=dict)
    html: dict[str, str] = field(default_factory=dict)
    drawings: dict[str, Encoded] = field(default_factory=dict)


def fill() -> bool:
    """Write the demo and return True, or return False where it is there already.

    Raises Conflict where this is somebody's own site: it is set up, or there are people or articles in it.
    """
    prepared = _prepare()
    db.lock(site=Hold.EXCLUSIVE)
    site = session.get_one(Site, SITE)
    if site.is_demo:
        return False
    _refuse_what_is_in_use(site)
    midnight = now().replace(hour=0, minute=0, second=0, microsecond=0)
    story = Story(midnight)
    _set_up(site, story)
    _move_in(story, prepared)
    _hang_up(story, prepared)
    _publish(story, prepared)
    _talk(story, prepared)
    happen.everything(story)
    for article in story.articles.values():
        recount.rebuild(article.id)
    happen.tell_of_ending(story)
    tell.everything(story)
    _log(story)
    return True


def _prepare() -> _Prepared:
    prepared = _Prepared(script.pieces())
    for slug in ("rules", "privacy", "contact"):
        source = script.page(slug)
        prepared.pages[slug] = source, render(source, article=True)
    for piece in prepared.pieces:
        for name in piece.drawings:
            prepared.drawings[name] = encoded(drawings.drawn(name), MOST_PIXELS, "the demo")
        prepared.html[piece.title] = render(_body(piece, prepared), article=True)
        prepared.html.update((said.key, render(said.body)) for said in piece.talk)
    return prepared


def _refuse_what_is_in_use(site: Site) -> None:
    taken = site.set_up_at or session.scalar(select(Person.id).limit(1)) or session.scalar(select(Article.id).limit(1))
    if taken:
        raise Conflict("This database is in use already. The demo only goes into an empty one.")


def _set_up(site: Site, story: Story) -> None:
    site.is_demo, site.set_up_at = True, story.at(OPENED)
    site.name, site.tagline = "The Ferry Post", "News and arguments from both banks of the Skarrow"
    site.contact = "post@ferry-post.example"
    site.who_may_comment = "guests"


def _move_in(story: Story, prepared: _Prepared) -> None:
    for resident in PEOPLE:
        joined = story.at(timedelta(days=resident.joined))
        names = resident.username, resident.name
        person = insert_person(*names, None, prepared.password, resident.role, joined, approved=True)
        person.about = resident.about
        story.people[resident.username] = person


def _hang_up(story: Story, prepared: _Prepared) -> None:
    for slug, (source, html) in prepared.pages.items():
        admin, moment = story.people["odile"].id, story.at(OPENED)
        session.add(Document(slug=slug, source=source, html=html, person_id=admin, created_at=moment))
    title, text = SAVED
    session.add(SavedReply(title=title, text=text, created_at=story.at(OPENED)))
    story.did("saved-reply.add", story.at(OPENED), actor_id=story.people["odile"].id)


def _publish(story: Story, prepared: _Prepared) -> None:
    tags: dict[str, Tag] = {}
    for piece in prepared.pieces:
        published = story.at(piece.published)
        article = Article(
            slug=slug_of(piece.title),
            title=piece.title,
            standfirst=piece.standfirst,
            author_id=story.people[piece.author].id,
            source=_body(piece, prepared),
            html=prepared.html[piece.title],
            source_name=piece.source_name,
            source_url=piece.source_url,
            status=ArticleStatus.PUBLISHED,
            created_at=published,
            published_at=published,
            updated_at=story.at(piece.updated) if piece.updated else None,
        )
        article.tags = [tags.setdefault(name, Tag(slug=slug_of(name), name=name)) for name in piece.tags]
        session.add(article)
        session.flush()
        story.articles[piece.title] = article
        _log_article(story, article)
        _hang_pictures(article, {alt: prepared.drawings[name] for name, alt in piece.drawings.items()})


def _body(piece: Piece, prepared: _Prepared) -> str:
    body = piece.body
    for name in piece.drawings:
        body = body.replace(f"(drawing:{name} ", f"(/pictures/{prepared.drawings[name].picture.name} ")
    return body


def _hang_pictures(article: Article, pictures: dict[str, Encoded]) -> None:
    """Keep an article's pictures, by what they show; the last one is its lead."""
    for alt, made in pictures.items():
        size = {"hash": made.picture.hash, "width": made.picture.width, "height": made.picture.height}
        kept = Picture(**size, alt=alt, person_id=article.author_id, created_at=article.created_at)
        session.add(kept)
        session.flush()
        files = [PictureFile(picture_id=kept.id, width=width, data=data) for width, data in made.files.items()]
        session.add_all(files)
        session.execute(insert(picture_uses).values(article_id=article.id, picture_id=kept.id))
        article.lead, article.lead_alt = made.picture.name, alt


def _log_article(story: Story, article: Article) -> None:
    ids = {"actor_id": article.author_id, "article_id": article.id}
    named = {"slug": article.slug, "title": article.title}
    story.did("article.create", article.created_at, **ids, details=named)
    when = article.created_at.isoformat()
    story.did("article.publish", article.created_at, **ids, details={**named, "at": when})
    if article.updated_at:
        story.did("article.edit", article.updated_at, **ids, details={"before": article.title})


def _talk(story: Story, prepared: _Prepared) -> None:
    # All articles together in the order of time, so that ids rise with it as they do on a site that grew.
    everything = [(said, piece.title) for piece in prepared.pieces for said in piece.talk]
    for said, title in sorted(everything, key=lambda pair: pair[0].ago, reverse=True):
        comment = _comment(said, story, prepared.html[said.key])
        comment.article_id = story.articles[title].id
        session.add(comment)
        session.flush()
        story.comments[said.key] = comment
        session.add(Source(comment_id=comment.id, source=said.body))
        details = {"status": _first_status(said), "parent": comment.parent_id}
        story.did("comment.post", comment.created_at, **_ids(comment), details=details)
        if comment.withdrawn_at:
            story.did("comment.withdraw", comment.withdrawn_at, **_ids(comment), details={"before": "published"})


def _comment(said: Said, story: Story, html: str) -> Comment:
    moment = story.at(said.ago)
    return Comment(
        parent_id=story.comments[said.parent].id if said.parent else None,
        author_id=None if said.guest else story.people[said.writer].id,
        guest_name=said.guest,
        guest_email=GUEST_EMAIL if said.guest else None,
        html=html,
        renderer_version=RENDERER_VERSION,
        status=CommentStatus(said.status),
        held_reason="guest" if said.status == CommentStatus.HELD else None,
        created_at=moment,
        withdrawn_at=moment + WITHDRAWN_AFTER if said.status == CommentStatus.WITHDRAWN else None,
    )


def _first_status(said: Said) -> str:
    return CommentStatus.HELD if said.guest else CommentStatus.PUBLISHED


def _ids(comment: Comment) -> dict[str, int | None]:
    return {"actor_id": comment.author_id, "article_id": comment.article_id, "comment_id": comment.id}


def _log(story: Story) -> None:
    for deed in sorted(story.deeds, key=_moment):
        record(deed.act, deed.at, **deed.facts)


def _moment(deed: Deed) -> datetime:
    return deed.at
