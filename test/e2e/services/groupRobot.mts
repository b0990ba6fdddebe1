import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A stand-in for the robot of a WeCom group, to which a workflow posts its messages. */
export interface GroupRobot {
	readonly url: string;
	/** The texts that it took, in order, live. */
	readonly messages: readonly string[];
	/** What it was sent, whatever became of it. */
	readonly bodies: readonly string[];
	/** What it answers instead of its own answer; `silence` is none: who posts waits until it gives up. */
	answer: { status: number; body: string } | 'silence' | undefined;
	stop(): Promise<void>;
}

/**
 * Starts a robot on a free port of this machine. As WeCom's does, it answers with status 200 whatever it is sent, and
 * says by `errcode` whether it took it.
 * @param onMessage told of each message that it takes
 */
export async function startGroupRobot(onMessage?: (message: string) => void): Promise<GroupRobot> {
	const messages: string[] = [];
	const bodies: string[] = [];
	const server = createServer((request, response) => {
		void text(request).then((body) => {
			bodies.push(body);
			// A connection that is ended at once would be tried again by some clients, which is a second message.
			if (robot.answer === 'silence') {
				return;
			}
			const message = messageIn(body);
			if (message !== undefined && robot.answer === undefined) {
				messages.push(message);
				onMessage?.(message);
			}
			const usualAnswer = JSON.stringify(
				message === undefined ? { errcode: 40008 } : { errcode: 0, errmsg: 'ok' },
			);
			const { status, body: answer } = robot.answer ?? { status: 200, body: usualAnswer };
			if (answer.startsWith('{')) {
				response.setHeader('content-type', 'application/json');
			}
			// Kept alive, a connection is closed after five idle seconds: a message that comes just then is lost, and the run red.
			response.setHeader('connection', 'close');
			response.writeHead(status).end(answer);
		});
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	const stop = async () => {
		server.closeAllConnections();
		server.close();
		await once(server, 'close');
	};
	const url = `http://127.0.0.1:${port}/cgi-bin/webhook/send?key=demo`;
	const robot: GroupRobot = { url, messages, bodies, answer: undefined, stop };
	return robot;
}

function messageIn(body: string): string | undefined {
	try {
		const { msgtype, text: sent } = JSON.parse(body) as { msgtype?: unknown; text?: { content?: unknown } };
		return msgtype === 'text' && typeof sent?.content === 'string' ? sent.content : undefined;
	} catch {
		return undefined;
	}
}
