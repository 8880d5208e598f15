"""Runs the example's workflow as often as asked, all at once. main.ts beside it writes the jobs to stdin."""

import asyncio
import json
import os
import sys
import uuid

from end_call import EndCall
from temporalio.client import Client, WorkflowFailureError
from temporalio.worker import Worker

QUEUE = "engine-python"


async def main():
    client = await Client.connect(os.environ["TEMPORAL_ADDRESS"])
    async with Worker(client, task_queue=QUEUE, workflows=[EndCall]):
        print("ready", flush=True)
        loop = asyncio.get_running_loop()
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            job = json.loads(line)
            ends = await asyncio.gather(*(end(client, job["call"]) for _ in range(job["count"])))
            print(json.dumps(ends), flush=True)


async def end(client, call):
    try:
        return await client.execute_workflow(EndCall.run, call, id=f"end-call/{uuid.uuid4()}", task_queue=QUEUE)
    except WorkflowFailureError as error:
        # Workflow → activity → what the activity says.
        failure = error.cause.cause
        return {"type": failure.type, "message": failure.message, "nonRetryable": failure.non_retryable}


asyncio.run(main())
