"""What a worker does: the kinds of jobs, and what is due again and again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from forum.comments.ending.automatic import announce_some, close_some
from forum.comments.ending.counting import lapse_some
from forum.comments.reading.visits import purge_visits
from forum.following.telling import tell_of_article, tell_of_comments
from forum.jobs.actions import Later, Taken, set_right
from forum.jobs.made import purge_files
from forum.legal.actions import erase_complainants
from forum.moderation.alarm import tell_of_late
from forum.moderation.bulk import go_on, purge_bulks
from forum.moderation.erasing import erase_withdrawn
from forum.moderation.exchanges import watch
from forum.moderation.learning import learn
from forum.notifications import actions as notices
from forum.notifications import followers
from forum.people.networks import forget_networks
from forum.people.sessions import purge
from forum.pictures.actions import purge_unused
from forum.search.actions import forget, index_some
from forum.worker.checking import check_comment
from forum.worker.exports import make_file
from forum.worker.letters import COMPOSE, send_letter

# By kind of job. Each begins its write itself and returns what is left to do, None where all is done. The worker ends
# the job in the same transaction and commits. If you commit before, also make what you did repeatable, else a worker
# that dies does it twice.
JOBS: dict[str, Callable[[Taken], Later | None]] = {
    "articles.tell": tell_of_article,
    "comments.check": check_comment,
    "moderation.bulk": go_on,
    "search.forget": forget,
    "transfer.export": make_file,
    **dict.fromkeys(COMPOSE, send_letter),
}
# Kinds that wait for a server elsewhere. They have a loop of their own, for nobody's notice waits for such a server.
SLOW = frozenset((*COMPOSE, "comments.check"))
# Kinds that take seconds or minutes. They have a loop of their own, too: nobody's notice waits for them.
LONG = frozenset(("transfer.export",))
# Kinds of which there are many, and which only write to the database: several are done in one transaction. Each returns
# what is left to do by the job's id.
TOGETHER: dict[str, Callable[[Sequence[Taken]], Mapping[int, Later]]] = {
    "comments.tell": tell_of_comments,
}
# What takes care of rows whose time has come: each returns how many there were, and is asked again at once while there
# are. The worker commits.
ROUNDS: tuple[tuple[timedelta, Callable[[datetime], int]], ...] = (
    (timedelta(seconds=0.4), index_some),  # at each look
    (timedelta(minutes=1), lapse_some),
    (timedelta(minutes=1), close_some),
    (timedelta(minutes=1), announce_some),
    (timedelta(minutes=1), set_right),
    (timedelta(minutes=5), watch),
    (timedelta(hours=1), purge),
    (timedelta(hours=1), erase_withdrawn),
    (timedelta(hours=1), tell_of_late),
    (timedelta(minutes=1), followers.settle_addresses),
    (timedelta(hours=1), notices.purge_notices),
    (timedelta(hours=1), purge_bulks),
    (timedelta(minutes=10), purge_files),
    (timedelta(hours=1), learn),
    (timedelta(hours=1), erase_complainants),
    (timedelta(hours=1), forget_networks),
    (timedelta(hours=1), purge_unused),
    (timedelta(hours=1), purge_visits),
)
