"""The flow of a Python client: start KaiChatWorkflow, watch the stream with httpx, check both.

Arguments: Temporal's address, the task queue, the receiver's URL, the connection, the prompt.
Prints one JSON object: the workflow's result, and the events that the stream showed.
"""

import asyncio
import json
import sys
import uuid
from dataclasses import dataclass

import httpx
from temporalio.client import Client


@dataclass
class KaiChatInput:
    prompt: str
    connection_id: str
    conversation_id: str | None = None
    callback_url: str | None = None


async def watch(stream_url: str, connected: asyncio.Event) -> list[dict]:
    """Reads the stream until `done` or `timeout`."""
    events = []
    async with httpx.AsyncClient(timeout=httpx.Timeout(60.0)) as http:
        async with http.stream("GET", stream_url) as response:
            response.raise_for_status()
            assert response.headers["content-type"].startswith("text/event-stream")
            connected.set()
            kind = None
            async for line in response.aiter_lines():
                if line.startswith("event: "):
                    kind = line.removeprefix("event: ")
                elif line.startswith("data: "):
                    events.append({"event": kind, "data": json.loads(line.removeprefix("data: "))})
                    if kind in ("done", "timeout"):
                        break
    return events


async def main() -> None:
    temporal, task_queue, receiver, connection, prompt = sys.argv[1:]
    client = await Client.connect(temporal)
    session = f"python-{uuid.uuid4().hex[:8]}"
    connected = asyncio.Event()
    watching = asyncio.create_task(watch(f"{receiver}/stream/{session}", connected))
    await asyncio.wait_for(connected.wait(), 10)
    result = await client.execute_workflow(
        "KaiChatWorkflow",
        KaiChatInput(
            prompt=prompt,
            connection_id=connection,
            conversation_id=session,
            callback_url=f"{receiver}/events/{session}",
        ),
        id=f"e2e-{session}",
        task_queue=task_queue,
    )
    events = await asyncio.wait_for(watching, 10)
    print(json.dumps({"session": session, "result": result, "events": events}))


asyncio.run(main())
