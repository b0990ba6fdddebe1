import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import fastify from 'fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { readCertificate } from './certificate.mts';
import { Connections } from './connections.mts';
import type { HttpReply } from './reaction.mts';
import type { Service } from './service.mts';
import { nextLatencyMs } from './settings.mts';

/** The service's only path. */
export const servicePath = '/api/exploreropen/serviceapi';

/** Room for a customer with a hundred thousand devices; the service's own limit is not documented. */
const bodyLimitBytes = 32 * 1024 * 1024;

/** The server, not yet listening, and its connections. */
export interface HttpServer {
	readonly app: FastifyInstance;
	readonly connections: Connections;
}

/** Puts a service behind an HTTP or https server that gives its routes the body as a Buffer. */
export function createHttpServer(service: Service, { tls }: { readonly tls: boolean }): HttpServer {
	const app = fastify({
		bodyLimit: bodyLimitBytes,
		serverFactory: (handler) => (tls ? createTlsServer(readCertificate(), handler) : createServer(handler)),
	});
	const connections = new Connections(app.server);
	app.removeAllContentTypeParsers();
	app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
	app.addHook('onSend', (_request, reply, payload, done) => {
		// Otherwise Node adds its own Date header.
		reply.raw.sendDate = false;
		if (service.habits.hidesDate !== true) {
			reply.header('date', new Date(service.nowMs()).toUTCString());
		}
		done(null, payload);
	});
	app.post(servicePath, async (request: FastifyRequest<{ Body: Buffer | undefined }>, reply) => {
		const reaction = service.receive(request.body ?? Buffer.alloc(0), request.headers['content-type']);
		const latencyMs = nextLatencyMs(service.settings);
		// Not ref'd: a response that no client waits for must not keep the process of a closed simulator alive.
		if (latencyMs > 0) {
			await sleep(latencyMs, undefined, { ref: false });
		}
		await reaction.until;
		if (reaction.kind === 'answer') {
			return send(reply, reaction);
		}
		reply.hijack();
		if (reaction.kind === 'reset') {
			connections.reset(request.socket);
		}
		return reply;
	});
	return { app, connections };
}

function send(reply: FastifyReply, { status, headers, body }: HttpReply): FastifyReply {
	return reply.code(status).headers(headers).send(body);
}
