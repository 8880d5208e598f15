from datetime import timedelta
from typing import Any

from temporalio import workflow


@workflow.defn
class EndCall:
    @workflow.run
    async def run(self, call: dict[str, Any]) -> dict[str, Any]:
        # No limit of tries: Temporal keeps the report until it is made.
        timeout = timedelta(seconds=10)
        return await workflow.execute_activity(
            "reportCall", call, task_queue="topcalls-webhooks", start_to_close_timeout=timeout
        )
