"""The words of counts, work orders and the rack, and what refusals mean to somebody with a scanner in the hand."""

from app.errors import AppError
from app.web import labels, sales_labels
from app.web.labels import Words, word
from app.web.languages import lazy as _l

COUNT_STATUSES: Words = {
    "open": _l("To be counted"),
    "recount": _l("To be counted again"),
    "counted": _l("Counted, to be decided"),
    "approved": _l("Approved"),
    "cancelled": _l("Cancelled"),
}
BIN_STATES: Words = {
    "open": _l("To be counted"),
    "recount": _l("Again, by somebody else"),
    "counted": _l("Counted"),
}
WORK_STATUSES: Words = {
    "draft": _l("Draft"),
    "released": _l("To be done"),
    "done": _l("Done"),
    "cancelled": _l("Cancelled"),
}
WORK_KINDS: Words = {
    "relabel": _l("Relabel"),
    "kit": _l("Kit"),
    "photo": _l("Photo"),
    "repack": _l("Repack"),
}
WORK_ROLES: Words = {"consume": _l("Goes in"), "produce": _l("Comes out")}
WORK_SOURCES: Words = {"bin": _l("In bins"), "returns": _l("Where returns are kept")}
CONDITIONS: Words = {
    "A": _l("A · as new"),
    "B": _l("B · to repack"),
    "C": _l("C · damaged"),
    "D": _l("D · scrap"),
}
CUSTOMS: Words = {"free": _l("Free circulation"), "bonded": _l("Bonded"), "supervised": _l("Supervised")}
TONES = {
    "open": "info", "recount": "warn", "counted": "warn", "approved": "good", "draft": "info", "released": "warn",
    "done": "good", "cancelled": "plain",
}  # fmt: skip
TITLES: Words = {
    "validation_error": _l("This was refused"),
    "stock_short": _l("There is not enough stock there"),
    "bin_full": _l("It does not fit in there"),
    "count_unclear": _l("The count is not clear"),
    "scan_reused": _l("This scan was used for something else"),
}
MEANINGS: Words = {
    "same_counter": _l("You had a hand in this count already. Somebody else must do it."),
    "count_unclear": _l("Stock of this bin moved while it was counted. Count it once more."),
    "unknown_bin": _l("No place here has this label. Scan the label of the bin again."),
    "bin_unknown": _l("No place here has this label. Scan the label of the bin again."),
    "not_in_count": _l("This bin is not part of the count. Choose another count, or another bin."),
    "unknown_sku": _l("No article here has this code. Scan it again, or have it registered first."),
    "sku_unknown": _l("No article here has this code. Scan it again, or have it registered first."),
    "ambiguous_sku": _l("Several exporters use this code. Scan the label with the article's own id."),
    "stock_short": _l("Fewer pieces are free there than you want to move. Look again, or count the bin."),
    "bin_full": _l("The bin takes no more. Put it into another bin, or in smaller parts."),
    "bin_blocked": _l("The bin is blocked. Choose another one."),
    "wrong_area": _l("Goods of this customs status do not lie here. Choose a bin of their own area."),
    "not_in_receiving": _l("That is more than lies in receiving. Put less away, or look at the condition."),
    "wrong_bin": _l("Nothing is picked from this bin. Go to the bin that stands first in the list."),
    "wrong_sku": _l("Another article is picked here. Look at the list."),
    "more_than_asked": _l("That is more than is asked for. Put the rest back."),
    "nothing_picked": _l("Nothing was taken. Say that the bin holds no more, or pick again."),
    "nothing_to_pack": _l("Everything that was picked is in a box already."),
    "more_than_picked": _l("That is more than was picked for this order."),
    "not_received": _l("This was not received yet. Take the return in first."),
    "more_than_received": _l("That is more than waits to be graded."),
    "nothing_came": _l("Nothing of this return is expected any more."),
    "bin_missing": _l("Say into which bin it was put."),
    "not_a_bin": _l("This is no bin. Scan the label of a bin."),
    "no_bins": _l("No bin is like this, or all that are stand in another count."),
    "nothing_consumed": _l("Say which stock is worked on."),
    "nothing_produced": _l("Say what comes out of the work."),
    "pieces_differ": _l("As many pieces must come out as go in."),
    "not_a_kit": _l("One line is the kit, and its parts must fill the kits evenly."),
    "better_condition": _l("Only repacking gives pieces a better condition."),
    "same_thing": _l("What comes out is what goes in."),
    "photo_moves_nothing": _l("A photo moves nothing: leave out what comes out."),
    "customs_mixed": _l("A kit holds goods of one customs status."),
    "unknown_subject": _l("There is nothing with this number here. Scan it again."),
    "wrong_state": _l("Its state does not allow this any more. Open the page anew and look at it."),
    "not_found": _l("It is not here any more. Open the page anew."),
    "forbidden": _l("Your role may not do this."),
    "scan_reused": _l("Discard it and scan anew."),
}
FILTERS = {
    "count_status": word(COUNT_STATUSES),
    "count_bin_state": word(BIN_STATES),
    "work_status": word(WORK_STATUSES),
    "work_kind": word(WORK_KINDS),
    "work_role": word(WORK_ROLES),
    "work_source": word(WORK_SOURCES),
    "stock_condition": word(CONDITIONS),
    "stock_customs": word(CUSTOMS),
    "work_tone": lambda code: TONES.get(code, "plain"),
}


def title(error: AppError) -> str:
    """The short words for a refusal."""
    known = {**labels.ERROR_TITLES, **TITLES}
    return str(known[error.code]) if error.code in known else error.title


def meaning(error: AppError) -> str:
    """What is wrong and what to do, in the reader's language as far as there are words, with what was scanned."""
    scanned = f" ({error.facts['scanned']})" if "scanned" in error.facts else ""
    for found in error.errors:
        if found.code in MEANINGS:
            return str(MEANINGS[found.code]) + scanned
    if error.errors:
        return " ".join(sales_labels.fault(found) for found in error.errors[:3])
    return str(MEANINGS[error.code]) if error.code in MEANINGS else error.detail


def by_field(error: AppError | None) -> dict[str, str]:
    """Words for each field of a form that something is wrong with."""
    if error is None:
        return {}
    return {
        found.field: str(MEANINGS[found.code]) if found.code in MEANINGS else sales_labels.fault(found)
        for found in error.errors
    }
