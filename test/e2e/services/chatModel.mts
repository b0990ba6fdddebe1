import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A call of a tool that the model makes, and its arguments. */
export interface ToolCall {
	readonly tool: string;
	readonly args: unknown;
}

/** A request to the model, in the format of OpenAI's chat completions. */
export interface ModelRequest {
	readonly messages: ReadonlyArray<{ role: string; content: unknown; tool_call_id?: string }>;
	readonly tools?: ReadonlyArray<{ function: { name: string; description: string; parameters: object } }>;
	readonly stream?: boolean;
}

export interface ChatModel {
	/** The base URL for the credential 'OpenAI'. */
	readonly url: string;
	readonly requests: ModelRequest[];
	/** Sets the calls that the model makes from now on, one per request; after them it responds with text. */
	say(calls: readonly ToolCall[]): void;
	/** The results of the tools as the model got them, in the order of the calls. */
	answers(): string[];
	stop(): Promise<void>;
}

/** Starts a scripted model behind OpenAI's interface, on a free port of this machine. */
export async function startChatModel(): Promise<ChatModel> {
	const requests: ModelRequest[] = [];
	let script: readonly ToolCall[] = [];
	const respond = async (request: IncomingMessage, response: ServerResponse) => {
		const chunks: Buffer[] = [];
		for await (const chunk of request) {
			chunks.push(chunk as Buffer);
		}
		if (request.method !== 'POST' || request.url !== '/v1/chat/completions') {
			response.writeHead(404).end();
			return;
		}
		const modelRequest = JSON.parse(Buffer.concat(chunks).toString()) as ModelRequest;
		requests.push(modelRequest);
		const call = script[requests.length - 1];
		const reply = call ? callOf(call, requests.length) : { content: 'Done.' };
		const message = { role: 'assistant', ...reply };
		const envelope = { id: 'chat', created: 0, model: 'scripted' };
		const choice = { index: 0, finish_reason: call ? 'tool_calls' : 'stop' };
		if (modelRequest.stream === true) {
			const chunk = {
				...envelope,
				object: 'chat.completion.chunk',
				choices: [{ ...choice, delta: message }],
			};
			response.writeHead(200, { 'content-type': 'text/event-stream' });
			response.end(`data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`);
			return;
		}
		const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
		response.writeHead(200, { 'content-type': 'application/json' });
		response.end(
			JSON.stringify({ ...envelope, object: 'chat.completion', choices: [{ ...choice, message }], usage }),
		);
	};
	const server = createServer((request, response) => void respond(request, response));
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	return {
		url: `http://127.0.0.1:${port}/v1`,
		requests,
		say(calls) {
			requests.length = 0;
			script = calls;
		},
		answers: () =>
			(requests.at(-1)?.messages ?? [])
				.filter(({ role }) => role === 'tool')
				.map(({ content }) => (typeof content === 'string' ? content : JSON.stringify(content))),
		async stop() {
			server.closeAllConnections();
			server.close();
			await once(server, 'close');
		},
	};
}

function callOf({ tool, args }: ToolCall, number: number): object {
	const call = { name: tool, arguments: typeof args === 'string' ? args : JSON.stringify(args) };
	return {
		content: null,
		tool_calls: [{ index: 0, id: `call_${number}`, type: 'function', function: call }],
	};
}
