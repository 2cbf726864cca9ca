// The official TypeScript SDK as a client of /mcp: `typescript_sdk.mjs URL KEY MODE`. MODE is
// `legacy` or `auto`. Starts a session, saves a memory, delegates; prints one JSON object.
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";

const [url, key, mode] = process.argv.slice(2);
const transport = new StreamableHTTPClientTransport(new URL(url), {
  requestInit: { headers: { Authorization: `Bearer ${key}` } },
});
const client = new Client(
  { name: "doors", version: "1" },
  { capabilities: {}, versionNegotiation: { mode } },
);
await client.connect(transport);
const told = { tools: (await client.listTools()).tools.map((tool) => tool.name) };
const call = async (name, args) => {
  const result = await client.callTool({ name, arguments: args });
  if (result.isError) throw new Error(JSON.stringify(result));
  return result.structuredContent;
};
told.session = await call("start_session", { title: `Copper from TypeScript, ${mode}` });
told.memory = await call("save_memory", { session: "latest", content: "Copper", type: "decision" });
told.task = await call("delegate_task", { agent: "researcher", instructions: "Look" });
told.updates = await call("get_updates", { session: "latest" });
told.resources = (await client.listResources()).resources.length;
told.version = client.getNegotiatedProtocolVersion?.() ?? null;
await client.close();
console.log(JSON.stringify(told));
