"""What the official clients of OpenAI and Anthropic make of an endpoint, as one JSON object.

clients.py openai|anthropic BASE_URL KEY MODEL... : for each model an answer, a stream, tools and a streamed tool call; then what the client
makes of a stream that is told to break off and of errors. `BREAK` in the environment is a URL that is asked before the stream that breaks.
"""

import json
import os
import sys
import urllib.request

import anthropic
import openai

QUESTION = [{"role": "user", "content": "What is the weather in Paris?"}]
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


def break_next_stream():
    fault = {"type": "stream_fault", "kind": "disconnect", "after_chunks": 4}
    body = json.dumps({"behaviors": [fault]}).encode()
    request = urllib.request.Request(os.environ["BREAK"], body, {"content-type": "application/json"})
    urllib.request.urlopen(request).close()


def failure(call):
    """The class of the client's own error, with what it read out of the answer."""
    try:
        call()
    except (openai.APIError, anthropic.APIError) as error:
        return {
            "class": type(error).__name__,
            "status": getattr(error, "status_code", None),
            "code": getattr(error, "code", None),
            "message": str(error),
        }
    return None


class OpenAI:
    tools = [{"type": "function", "function": {"name": "get_weather", "description": "The weather", "parameters": SCHEMA}}]

    def __init__(self, base, key):
        self.client = openai.OpenAI(base_url=f"{base}/v1", api_key=key, max_retries=0)
        self.create = self.client.chat.completions.create

    def plain(self, model):
        answer = self.create(model=model, messages=QUESTION, max_tokens=64)
        choice = answer.choices[0]
        return {"text": choice.message.content, "stop": choice.finish_reason, "model": answer.model, "usage": self.usage(answer.usage)}

    def stream(self, model):
        pieces, stop, usage = [], None, None
        for chunk in self.create(model=model, messages=QUESTION, stream=True, stream_options={"include_usage": True}):
            usage = chunk.usage or usage
            for choice in chunk.choices:
                pieces.append(choice.delta.content or "")
                stop = choice.finish_reason or stop
        return {"text": "".join(pieces), "pieces": len([p for p in pieces if p]), "stop": stop, "usage": self.usage(usage)}

    def tool(self, model):
        asked = self.create(model=model, messages=QUESTION, tools=self.tools)
        message = asked.choices[0].message
        call = message.tool_calls[0]
        result = {"role": "tool", "tool_call_id": call.id, "content": "sunny"}
        said = self.create(model=model, messages=[*QUESTION, message.model_dump(exclude_none=True), result], tools=self.tools)
        return {
            "stop": asked.choices[0].finish_reason,
            "name": call.function.name,
            "arguments": json.loads(call.function.arguments),
            "then": said.choices[0].message.content,
        }

    def streamed_tool(self, model):
        with self.client.chat.completions.stream(model=model, messages=QUESTION, tools=self.tools) as stream:
            for _ in stream:
                pass
            message = stream.get_final_completion().choices[0].message
        function = message.tool_calls[0].function
        return {"name": function.name, "arguments": json.loads(function.arguments)}

    def models(self):
        return [model.id for model in self.client.models.list()]

    def others(self, model):
        """What only this client has: structured answers and embeddings."""
        wanted = {"type": "json_schema", "json_schema": {"name": "place", "schema": SCHEMA}}
        answer = self.create(model=model, messages=QUESTION, response_format=wanted)
        vectors = self.client.embeddings.create(model=model, input=["one", "two"])
        return {
            "json": json.loads(answer.choices[0].message.content),
            "vectors": [[type(number).__name__ for number in row.embedding[:1]] for row in vectors.data],
            "lengths": [len(row.embedding) for row in vectors.data],
        }

    @staticmethod
    def usage(usage):
        return [usage.prompt_tokens, usage.completion_tokens]


class Anthropic:
    tools = [{"name": "get_weather", "description": "The weather", "input_schema": SCHEMA}]

    def __init__(self, base, key):
        self.client = anthropic.Anthropic(base_url=base, api_key=key, max_retries=0)

    def create(self, **given):
        return self.client.messages.create(**{"messages": QUESTION, "max_tokens": 64, **given})

    def plain(self, model):
        answer = self.create(model=model)
        return {"text": answer.content[0].text, "stop": answer.stop_reason, "model": answer.model, "usage": self.usage(answer.usage)}

    def stream(self, model):
        with self.client.messages.stream(model=model, messages=QUESTION, max_tokens=64) as stream:
            pieces = list(stream.text_stream)
            message = stream.get_final_message()
        return {"text": "".join(pieces), "pieces": len(pieces), "stop": message.stop_reason, "usage": self.usage(message.usage)}

    def tool(self, model):
        asked = self.create(model=model, tools=self.tools)
        call = next(block for block in asked.content if block.type == "tool_use")
        result = {"type": "tool_result", "tool_use_id": call.id, "content": "sunny"}
        turns = [*QUESTION, {"role": "assistant", "content": asked.content}, {"role": "user", "content": [result]}]
        said = self.create(model=model, messages=turns, tools=self.tools)
        return {"stop": asked.stop_reason, "name": call.name, "arguments": call.input, "then": said.content[0].text}

    def streamed_tool(self, model):
        with self.client.messages.stream(model=model, messages=QUESTION, max_tokens=64, tools=self.tools) as stream:
            message = stream.get_final_message()
        call = next(block for block in message.content if block.type == "tool_use")
        return {"name": call.name, "arguments": call.input}

    def models(self):
        return None

    def others(self, model):
        return None

    @staticmethod
    def usage(usage):
        return [usage.input_tokens, usage.output_tokens]


def report(speaker, stranger, models):
    said = {
        model: {what: getattr(speaker, what)(model) for what in ("plain", "stream", "tool", "streamed_tool")} for model in models
    }
    broken = None
    if "BREAK" in os.environ:
        break_next_stream()
        broken = failure(lambda: speaker.stream(models[0]))
    return {
        "answers": said,
        "models": speaker.models(),
        "others": speaker.others(models[0]),
        "broken": broken,
        "unknown_model": failure(lambda: speaker.plain("nobody/knows")),
        "wrong_key": failure(lambda: stranger.plain(models[0])),
    }


def main():
    kind, base, key, *models = sys.argv[1:]
    client = {"openai": OpenAI, "anthropic": Anthropic}[kind]
    print(json.dumps(report(client(base, key), client(base, "cck_nobody"), models)))


if __name__ == "__main__":
    main()
