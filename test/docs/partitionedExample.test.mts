import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { partitionedSync, SHIPPED } from '../../examples/partitionedSync.mts';

const targetsOf = ({ connections }: ReturnType<typeof partitionedSync>, name: string) =>
	connections[name]!.main.map((output) => output.map(({ node }) => node));

test('The example for partitions is what npm run partitions writes.', () => {
	const shipped = readFileSync('examples/workflows/crm-to-iot-sync-partitioned.json', 'utf8');
	expect(shipped).toBe(`${JSON.stringify(partitionedSync(SHIPPED), null, '\t')}\n`);
});

test.each([1, SHIPPED, 32])(
	'With %i Sync nodes each partition is read for its own one, and reports.',
	(count) => {
		const workflow = partitionedSync(count);
		const parts = Array.from({ length: count }, (_, index) => index + 1);
		expect(targetsOf(workflow, 'Which Partition')).toEqual([
			...parts.map((part) => [`Read ${part}`]),
			['No Such Partition'],
		]);
		for (const part of parts) {
			expect(targetsOf(workflow, `Read ${part}`)).toEqual([[`Sync ${part}`]]);
			expect(targetsOf(workflow, `Sync ${part}`)).toEqual([['Store Report'], ['Failed Customers']]);
		}
		const names = workflow.nodes.map(({ name }) => name);
		const ids = workflow.nodes.map(({ id }) => id);
		// A sync state is named by the id of its node.
		expect([new Set(names).size, new Set(ids).size]).toEqual([names.length, names.length]);
		const connected = Object.values(workflow.connections).flatMap(({ main }) => main.flat());
		const known = [...Object.keys(workflow.connections), ...connected.map(({ node }) => node)];
		expect(known.filter((name) => !names.includes(name))).toEqual([]);
		const places = workflow.nodes.map(({ position }) => String(position));
		expect(new Set(places).size).toBe(places.length);
	},
);
