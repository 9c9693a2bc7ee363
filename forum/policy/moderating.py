"""Where somebody moderates."""

from __future__ import annotations

from dataclasses import dataclass

from forum.policy.facts import Actor, ModeratedFacts, in_good_standing, is_author, is_staff


@dataclass(frozen=True)
class Reach:
    """The articles under which somebody moderates: all, those of one author, and those with one of some tags.

    A falsy one has none. The same as a condition in SQL is `articles.reach.within`.
    """

    everywhere: bool = False
    author_id: int | None = None
    tags: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return self.everywhere or self.author_id is not None or bool(self.tags)

    def covers(self, article: ModeratedFacts) -> bool:
        """Tell whether an article is one of them."""
        return self.everywhere or article.author_id == self.author_id or self.has_tag_of(article)

    def has_tag_of(self, article: ModeratedFacts) -> bool:
        """Tell whether an article has one of the tags."""
        return bool(self.tags) and not self.tags.isdisjoint(article.tag_ids)


def reach(actor: Actor) -> Reach:
    """Return where somebody moderates.

    Moderators and admins do everywhere, authors under their own articles, and everybody in the tags that an admin gave
    them; nobody does who is not in good standing.
    """
    if is_staff(actor):
        return Reach(everywhere=True)
    if not in_good_standing(actor):
        return Reach()
    return Reach(author_id=actor.id if is_author(actor) else None, tags=frozenset(actor.moderated_tags))


def moderates(actor: Actor, article: ModeratedFacts) -> bool:
    """Tell whether this person moderates under this article."""
    return reach(actor).covers(article)


def moderates_tag(actor: Actor, tag_id: int | None) -> bool:
    """Tell whether this person moderates under all articles with a tag; without one, under all there are."""
    found = reach(actor)
    return found.everywhere or tag_id in found.tags
