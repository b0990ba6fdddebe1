import type { FastifyRequest } from 'fastify';
import type { HttpServer } from './httpServer.mts';
import { OptionError } from './options.mts';
import type { Service } from './service.mts';
import { connectionCountsOf, snapshotOf } from './snapshot.mts';

/**
 * The routes with which another process watches and controls a simulator.
 *
 * - `GET /_simulator/state` → SimulatorSnapshot
 * - `GET /_simulator/counts` → only its counts, cheap enough to poll
 * - `GET /_simulator/connections` → ConnectionCounts
 * - `POST /_simulator/reset` → 204
 * - `POST /_simulator/options` with ChangeableOptions → the settings now in force, or 400 with a `message`
 */
export function addControlRoutes({ app, connections }: HttpServer, service: Service): void {
	app.get('/_simulator/state', async () => snapshotOf(service, connections));
	app.get('/_simulator/counts', async () => snapshotOf(service, connections).counts);
	app.get('/_simulator/connections', async () => connectionCountsOf(connections));
	app.post('/_simulator/reset', async (_request, reply) => {
		service.reset();
		connections.forget();
		return reply.code(204).send();
	});
	app.post('/_simulator/options', async (request: FastifyRequest<{ Body: Buffer | undefined }>) => {
		service.change(parseJson(request.body));
		return service.settings;
	});
}

function parseJson(body: Buffer | undefined): unknown {
	try {
		return JSON.parse(String(body));
	} catch {
		throw new OptionError('The body must be a JSON object of options.');
	}
}
