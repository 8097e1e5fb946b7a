"""What was decided in a plan goes on in the plan that is made anew from it: the way is kept there, by a lock."""

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.models import Plan, PlanDecision, PlanItem, Replan
from app.queries.plan_decisions import HOLDS


def carry_over(session: Session, replan: Replan) -> int:
    """Lock in the new plan what people had locked or sent another way in the one before; return how many."""
    plan = session.scalars(select(Plan.id).where(Plan.run_id == replan.run_id)).one()
    rides = (
        select(PlanItem.id)
        .where(PlanItem.plan_id == plan, PlanItem.parcel_id == PlanDecision.parcel_id)
        .where(PlanItem.itinerary_id.is_not(None))
        .exists()
    )
    query = (
        select(PlanDecision)
        .where(PlanDecision.plan_id == replan.plan_id, PlanDecision.kind != "leave", HOLDS, rides)
        .order_by(PlanDecision.number)
    )
    latest = {row.parcel_id: row for row in session.scalars(query)}
    rows = [
        {
            "plan_id": plan, "number": number, "parcel_id": parcel, "kind": "lock", "before": row.before,
            "after": row.after | {"units": {}}, "extra_cost_minor": 0, "decided_by": row.decided_by,
            "decided_at": row.decided_at,
        }
        for number, (parcel, row) in enumerate(latest.items(), 1)
    ]  # fmt: skip
    if rows:
        session.execute(insert(PlanDecision), rows)
    return len(rows)
