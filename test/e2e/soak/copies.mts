import { startSimulator } from '../../../simulator/simulator.mts';
import { credentialFor } from '../tests/scene.mts';
import { startSync, type SyncParts } from '../tests/syncScene.mts';
import { figuresOf, type Figures } from './figures.mts';
import type { SyncHost } from './hosts.mts';

/** How many requests of a copy are under way at once: nothing else slows them down. */
const CONCURRENCY = 32;

/**
 * Several copies of a workflow, each with customers of its own, which are started at the same moment in one process: their first runs,
 * and then runs with nothing to send. All must end well, at once.
 */
export async function soakCopies(
	{ client, url }: SyncHost,
	parts: Pick<SyncParts, 'crm' | 'crmCredential'>,
	copies: number,
	customers: number,
): Promise<Figures[]> {
	const simulator = await startSimulator();
	try {
		const credential = await client.createCredential('Copies', credentialFor(simulator));
		const started = await Promise.all(
			Array.from({ length: copies }, async (_, index) => {
				const table = `crm_copy_${index}`;
				await parts.crm.create(table, `of_${index}_`, customers);
				return await startSync(
					{ ...parts, client, url, simulator, credential },
					{ name: `Copy ${index}`, table, options: { concurrency: CONCURRENCY, timeout: 30 } },
				);
			}),
		);
		const figures: Figures[] = [];
		for (const [name, pushed] of [
			['first runs', customers],
			['runs with nothing to send', 0],
		] as const) {
			const runs = await Promise.all(started.map(async (copy) => await copy.run()));
			const rightMs = runs.map(({ report, durationMs }) => {
				const isRight = report?.Health === 'ok' && report.Pushed === pushed;
				if (!isRight) {
					process.stdout.write(`  ${name}: ${report?.Summary ?? 'no report'}\n`);
				}
				return isRight ? durationMs : Infinity;
			});
			figures.push(figuresOf(`${copies} copies of ${customers} customers at once, ${name}`, rightMs));
		}
		return figures;
	} finally {
		await simulator.close();
	}
}
