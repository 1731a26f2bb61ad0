"""Calls activities of the worker from a workflow of a Python caller, one after the other.

Arguments: Temporal's address, the task queue of the worker. Reads from standard input a JSON list of
calls `{"activity", "args", "cancel_when"?}`; a call with `cancel_when` is cancelled as soon as a
heartbeat of the activity has that text. Prints a JSON list of what came of each: `{"result"}`, or
`{"error", "type", "retryable"}`.
"""

import asyncio
import json
import os
import sys
import uuid
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.exceptions import ActivityError, ApplicationError, CancelledError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker


@workflow.defn(name="Caller")
class Caller:
    @workflow.run
    async def run(self, queue: str, activity: str, args: list) -> Any:
        # Without a retry policy, so that a failure that may pass is tried for ever.
        return await workflow.execute_activity(
            activity,
            args=args,
            task_queue=queue,
            start_to_close_timeout=timedelta(seconds=50),
            heartbeat_timeout=timedelta(seconds=5),
            cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
        )


async def heartbeat_with(handle: WorkflowHandle, text: str) -> None:
    """Returns when a heartbeat of the workflow's activity has the text."""
    while True:
        description = await handle.describe()
        for activity in description.raw_description.pending_activities:
            if any(text in payload.data.decode() for payload in activity.heartbeat_details.payloads):
                return
        await asyncio.sleep(0.05)


async def call(client: Client, own_queue: str, queue: str, wanted: dict) -> dict:
    handle = await client.start_workflow(
        "Caller",
        args=[queue, wanted["activity"], wanted["args"]],
        id=f"caller-{uuid.uuid4()}",
        task_queue=own_queue,
        execution_timeout=timedelta(seconds=55),
    )
    if wanted.get("cancel_when"):
        await heartbeat_with(handle, wanted["cancel_when"])
        await handle.cancel()
    try:
        return {"result": await handle.result()}
    except WorkflowFailureError as failure:
        cause = failure.cause.cause if isinstance(failure.cause, ActivityError) else failure.cause
        if isinstance(cause, ApplicationError):
            return {"error": cause.message, "type": cause.type, "retryable": not cause.non_retryable}
        kind = "Cancelled" if isinstance(cause, CancelledError) else type(cause).__name__
        return {"error": str(cause), "type": kind, "retryable": False}


async def main() -> None:
    temporal, queue = sys.argv[1:]
    calls = json.load(sys.stdin)
    client = await Client.connect(temporal)
    own_queue = f"caller-{uuid.uuid4()}"
    async with Worker(
        client,
        task_queue=own_queue,
        workflows=[Caller],
        workflow_runner=UnsandboxedWorkflowRunner(),
    ):
        print(json.dumps([await call(client, own_queue, queue, wanted) for wanted in calls]))


asyncio.run(main())
# The SDK's own threads may still be at work, which an interpreter that tidies up does not survive.
sys.stdout.flush()
os._exit(0)
