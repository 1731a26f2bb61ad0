"""A worker of the original's shape, to compare with: every event is posted and awaited by itself.

Does the work that kai-worker does: two turns of the model, read as they stream, with a query between
them. Like the original, each run has an HTTP client of its own for its callbacks, whose connection
stays open for the run. Where the original leaves a choice, the quicker one was taken: one client for
the model of all runs, and no agent framework. Arguments: Temporal's address, the task queue, the
model's base URL, the SQLite database.
"""

import asyncio
import contextlib
import json
import sys
import time
import uuid
from dataclasses import dataclass
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import Worker

with workflow.unsafe.imports_passed_through():
    import sqlite3

    import httpx

POST_TIMEOUT_SECONDS = 3.0
EVENTS_PER_HEARTBEAT = 5


@dataclass
class KaiChatInput:
    prompt: str
    connection_id: str
    conversation_id: str | None = None
    callback_url: str | None = None


@workflow.defn
class KaiChatWorkflow:
    @workflow.run
    async def run(self, question: KaiChatInput) -> dict:
        return await workflow.execute_activity(
            "chat_streaming",
            args=[
                question.prompt,
                question.connection_id,
                question.conversation_id,
                question.callback_url,
            ],
            start_to_close_timeout=timedelta(minutes=15),
            heartbeat_timeout=timedelta(seconds=60),
        )


class Activities:
    def __init__(self, model: httpx.AsyncClient, model_url: str, database: str):
        self.model = model
        self.model_url = model_url
        self.database = database

    @activity.defn
    async def chat_streaming(
        self,
        prompt: str,
        connection_id: str,
        conversation_id: str | None = None,
        callback_url: str | None = None,
    ) -> dict:
        async with contextlib.AsyncExitStack() as open_for_the_run:
            callback = None
            if callback_url is not None:
                client = httpx.AsyncClient(timeout=POST_TIMEOUT_SECONDS)
                callback = await open_for_the_run.enter_async_context(client)
            return await self.stream(prompt, conversation_id, callback, callback_url)

    async def stream(
        self,
        prompt: str,
        conversation_id: str | None,
        callback: httpx.AsyncClient | None,
        callback_url: str | None,
    ) -> dict:
        begun = time.monotonic()
        session = conversation_id or f"temporal_{uuid.uuid4().hex[:8]}"
        sent = failed = 0
        answer = []
        queries = []

        async def post(event: dict) -> bool:
            try:
                response = await callback.post(
                    callback_url, json={"session_id": session, "event": event}
                )
                response.raise_for_status()
                return True
            except httpx.HTTPError:
                return False

        async for event in self.agent(prompt):
            if event["type"] == "token":
                answer.append(event["content"])
            elif event["type"] == "sql_result":
                queries.append(event["sql"])
            if callback is None:
                continue
            if await post(event):
                sent += 1
            else:
                failed += 1
            if (sent + failed) % EVENTS_PER_HEARTBEAT == 0:
                activity.heartbeat(f"events_sent={sent}, events_failed={failed}")
        result = {
            "task_id": uuid.uuid4().hex,
            "status": "completed",
            "final_answer": "".join(answer).strip(),
            "sql_queries": queries,
            "insights": [],
            "suggested_questions": [],
            "charts": [],
            "artifacts": [],
            "execution_time_ms": int((time.monotonic() - begun) * 1000),
            "error": None,
        }
        if callback is not None:
            await post({"type": "done", "result": result})
        return result

    async def agent(self, prompt: str):
        """The events of one run: turns of the model until one calls no tool."""
        messages = [{"role": "user", "content": prompt}]
        while True:
            calls = []
            async for delta in self.turn(messages):
                if text := delta.get("content"):
                    text = text.removeprefix("<answer>").removesuffix("</answer>")
                    yield {"type": "token", "content": text}
                calls += delta.get("tool_calls") or []
            if not calls:
                return
            messages.append({"role": "assistant", "content": "", "tool_calls": calls})
            for call in calls:
                arguments = json.loads(call["function"]["arguments"])
                yield {"type": "tool_start", "tool": "sql_query", "input": arguments}
                columns, rows = self.query(arguments["query"])
                data = [dict(zip(columns, row)) for row in rows]
                table = {
                    "row_count": len(data),
                    "columns": columns,
                    "data": data,
                    "truncated": False,
                }
                output = json.dumps({"success": True, **table})
                yield {"type": "tool_end", "tool": "sql_query", "output": output}
                yield {"type": "sql_result", "sql": arguments["query"], **table}
                messages.append({"role": "tool", "tool_call_id": call["id"], "content": output})

    async def turn(self, messages: list[dict]):
        """The pieces of one answer of the model, as they arrive."""
        body = {"model": "scripted", "messages": messages, "stream": True, "seed": 0}
        url = f"{self.model_url}/chat/completions"
        async with self.model.stream("POST", url, json=body) as response:
            response.raise_for_status()
            async for line in response.aiter_lines():
                if not line.startswith("data: "):
                    continue
                data = line.removeprefix("data: ")
                if data == "[DONE]":
                    return
                yield json.loads(data)["choices"][0]["delta"]

    def query(self, sql: str) -> tuple[list[str], list[tuple]]:
        connection = sqlite3.connect(self.database)
        try:
            cursor = connection.execute(sql)
            return [column[0] for column in cursor.description], cursor.fetchall()
        finally:
            connection.close()


async def main() -> None:
    temporal, task_queue, model_url, database = sys.argv[1:]
    async with httpx.AsyncClient(timeout=httpx.Timeout(60.0)) as model:
        client = await Client.connect(temporal)
        activities = Activities(model, model_url, database)
        async with Worker(
            client,
            task_queue=task_queue,
            workflows=[KaiChatWorkflow],
            activities=[activities.chat_streaming],
        ):
            print("Worker is healthy and ready to process tasks", flush=True)
            await asyncio.Event().wait()


# Temporal's sandbox imports this file again, under another name.
if __name__ == "__main__":
    asyncio.run(main())
