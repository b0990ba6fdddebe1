import { describe, expect, test } from '@jest/globals';
import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { IDataObject, INode } from 'n8n-workflow';

const EXAMPLES = globSync('examples/workflows/*.json')
	.sort()
	.map((path): [name: string, nodes: INode[], settings: IDataObject] => {
		const { nodes, settings } = JSON.parse(readFileSync(path, 'utf8')) as {
			nodes: INode[];
			settings: IDataObject;
		};
		return [basename(path, '.json'), nodes, settings];
	});

/** The parameter with the login of a node that is reachable from the network; undefined for other nodes. */
function loginOf({ type, parameters }: INode): string | undefined {
	const name = type.split('.').at(-1)!;
	if (/^(webhook|formTrigger|chatTrigger|mcpTrigger)$/.test(name)) {
		return 'authentication';
	}
	if (name !== 'wait' || !['webhook', 'form'].includes(String(parameters.resume))) {
		return undefined;
	}
	return 'incomingAuthentication';
}

/** All expressions in parameters, at any depth. */
function expressionsIn(value: unknown): string[] {
	if (typeof value === 'string') {
		return value.startsWith('=') ? [value] : [];
	}
	return typeof value === 'object' && value !== null ? Object.values(value).flatMap(expressionsIn) : [];
}

const CREDENTIALS: IDataObject = { basicAuth: 'httpBasicAuth', headerAuth: 'httpHeaderAuth' };

test('The number of examples and of notes in each is limited.', () => {
	expect(EXAMPLES.length).toBeLessThanOrEqual(11);
	const notesOf = (nodes: INode[]) => nodes.filter(({ type }) => type === 'n8n-nodes-base.stickyNote').length;
	expect(EXAMPLES.filter(([, nodes]) => notesOf(nodes) > 6).map(([name]) => name)).toEqual([]);
});

describe.each(EXAMPLES)('The example %s', (name, nodes, settings) => {
	const nodesOf = (type: string) => nodes.filter((node) => node.type === `n8n-nodes-base.${type}`);
	const notes = nodesOf('stickyNote').map(({ parameters }) => String(parameters.content));

	test('has no reachable node without a login, and its notes name the credential', () => {
		for (const node of nodes) {
			const parameter = loginOf(node);
			if (parameter === undefined) {
				continue;
			}
			const credential = String(CREDENTIALS[String(node.parameters[parameter])]);
			const chosen = node.credentials?.[credential]?.name;
			expect([node.name, chosen]).toEqual([node.name, expect.stringMatching(/^(Form login|Webhook key)$/)]);
			expect(notes.filter((note) => note.includes(`*${chosen}*`)).length).toBeGreaterThanOrEqual(2);
		}
	});

	// An address in a published file is known to everybody.
	test('has no webhook address: n8n generates one for each import', () => {
		expect(nodes.flatMap(({ webhookId }) => webhookId ?? [])).toEqual([]);
	});

	test('passes values to SQL only as parameters', () => {
		for (const { parameters } of nodes.filter(({ type }) =>
			/postgres|mySql|microsoftSql|questDb/.test(type),
		)) {
			const { query, options } = parameters as { query: string; options: IDataObject };
			expect(query).not.toMatch(/^=|\{\{/);
			// The values are a list, because n8n would split text at commas.
			if (/\$\d/.test(query)) {
				expect(options.queryReplacement).toMatch(/^=\{\{ \[.*\] \}\}$/s);
			}
		}
	});

	test('has short expressions, and SQL only in its queries', () => {
		const ofNodes = nodes.filter(({ type }) => type !== 'n8n-nodes-base.stickyNote');
		const expressions = ofNodes.flatMap(({ parameters }) => expressionsIn(parameters));
		expect(expressions.filter((text) => text.length > 120)).toEqual([]);
		expect(ofNodes.filter(({ type }) => /code|function/i.test(type))).toEqual([]);
		const isSql = (text: string) => /\b(select|insert|update|delete)\b.+\b(from|into|set)\b/is.test(text);
		expect(expressions.filter(isSql)).toEqual([]);
		if (name === 'crm-to-iot-sync') {
			expect(ofNodes.length).toBeLessThanOrEqual(8);
			expect(expressions.join('').length).toBeLessThanOrEqual(200);
			const sql = ofNodes.flatMap(({ parameters }) => (parameters as { query?: string }).query ?? []);
			expect(sql).toHaveLength(1);
			expect(sql.join('').length).toBeLessThanOrEqual(700);
		}
	});

	test('does not save successful executions if a schedule syncs all customers', () => {
		const isScheduled = nodes.some(({ type }) => type.endsWith('.scheduleTrigger'));
		const isSync = nodes.some(({ parameters }) => parameters.operation === 'sync');
		if (isScheduled && isSync) {
			expect(settings).toMatchObject({ saveDataSuccessExecution: 'none' });
		}
	});

	test('explains in two notes how to keep customers out of its messages, if it sends messages', () => {
		const sends = JSON.stringify(nodes).includes('GROUP ROBOT');
		expect(sends).toBe(/^(a-sync-is-red|crm-to-iot-sync|monthly-audit|write-back-to-crm)$/.test(name));
		expect(notes.filter((note) => /Name Customers|nameCustomers/.test(note)).length).toBe(sends ? 2 : 0);
	});

	// n8n's editor repairs a null id, but does not save the repair.
	test('has credential ids that are strings', () => {
		for (const { credentials = {} } of nodes) {
			for (const { id } of Object.values(credentials)) {
				expect(id).toMatch(/^[a-z\d-]+$/);
			}
		}
	});
});

test('The scheduled example has at most 17 nodes, and no code.', () => {
	const [, nodes] = EXAMPLES.find(([name]) => name === 'crm-to-iot-sync')!;
	const types = nodes.map(({ type }) => type).filter((type) => type !== 'n8n-nodes-base.stickyNote');
	expect(types.length).toBeLessThanOrEqual(17);
	expect(types).not.toContain('n8n-nodes-base.code');
});

// n8n runs the branches of a node from top to bottom, and an undelivered message ends the run.
test('The example that writes back does so before it sends its message, so an undelivered message loses no record.', () => {
	const [, nodes] = EXAMPLES.find(([name]) => name === 'write-back-to-crm')!;
	const topOf = (wanted: string) => nodes.find(({ name }) => name === wanted)!.position[1];
	expect(topOf('Write Back')).toBeLessThan(topOf('Is There News'));
});
