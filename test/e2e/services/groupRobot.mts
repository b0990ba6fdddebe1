import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A stand-in for the robot of a WeCom group, to which a workflow posts its messages. */
export interface GroupRobot {
	readonly url: string;
	/** The texts that it has accepted so far, in order. */
	readonly messages: readonly string[];
	/** The bodies of all requests so far, accepted or not. */
	readonly bodies: readonly string[];
	/** Replaces the usual response; with `silence` there is none, and the sender waits until its request times out. */
	answer: { status: number; body: string } | 'silence' | undefined;
	stop(): Promise<void>;
}

/**
 * Starts a robot on a free port of this machine. Like WeCom's, it responds with status 200 to everything, and
 * `errcode` shows whether it accepted the message.
 * @param onMessage called with each accepted message
 */
export async function startGroupRobot(onMessage?: (message: string) => void): Promise<GroupRobot> {
	const messages: string[] = [];
	const bodies: string[] = [];
	const server = createServer((request, response) => {
		void text(request).then((body) => {
			bodies.push(body);
			// Stays open: if the connection were closed at once, some clients would retry, which is a second message.
			if (robot.answer === 'silence') {
				return;
			}
			const message = messageIn(body);
			if (message !== undefined && robot.answer === undefined) {
				messages.push(message);
				onMessage?.(message);
			}
			const usualBody = JSON.stringify(
				message === undefined ? { errcode: 40008 } : { errcode: 0, errmsg: 'ok' },
			);
			const { status, body: responseBody } = robot.answer ?? { status: 200, body: usualBody };
			if (responseBody.startsWith('{')) {
				response.setHeader('content-type', 'application/json');
			}
			// Node closes a kept-alive connection after five idle seconds: a message sent at that moment would be lost.
			response.setHeader('connection', 'close');
			response.writeHead(status).end(responseBody);
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
		const { msgtype, text: message } = JSON.parse(body) as {
			msgtype?: unknown;
			text?: { content?: unknown };
		};
		return msgtype === 'text' && typeof message?.content === 'string' ? message.content : undefined;
	} catch {
		return undefined;
	}
}
