"""A receiver of the original's design, to compare with: one queue per session, nothing else.

Two subscribers of a session share its queue, so each event reaches one of them; that is part of the
design that is being measured. Run it with uvicorn, in one process.
"""

import asyncio
import json
from collections import defaultdict
from typing import Any, AsyncIterator

from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

IDLE_TIMEOUT_SECONDS = 300
HEADERS = {"Cache-Control": "no-cache", "Connection": "keep-alive", "X-Accel-Buffering": "no"}


class Envelope(BaseModel):
    """What a worker posts."""

    session_id: str
    event: dict[str, Any]


app = FastAPI()
queues: defaultdict[str, asyncio.Queue[dict[str, Any]]] = defaultdict(asyncio.Queue)


@app.post("/events/{session_id}")
async def publish(session_id: str, envelope: Envelope) -> dict[str, str]:
    await queues[session_id].put(envelope.event)
    return {"status": "ok"}


@app.get("/stream/{session_id}")
async def stream(session_id: str) -> StreamingResponse:
    return StreamingResponse(frames(session_id), media_type="text/event-stream", headers=HEADERS)


async def frames(session_id: str) -> AsyncIterator[str]:
    queue = queues[session_id]
    while True:
        try:
            event = await asyncio.wait_for(queue.get(), IDLE_TIMEOUT_SECONDS)
        except asyncio.TimeoutError:
            yield "event: timeout\ndata: {}\n\n"
            return
        kind = event.get("type") or "message"
        yield f"event: {kind}\ndata: {json.dumps(event)}\n\n"
        if kind == "done":
            return
