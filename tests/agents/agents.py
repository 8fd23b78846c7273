"""The loop of an agent on each provider's SDK, as its user would write it."""

from __future__ import annotations

from typing import Any

import anthropic
import openai
from google import genai
from google.genai import types

from cal_actions import Connector


def chat(client: openai.OpenAI, cal: Connector, tools: Any, question: str) -> str | None:
    messages: list[Any] = [{"role": "user", "content": question}]
    while True:
        answer = client.chat.completions.create(model="scripted", messages=messages, tools=tools)
        results = cal.handle_tool_calls(answer)
        if not results:
            return answer.choices[0].message.content
        messages += [answer.choices[0].message, *results]


def responses(client: openai.OpenAI, cal: Connector, tools: Any, question: str) -> str:
    items: list[Any] = [{"role": "user", "content": question}]
    while True:
        answer = client.responses.create(model="scripted", input=items, tools=tools)
        results = cal.handle_tool_calls(answer)
        if not results:
            return answer.output_text
        items += [*answer.output, *results]


def claude(client: anthropic.Anthropic, cal: Connector, tools: Any, question: str) -> str:
    messages: list[Any] = [{"role": "user", "content": question}]
    while True:
        answer = client.messages.create(
            model="scripted", max_tokens=1024, messages=messages, tools=tools
        )
        results = cal.handle_tool_calls(answer)
        if not results:
            return "".join(block.text for block in answer.content if block.type == "text")
        messages += [{"role": "assistant", "content": answer.content}, *results]


def gemini(client: genai.Client, cal: Connector, tools: Any, question: str) -> str | None:
    contents: list[Any] = [types.UserContent(question)]
    config = types.GenerateContentConfig(tools=[types.Tool(function_declarations=tools)])
    while True:
        answer = client.models.generate_content(model="scripted", contents=contents, config=config)
        results = cal.handle_tool_calls(answer)
        if not results:
            return answer.text
        assert answer.candidates
        contents += [answer.candidates[0].content, *results]
