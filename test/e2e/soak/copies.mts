import { startSimulator } from '../../../simulator/simulator.mts';
import { credentialFor } from '../tests/scene.mts';
import { startSync, type SyncParts } from '../tests/syncScene.mts';
import { figuresOf, type Figures } from './figures.mts';
import type { SyncHost } from './hosts.mts';

/** How many requests a copy has in progress at once. Nothing else slows them down. */
const CONCURRENCY = 32;

/**
 * Starts several copies of a workflow at the same moment in one process, each with its own customers: first their
 * first runs, then runs with nothing to send. Each run must succeed at the first attempt.
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
		const syncs = await Promise.all(
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
			const runs = await Promise.all(syncs.map(async (copy) => await copy.run()));
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
