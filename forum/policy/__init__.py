"""Every "may this person ...?" and every limit, once, with a reason.

Pure: no database, no room, no translation (`wording` has that). Facts come as plain values or as anything that fits a
Protocol in `facts`. Actions enforce a verdict with `require()`; queries show it beside a row; templates never ask.
"""

from forum.policy.auto_close import GRACE, AutoClose, auto_close
from forum.policy.circling import Circle, Letter, circle, is_worth_another_look
from forum.policy.closing import (
    Concerned,
    closes_reply,
    is_in_force,
    may_change_closure,
    may_close,
    may_undo_closure,
    told_of_closure,
    undo_closes_at,
)
from forum.policy.facts import (
    FOREVER,
    NOBODY,
    Actor,
    ArticleFacts,
    ArticleStatus,
    CaseState,
    ClosureFacts,
    CommentFacts,
    CommentStatus,
    DiscussedFacts,
    ModeratedFacts,
    Nobody,
    Queue,
    Role,
    SanctionKind,
    SiteFacts,
    Verdict,
    in_good_standing,
    is_out,
    is_sanctioned,
    lasting,
    signed_in,
    standing,
    was_out,
)
from forum.policy.law import (
    SEALED_A_DAY,
    SEALED_A_NOTICE,
    may_decide_notice,
    may_read_notices,
    may_see_sender,
    seals_unseen,
)
from forum.policy.moderating import Reach, moderates, reach
from forum.policy.moving import (
    UNDO_MOVE,
    MoveFacts,
    may_merge,
    may_move,
    may_move_to,
    may_undo_move,
    told_of_move,
)
from forum.policy.objections import may_decide_objection, may_object, needs_admin
from forum.policy.people import (
    PersonFacts,
    is_approved_at_once,
    may_change_account,
    may_change_profile,
    may_list_comments,
    may_manage,
    may_rename,
    may_see_former_names,
    may_see_profile,
    may_sign_up,
    may_stop_being_admin,
)
from forum.policy.pictures import UNUSED_KEPT, may_add_picture, may_see_picture, may_show_picture
from forum.policy.reading import (
    NOTED_EVERY,
    VISIT,
    VISITS_KEPT,
    has_place,
    may_read_article,
    may_read_closure,
    may_see,
    may_see_frame,
    may_see_history,
)
from forum.policy.sanctions import (
    A_DAY,
    LASTING,
    SHUTS_OUT,
    UNDO_SANCTION,
    LimitFacts,
    SanctionFacts,
    is_sanction_in_force,
    may_lift,
    may_post_again,
    may_sanction,
    may_see_record,
    may_undo_sanction,
)
from forum.policy.staff import (
    EXPORTED_AT_ONCE,
    FILES_AT_ONCE,
    may_administer,
    may_decide,
    may_decide_as_party,
    may_edit_article,
    may_erase,
    may_moderate,
    may_moderate_everywhere,
    may_open_desk,
    may_save_reply,
    may_see_article_versions,
    may_see_reporters,
    may_see_reporters_of,
    may_see_revisions,
    may_settle_exchange,
    may_undo_for,
    may_write_articles,
)
from forum.policy.telling import (
    is_address_told,
    is_answered,
    is_tellable,
    is_told,
    may_follow,
    may_follow_by_address,
)
from forum.policy.weighing import Reporter, hides_unseen, is_spared, weight_of_reports
from forum.policy.writing import (
    WITHDRAWN_KEPT,
    is_screened,
    may_comment,
    may_edit,
    may_flag,
    may_reply,
    may_undo_withdraw,
    may_withdraw,
    may_write,
    shows_edited,
)
