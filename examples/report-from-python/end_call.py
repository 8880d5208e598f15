from datetime import timedelta
from typing import Any

from temporalio import common, workflow


@workflow.defn
class EndCall:
    @workflow.run
    async def run(self, call: dict[str, Any]) -> dict[str, Any]:
        # No limit of tries: Temporal keeps the report until it is made. The key: limits count it for its account.
        options: Any = {"task_queue": "topcalls-webhooks", "start_to_close_timeout": timedelta(seconds=10)}
        account = common.Priority(fairness_key=call.get("account_id"))
        return await workflow.execute_activity("reportCall", call, priority=account, **options)
