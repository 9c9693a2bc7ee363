"""What an archive holds: for every type of line the table it is kept in, and its fields in their order.

If you add a column to a table, also add its field here: the export's SELECT, the check of a file and the import's row
follow from it. Nothing derived is here (no HTML, no place in the tree, no counter), nothing secret (no password,
session, address of mail or network), no time of export. People who follow by a mail address alone said yes to this
site and to no other, so what such an address follows and was told is not here either.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, select
from sqlalchemy.orm import InstrumentedAttribute

from forum.articles.models import Article, ArticleRevision, Tag
from forum.cases.models import Case, Flag, Objection
from forum.closures.models import Closure
from forum.comments.models import Comment, Move, Revision, Source
from forum.ledger.models import Entry
from forum.moderation.models import Decision
from forum.notifications.models import Notice, Subscription
from forum.people.models import Person, TagModerator
from forum.pictures.models import Picture, PictureFile
from forum.policy import ArticleStatus, CaseState, CommentStatus, Queue, Role, SanctionKind
from forum.sanctions.models import Sanction
from forum.saved_replies.models import SavedReply
from forum.site.models import Document
from forum.site.starters import SLUGS
from forum.transfer.checks import (
    Malformed,
    is_act,
    is_address,
    is_count,
    is_details,
    is_display_name,
    is_guest_name,
    is_hash,
    is_language,
    is_line,
    is_mail_choice,
    is_notice_key,
    is_picture,
    is_size,
    is_username,
    is_web_address,
    list_of,
    one_of,
    statuses,
)
from forum.transfer.fields import (
    ArticleSlug,
    Author,
    Bytes,
    CaseId,
    CommentId,
    DecisionId,
    Field,
    FirstDecision,
    Format,
    FormerSlugs,
    LastingReference,
    ParentId,
    PersonName,
    PictureHash,
    References,
    Subject,
    TagSlug,
    TagSlugs,
    UpToTwoPeople,
    Usual,
)

VERSION = 1  # of the archive's format
FORMATS = one_of("markdown", "html")
# If a form, a decision or a notice gets another of these, also add it here, else an archive with it is refused.
SANCTIONS = tuple(SanctionKind)
DECISIONS = ("keep", "hide", "hide-replies", "spam", "hold")
OUTCOMES = (*DECISIONS, "approve", "refuse", "upheld", "refused")
REPORTERS = ("person", "guest", "software")
REASONS = ("spam", "abuse", "danger", "private", "untrue", "illegal", "off-topic", "other")
KINDS = (
    *("answer", "comment", "article", "removed", "held", "restored", "approved", "spam", "erased", "closed", "moved"),
    *("report-answered", "sanction", "lifted", "objection", "tags", "word"),
    *("law-passed", "law-removed", "law-kept", "law-open"),
)


@dataclass(frozen=True)
class RecordType:
    """The lines of one table.

    The first field is the id; `beside` is the key of a second table with further fields, `former` are fields of older
    archives, which say nothing now.
    """

    fields: tuple[Field, ...]
    beside: InstrumentedAttribute[Any] | None = None
    former: frozenset[str] = frozenset()

    @property
    def model(self) -> Any:
        """Return the table's class."""
        return self.fields[0].model

    @property
    def key(self) -> InstrumentedAttribute[Any]:
        """Return the column that holds the id."""
        return self.fields[0].column

    def select(self) -> Select[Any]:
        """Return the statement that reads all rows, in the order of ids."""
        query: Select[Any] = select(*(column for field in self.fields for column in field.selected()))
        query = query.select_from(self.model).order_by(self.key)
        return query if self.beside is None else query.outerjoin(self.beside.class_, self.beside == self.key)

    def line(self, type: str, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return a selected row as its line has it."""
        record: dict[str, Any] = {"type": type}
        for field in self.fields:
            value = row[field.name] if field.is_plain else field.value(row)
            if not field.rare or not field.is_left_out(value, row):
                record[field.name] = value
        return record

    def check(self, record: Mapping[str, Any]) -> None:
        """Raise Malformed where a line of this type is not what its fields say."""
        names = {"type", *self.former, *(field.name for field in self.fields)}
        for field in self.fields:
            if field.name not in record and not field.rare:
                raise Malformed(_("%(name)s is missing", name=repr(field.name)))
            if field.name in record and not field.check(record[field.name]):
                value = repr(str(record[field.name])[:40])
                raise Malformed(_("%(name)s cannot be %(value)s", name=repr(field.name), value=value))
        if unknown := [name for name in record if name not in names]:
            raise Malformed(_("there is no field %(name)s", name=repr(unknown[0])))

    def row(self, record: Mapping[str, Any], references: References, model: Any = None) -> dict[str, Any]:
        """Return the columns that a record gives the table, or `model`, the table beside it.

        A field that another system's export does not have is left to the column's default.
        """
        row, table = dict[str, Any](), model or self.model
        for field in self.fields:
            if field.model is table and (field.rare or field.name in record):
                row |= field.columns(record.get(field.name), references)
        return row


_PERSON = RecordType(
    (
        *(
            Field(Person.id),
            Field(Person.username, check=is_username),
            Field(Person.display_name, check=is_display_name),
        ),
        *(Field(Person.role, check=one_of(*Role)), Field(Person.about), Field(Person.hides_comments)),
        *(Field(Person.created_at), Field(Person.renamed_at)),
        Field(Person.former_names, check=list_of(is_line(80))),
        *(Field(Person.approved_at), Field(Person.suspended_until), Field(Person.suspension_reason)),
        Field(Person.deactivated_at),
        *(Usual(Person.follows_answers, True), Usual(Person.follows_articles, True)),
        *(Usual(Person.mail_when, {}, is_mail_choice), Usual(Person.uses_keys, False)),
        Usual(Person.language, "", is_language),
        *(Field(Person.origin, shortest=1, rare=True), Field(Person.foreign_id, shortest=1, rare=True)),
    ),
    former=frozenset({"notices_seen_at"}),
)
_DOCUMENT = RecordType(
    (
        *(
            Field(Document.id),
            Field(Document.slug, check=one_of(*SLUGS)),
            Field(Document.source),
            Field(Document.is_starter),
        ),
        *(PersonName(Document.person_id), Field(Document.created_at)),
    )
)
_TAG = RecordType((Field(Tag.id), Field(Tag.slug, check=is_address(60)), Field(Tag.name, check=is_line(60))))
_TAG_MODERATOR = RecordType(
    (
        Field(TagModerator.id),
        *(PersonName(TagModerator.person_id), TagSlug(TagModerator.tag_id), Field(TagModerator.created_at)),
    )
)
_PICTURE = RecordType(
    (
        *(Field(Picture.id), Field(Picture.hash, check=is_hash), Field(Picture.width, check=is_size)),
        *(Field(Picture.height, check=is_size), Field(Picture.alt, check=is_line(500))),
        *(PersonName(Picture.person_id), Field(Picture.created_at)),
    )
)
_PICTURE_FILE = RecordType(
    (
        *(Field(PictureFile.id), PictureHash(PictureFile.picture_id)),
        *(Field(PictureFile.width, check=is_size), Bytes(PictureFile.data)),
    )
)
_ARTICLE = RecordType(
    (
        *(
            Field(Article.id),
            Field(Article.slug, check=is_address(120)),
            Field(Article.title, check=is_line(200)),
            PersonName(Article.author_id),
        ),
        *(Field(Article.status, check=one_of(*ArticleStatus)), Field(Article.created_at)),
        *(Field(Article.published_at), Field(Article.updated_at), Field(Article.format, check=FORMATS)),
        Usual(Article.update_note, "", is_line(300)),
        *(Field(Article.source), Field(Article.source_name), Field(Article.source_url, check=is_web_address)),
        *(Usual(Article.standfirst, "", is_line(300)), Usual(Article.foreword, ""), Usual(Article.afterword, "")),
        *(Usual(Article.lead, "", is_picture), Usual(Article.lead_alt, "", is_line(500))),
        *(
            Field(Article.auto_close_days, check=is_count, rare=True),
            Field(Article.auto_close_silent_days, check=is_count, rare=True),
        ),
        *(TagSlugs(Article.id), FormerSlugs(Article.id)),
        *(Field(Article.origin, shortest=1, rare=True), Field(Article.foreign_id, shortest=1, rare=True)),
    )
)
_ARTICLE_VERSION = RecordType(
    (
        *(Field(ArticleRevision.id), ArticleSlug(ArticleRevision.article_id), PersonName(ArticleRevision.editor_id)),
        *(Field(ArticleRevision.title), Field(ArticleRevision.format, check=FORMATS), Field(ArticleRevision.source)),
        *(Usual(getattr(ArticleRevision, name), "") for name in ("standfirst", "foreword", "afterword")),
        *(Usual(ArticleRevision.source_name, ""), Usual(ArticleRevision.source_url, "", is_web_address)),
        *(Field(ArticleRevision.was_public), Field(ArticleRevision.replaced_at), Field(ArticleRevision.erased_at)),
    )
)
_COMMENT = RecordType(
    (
        *(Field(Comment.id), ArticleSlug(Comment.article_id), ParentId(Comment.parent_id), Author(Comment.author_id)),
        Field(Comment.guest_name, "guest", check=is_guest_name, rare=True),
        *(Field(Comment.status, check=one_of(*CommentStatus)), Field(Comment.created_at), Field(Comment.edited_at)),
        *(Format(Source.format, check=FORMATS), Field(Source.source, optional=True)),
        *(
            Field(Comment.withdrawn_at, rare=True),
            Field(Comment.held_reason, rare=True),
            Field(Comment.rule, rare=True),
        ),
        *(Field(Comment.origin, shortest=1, rare=True), Field(Comment.foreign_id, shortest=1, rare=True)),
        Field(Comment.foreign_parent_id, shortest=1, rare=True),
    ),
    beside=Source.comment_id,
)
_REVISION = RecordType(
    (
        *(Field(Revision.id), CommentId(Revision.comment_id), PersonName(Revision.editor_id)),
        *(Field(Revision.format, check=FORMATS), Field(Revision.source)),
        *(Field(Revision.replaced_at), Field(Revision.erased_at)),
    )
)
_MOVE = RecordType(
    (
        *(Field(Move.id), CommentId(Move.comment_id), ArticleSlug(Move.from_article_id)),
        *(CommentId(Move.from_parent_id), ArticleSlug(Move.to_article_id), CommentId(Move.to_parent_id)),
        *(Field(Move.comment_count, check=is_count), PersonName(Move.moved_by_id), Field(Move.reason)),
        *(Field(Move.created_at), Field(Move.undone_at), PersonName(Move.undone_by_id)),
    )
)
_CLOSURE = RecordType(
    (
        *(Field(Closure.id), ArticleSlug(Closure.article_id), CommentId(Closure.branch_id), CommentId(Closure.at_id)),
        *(TagSlug(Closure.tag_id, rare=True), UpToTwoPeople(Closure.person_a_id, Closure.person_b_id, "people")),
        *(Field(Closure.words), Field(Closure.note), PersonName(Closure.closed_by_id)),
        Usual(Closure.cause, "", one_of("age", "silence")),
        *(Field(Closure.took_part), Field(Closure.staff_may), PersonName(Closure.once_id)),
        *(Field(Closure.once_used_at), Field(Closure.created_at), Field(Closure.until), Field(Closure.lapsed_at)),
        Field(Closure.begins_at, rare=True),
        *(Field(Closure.reopened_at), PersonName(Closure.reopened_by_id), Field(Closure.reopen_reason)),
        *(Field(Closure.origin, shortest=1, rare=True), Field(Closure.foreign_id, shortest=1, rare=True)),
    )
)
_DECISION = RecordType(
    (
        *(Field(Decision.id), CommentId(Decision.comment_id), PersonName(Decision.moderator_id)),
        *(
            Field(Decision.decision, check=one_of(*DECISIONS)),
            Field(Decision.rule),
            Field(Decision.note),
            Field(Decision.before, check=statuses(CommentStatus)),
        ),
        *(Field(Decision.created_at), Field(Decision.undone_at), PersonName(Decision.undone_by_id)),
        FirstDecision(Decision.first_id),
    )
)
_CASE = RecordType(
    (
        *(
            Field(Case.id),
            Field(Case.kind, check=one_of("comment", "account", "objection")),
            CommentId(Case.comment_id),
        ),
        *(PersonName(Case.person_id), ArticleSlug(Case.article_id), Field(Case.state, check=one_of(*CaseState))),
        *(Field(Case.queue, check=one_of(*Queue)), Field(Case.priority), Field(Case.report_count, check=is_count)),
        *(Field(Case.held_reason, rare=True), Field(Case.since), Field(Case.outcome, check=one_of(*OUTCOMES))),
        *(DecisionId(Case.decision_id), PersonName(Case.decided_by_id), Field(Case.decided_at)),
    )
)
_SAVED_REPLY = RecordType(
    (
        *(Field(SavedReply.id), PersonName(SavedReply.person_id), Field(SavedReply.title, check=is_line(80))),
        *(Field(SavedReply.text), Field(SavedReply.created_at)),
    )
)
_SANCTION = RecordType(
    (
        *(Field(Sanction.id), Field(Sanction.kind, check=one_of(*SANCTIONS)), PersonName(Sanction.person_id)),
        *(PersonName(Sanction.by_id), CommentId(Sanction.comment_id), Field(Sanction.rule), Field(Sanction.words)),
        *(Field(Sanction.note), Field(Sanction.minutes, check=is_count), Field(Sanction.created_at)),
        *(Field(Sanction.until), Field(Sanction.lifted_at), PersonName(Sanction.lifted_by_id)),
        *(Field(Sanction.lift_reason), Field(Sanction.is_undone)),
    )
)
_OBJECTION = RecordType(
    (
        *(Field(Objection.id), CaseId(Objection.case_id), PersonName(Objection.person_id)),
        *(Field(Objection.cause, check=is_line(40)), CommentId(Objection.comment_id), Field(Objection.words)),
        *(Field(Objection.created_at), Field(Objection.outcome, check=one_of("upheld", "refused"))),
        *(Field(Objection.reason), PersonName(Objection.decided_by_id), Field(Objection.decided_at)),
    )
)
_FLAG = RecordType(
    (
        *(
            Field(Flag.id),
            CommentId(Flag.comment_id),
            CaseId(Flag.case_id),
            Field(Flag.reporter, check=one_of(*REPORTERS), rare=True),
            PersonName(Flag.person_id),
            Field(Flag.reason, check=one_of(*REASONS)),
        ),
        *(Field(Flag.note), Field(Flag.format, check=FORMATS), Field(Flag.source), Field(Flag.created_at)),
        DecisionId(Flag.decision_id),
    )
)
_NOTICE = RecordType(
    (
        *(Field(Notice.id), PersonName(Notice.person_id), Field(Notice.kind, check=one_of(*KINDS))),
        *(
            LastingReference(Notice.article_id),
            Field(Notice.comment_id, "comment"),
            Field(Notice.details, check=is_details),
        ),
        *(Field(Notice.created_at), Field(Notice.seen_at), Field(Notice.key, "once", check=is_notice_key, rare=True)),
    )
)
_SUBSCRIPTION = RecordType(
    (
        *(Field(Subscription.id), PersonName(Subscription.person_id)),
        *(Subject(Subscription.kind, Subscription.subject_id), Field(Subscription.created_at)),
        Field(Subscription.paused_at, rare=True),
    )
)
_ACT = RecordType(
    (
        *(Field(Entry.number, "id"), Field(Entry.act, check=is_act), Field(Entry.at)),
        *(LastingReference(Entry.actor_id), LastingReference(Entry.person_id), LastingReference(Entry.article_id)),
        *(Field(Entry.comment_id, "comment"), Field(Entry.closure_id, "closure"), Field(Entry.rule)),
        *(Field(Entry.salt, optional=True), Field(Entry.details, optional=True)),
        *(Field(Entry.details_hash, shortest=64), Field(Entry.hash, shortest=64)),
    ),
)

# In the order of an archive's lines: a line names only what lines of earlier types define, or a comment.
RECORD_TYPES: Mapping[str, RecordType] = {
    "person": _PERSON,
    "document": _DOCUMENT,
    "tag": _TAG,
    "tag-moderator": _TAG_MODERATOR,
    "picture": _PICTURE,
    "picture-file": _PICTURE_FILE,
    "article": _ARTICLE,
    "article-version": _ARTICLE_VERSION,
    "comment": _COMMENT,
    "revision": _REVISION,
    "move": _MOVE,
    "closure": _CLOSURE,
    "decision": _DECISION,
    "case": _CASE,
    "flag": _FLAG,
    "saved-reply": _SAVED_REPLY,
    "sanction": _SANCTION,
    "objection": _OBJECTION,
    "notice": _NOTICE,
    "subscription": _SUBSCRIPTION,
    "act": _ACT,
}


def check(record: Mapping[str, Any]) -> None:
    """Raise Malformed where a record is not what its type says."""
    type = record.get("type")
    if not isinstance(type, str) or type not in RECORD_TYPES:
        raise Malformed(_("there is no type %(type)s", type=repr(type)))
    RECORD_TYPES[type].check(record)
