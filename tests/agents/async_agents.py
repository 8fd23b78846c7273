"""The same loops on the SDKs' asynchronous clients."""

from __future__ import annotations

from typing import Any

import anthropic
import openai
from google import genai
from google.genai import types

from cal_actions import AsyncConnector


async def chat(
    client: openai.AsyncOpenAI, cal: AsyncConnector, tools: Any, question: str
) -> str | None:
    messages: list[Any] = [{"role": "user", "content": question}]
    while True:
        answer = await client.chat.completions.create(
            model="scripted", messages=messages, tools=tools
        )
        results = await cal.handle_tool_calls(answer)
        if not results:
            return answer.choices[0].message.content
        messages += [answer.choices[0].message, *results]


async def responses(
    client: openai.AsyncOpenAI, cal: AsyncConnector, tools: Any, question: str
) -> str:
    items: list[Any] = [{"role": "user", "content": question}]
    while True:
        answer = await client.responses.create(model="scripted", input=items, tools=tools)
        results = await cal.handle_tool_calls(answer)
        if not results:
            return answer.output_text
        items += [*answer.output, *results]


async def claude(
    client: anthropic.AsyncAnthropic, cal: AsyncConnector, tools: Any, question: str
) -> str:
    messages: list[Any] = [{"role": "user", "content": question}]
    while True:
        answer = await client.messages.create(
            model="scripted", max_tokens=1024, messages=messages, tools=tools
        )
        results = await cal.handle_tool_calls(answer)
        if not results:
            return "".join(block.text for block in answer.content if block.type == "text")
        messages += [{"role": "assistant", "content": answer.content}, *results]


async def gemini(
    client: genai.client.AsyncClient, cal: AsyncConnector, tools: Any, question: str
) -> str | None:
    contents: list[Any] = [types.UserContent(question)]
    config = types.GenerateContentConfig(tools=[types.Tool(function_declarations=tools)])
    while True:
        answer = await client.models.generate_content(
            model="scripted", contents=contents, config=config
        )
        results = await cal.handle_tool_calls(answer)
        if not results:
            return answer.text
        assert answer.candidates
        contents += [answer.candidates[0].content, *results]
