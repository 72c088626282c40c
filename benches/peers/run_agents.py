"""run_agents.py WAY URL AGENTS: runs agents side by side against an endpoint that answers by itself, and prints as JSON
what the loops took: wall and processor seconds, and megabytes above what the process had after one agent.
"""

import asyncio
import json
import os
import resource
import sys
import time

WAY, URL, AGENTS = sys.argv[1], sys.argv[2], int(sys.argv[3])
os.environ.update(
    OPENAI_API_KEY="none", OPENAI_AGENTS_DISABLE_TRACING="1", LANGSMITH_TRACING="false", NO_PROXY="127.0.0.1"
)

INSTRUCTIONS = ("You are an expert designer of competitions. " * 100)[:4096]
OUTPUT = ("-rw-r--r-- 1 u g 12345 part.csv\n" * 80)[:2048]
QUESTION = "Design the competition."
STEPS = 20


def http_client():
    import httpx

    limits = httpx.Limits(max_connections=2000, max_keepalive_connections=2000)
    return httpx.AsyncClient(limits=limits, timeout=600, trust_env=False)


def openai_client():
    import openai

    return openai.AsyncOpenAI(base_url=URL, max_retries=0, timeout=600, http_client=http_client())


def openai_agents():
    import agents

    agents.set_tracing_disabled(True)
    model = agents.OpenAIChatCompletionsModel(model="mock", openai_client=openai_client())

    @agents.function_tool
    async def run_bash(command: str) -> str:
        """Run a bash command."""
        return OUTPUT

    agent = agents.Agent(name="designer", instructions=INSTRUCTIONS, tools=[run_bash], model=model)

    async def one():
        return (await agents.Runner.run(agent, QUESTION, max_turns=30)).final_output

    return one


def langgraph():
    import warnings

    warnings.filterwarnings("ignore")
    from langchain_core.tools import tool
    from langchain_openai import ChatOpenAI
    from langgraph.prebuilt import create_react_agent

    @tool
    async def run_bash(command: str) -> str:
        """Run a bash command."""
        return OUTPUT

    model = ChatOpenAI(
        model="mock", base_url=URL, api_key="none", max_retries=0, timeout=600, http_async_client=http_client()
    )
    graph = create_react_agent(model, [run_bash], prompt=INSTRUCTIONS)

    async def one():
        state = await graph.ainvoke({"messages": [("user", QUESTION)]}, {"recursion_limit": 100})
        return state["messages"][-1].content

    return one


def pydantic_ai():
    from pydantic_ai import Agent, UsageLimits
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider

    model = OpenAIChatModel("mock", provider=OpenAIProvider(openai_client=openai_client()))
    agent = Agent(model, instructions=INSTRUCTIONS)

    @agent.tool_plain
    async def run_bash(command: str) -> str:
        """Run a bash command."""
        return OUTPUT

    async def one():
        return (await agent.run(QUESTION, usage_limits=UsageLimits(request_limit=100))).output

    return one


def by_hand():
    import aiohttp

    parameters = {"type": "object", "properties": {"command": {"type": "string"}}, "required": ["command"]}
    function = {"name": "run_bash", "description": "Run a bash command.", "parameters": parameters}
    tools = [{"type": "function", "function": function}]
    session = aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(total=600)
    )

    async def one():
        messages = [{"role": "system", "content": INSTRUCTIONS}, {"role": "user", "content": QUESTION}]
        while True:
            body = {"model": "mock", "messages": messages, "tools": tools}
            async with session.post(URL + "/chat/completions", json=body) as response:
                message = (await response.json())["choices"][0]["message"]
            messages.append(message)
            if not message.get("tool_calls"):
                await asyncio.sleep(0)
                return message["content"]
            for call in message["tool_calls"]:
                json.loads(call["function"]["arguments"])
                messages.append({"role": "tool", "tool_call_id": call["id"], "content": OUTPUT})

    return one


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


async def main():
    ways = {"openai-agents": openai_agents, "langgraph": langgraph, "pydantic-ai": pydantic_ai, "aiohttp": by_hand}
    one = ways[WAY]()
    assert await one() == "done"
    memory, wall, cpu = peak(), time.perf_counter(), time.process_time()
    said = await asyncio.gather(*[one() for _ in range(AGENTS)])
    took = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu, "megabytes": peak() - memory}
    assert said == ["done"] * AGENTS
    print(json.dumps(took), flush=True)
    os._exit(0)


hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
try:
    import uvloop

    uvloop.run(main())
except ImportError:
    asyncio.run(main())
