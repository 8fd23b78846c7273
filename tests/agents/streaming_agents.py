"""The same loops over streams, put together by the SDK's helper where it has one."""

from __future__ import annotations

from typing import Any

import anthropic
import openai
from google import genai
from google.genai import types
from openai.lib.streaming.chat import ChatCompletionStreamState

from cal_actions import Connector

# The helper adds fields of its own to a message, which the API does not take back.
_TAKEN_BACK: Any = {
    "role": True,
    "content": True,
    "tool_calls": {"__all__": {"id": True, "type": True, "function": {"name", "arguments"}}},
}


def chat(client: openai.OpenAI, cal: Connector, tools: Any, question: str) -> str | None:
    messages: list[Any] = [{"role": "user", "content": question}]
    while True:
        state = ChatCompletionStreamState()
        for chunk in client.chat.completions.create(
            model="scripted", messages=messages, tools=tools, stream=True
        ):
            state.handle_chunk(chunk)
        answer = state.get_final_completion()
        message = answer.choices[0].message
        results = cal.handle_tool_calls(answer)
        if not results:
            return message.content
        messages += [message.model_dump(include=_TAKEN_BACK), *results]


def responses(client: openai.OpenAI, cal: Connector, tools: Any, question: str) -> str:
    items: list[Any] = [{"role": "user", "content": question}]
    while True:
        with client.responses.stream(model="scripted", input=items, tools=tools) as stream:
            answer = stream.get_final_response()
        results = cal.handle_tool_calls(answer)
        if not results:
            return answer.output_text
        items += [*answer.output, *results]


def claude(client: anthropic.Anthropic, cal: Connector, tools: Any, question: str) -> str:
    messages: list[Any] = [{"role": "user", "content": question}]
    while True:
        with client.messages.stream(
            model="scripted", max_tokens=1024, messages=messages, tools=tools
        ) as stream:
            answer = stream.get_final_message()
        results = cal.handle_tool_calls(answer)
        if not results:
            return "".join(block.text for block in answer.content if block.type == "text")
        messages += [{"role": "assistant", "content": answer.content}, *results]


def gemini(client: genai.Client, cal: Connector, tools: Any, question: str) -> str:
    contents: list[Any] = [types.UserContent(question)]
    config = types.GenerateContentConfig(tools=[types.Tool(function_declarations=tools)])
    while True:
        chunks = list(
            client.models.generate_content_stream(
                model="scripted", contents=contents, config=config
            )
        )
        results = cal.handle_tool_calls(chunks)
        parts = [part for chunk in chunks for part in chunk.parts or []]
        if not results:
            return "".join(part.text or "" for part in parts)
        contents += [types.ModelContent(parts), *results]
