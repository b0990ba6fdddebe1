/**
 * The behaviour of Data Tables that the package relies on. The same suite runs against n8n with SQLite and PostgreSQL, and against the
 * embedded engine's tables, so any difference fails here.
 */
import assert from 'node:assert/strict';
import {
	equal,
	namedExactly,
	type ListedTable,
	type TableRow,
} from '../../nodes/TencentCloudIot/tables/dataTables.ts';
import type { ContractCall, ContractResult } from './contractNode.mts';

/** A project with Data Tables, and the node that uses them. */
export interface ContractHost {
	/** Runs the node once, with calls in sequence or all at once. */
	run(calls: readonly ContractCall[], atOnce?: boolean): Promise<ContractResult[]>;
	readonly database: 'sqlite' | 'postgres';
	/** From this total size on, statements that make the tables larger are refused. */
	readonly maxBytes: number;
}

/** One behaviour of Data Tables. */
export interface ContractCase {
	readonly name: string;
	see(host: ContractHost): Promise<void>;
}

const COLUMNS = { owner: 'string', stamp: 'string', size: 'number', at: 'date', last: 'string' } as const;

/** Texts that n8n would evaluate in a parameter. */
const EXPRESSIONS = [
	'=1+1',
	'={{ $workflow.id }}',
	'={{ Object.keys($env).length }}',
	'=',
	'{{ 1 + 1 }}',
	'$json.id',
];

type Answer = TableRow[] & ListedTable[];

/** Runs one call that must succeed. */
async function ask(host: ContractHost, ...steps: ContractCall['steps']): Promise<Answer[]> {
	const [result] = await host.run([{ steps }]);
	if (result === undefined || 'error' in result) {
		throw new Error(`The call failed: ${result?.error}`);
	}
	return result.answers as Answer[];
}

/** Runs one call that must be refused, and returns the reason. */
async function whyRefused(host: ContractHost, ...steps: ContractCall['steps']): Promise<string | undefined> {
	const [result] = await host.run([{ steps }]);
	assert.ok(result !== undefined && 'error' in result, 'the call succeeded');
	return result.why ?? result.error;
}

let tables = 0;

/** Creates a table that no other case uses. */
async function newTable(host: ContractHost, suffix = ''): Promise<{ name: string; table: { id: string } }> {
	tables += 1;
	const name = `contract_${tables}_x${suffix}`;
	const [[created] = []] = await ask(host, { do: 'create', name, columns: COLUMNS });
	assert.ok(created !== undefined);
	assert.equal(created.name, name);
	assert.deepEqual([...created.columns].sort(), Object.keys(COLUMNS).sort());
	return { name, table: { id: created.id } };
}

export const CONTRACT: readonly ContractCase[] = [
	{
		name: 'Listing by name also returns tables whose names contain it; only the exact name counts.',
		see: async (host) => {
			const { name, table } = await newTable(host);
			const copy = `${name}_backup`;
			// `_` matches any character, and case does not count.
			const alike = `${name.replace('_x', 'Qx')}`.toUpperCase();
			for (const other of [copy, alike]) {
				await ask(host, { do: 'create', name: other, columns: COLUMNS });
			}
			const list = { do: 'list', nameContains: name } as const;
			const [listed = []] = await ask(host, list);
			assert.deepEqual(listed.map((each) => each.name).sort(), [name, copy, alike].sort());
			assert.equal(namedExactly(listed, name)?.id, table.id);
			const copyId = { id: namedExactly(listed, copy)!.id };
			await ask(host, { do: 'insert', table, rows: [{ owner: 'the right one' }] });
			// Now the copy was changed last, so n8n itself would take it.
			await ask(host, { do: 'insert', table: copyId, rows: [{ owner: 'a copy' }] });
			const [, rows = []] = await ask(host, list, { do: 'read', table: { name } });
			assert.deepEqual(
				rows.map(({ owner }) => owner),
				['the right one'],
			);
		},
	},
	{
		name: 'Reading a table that does not exist by name returns no rows and does not fail.',
		see: async (host) => {
			const { name } = await newTable(host, '_gone');
			const wanted = name.replace('_gone', '');
			const answers = await ask(
				host,
				{ do: 'list', nameContains: wanted },
				{ do: 'read', table: { name: wanted }, where: { every: [equal('owner', 'x')] } },
				{ do: 'read', table: { name } },
			);
			assert.deepEqual([answers[0]?.length, answers[1], answers[2]], [1, [], []]);
		},
	},
	{
		name: 'Changing a table that does not exist by name fails, but earlier steps of the call stay applied.',
		see: async (host) => {
			const { name, table } = await newTable(host, '_kept');
			const wanted = { name: name.replace('_kept', '') };
			const where = { every: [equal('owner', 'x')] };
			const list = { do: 'list', nameContains: wanted.name } as const;
			const insert = { do: 'insert', table, rows: [{ owner: 'x' }] } as const;
			for (const step of [
				{ do: 'update', table: wanted, where, set: { owner: 'y' } },
				{ do: 'remove', table: wanted, where },
				{ do: 'insert', table: wanted, rows: [{ owner: 'z' }] },
			] as const) {
				assert.equal(await whyRefused(host, list, insert, step), 'notFound', step.do);
			}
			const [rows = []] = await ask(host, { do: 'read', table });
			assert.equal(rows.length, 3);
		},
	},
	{
		name: 'A table is created, written and read in one call; creating it again with other columns changes nothing.',
		see: async (host) => {
			const name = `contract_made_${host.database}`;
			const list = { do: 'list', nameContains: name } as const;
			const create = { do: 'create', name, columns: COLUMNS } as const;
			const insert = { do: 'insert', table: { name }, rows: [{ owner: '=1+1' }] } as const;
			const [listed, [created] = [], , rows = []] = await ask(host, list, create, insert, {
				do: 'read',
				table: { name },
			});
			assert.deepEqual([listed, created?.name], [[], name]);
			assert.deepEqual(
				rows.map(({ owner }) => owner),
				['=1+1'],
			);
			const other = { do: 'create', name, columns: { quite: 'string', other: 'string' } } as const;
			const [, [again] = []] = await ask(host, list, other);
			assert.deepEqual(
				[again?.id, [...(again?.columns ?? [])].sort()],
				[created?.id, Object.keys(COLUMNS).sort()],
			);
			await ask(host, { do: 'drop', table: { id: created!.id } });
			assert.deepEqual(await ask(host, list), [[]]);
		},
	},
	{
		name: 'Text that starts with "=" stays text wherever a value is allowed.',
		see: async (host) => {
			const { table } = await newTable(host);
			for (const text of EXPRESSIONS) {
				const where = { every: [equal('owner', text), equal('stamp', text)] };
				const insert = { do: 'insert', table, rows: [{ owner: text, stamp: text }] } as const;
				const [, read = []] = await ask(host, insert, { do: 'read', table, where });
				assert.deepEqual(
					read.map(({ owner, stamp }) => [owner, stamp]),
					[[text, text]],
				);
				const set = { last: text };
				const some = { some: [equal('last', text)] };
				const [changed = [], found = []] = await ask(
					host,
					{ do: 'update', table, where, set },
					{ do: 'read', table, where: some },
				);
				assert.deepEqual([changed.map(({ last }) => last), found.length], [[text], 1]);
				const [removed = []] = await ask(host, { do: 'remove', table, where: some });
				assert.equal(removed.length, 1);
				assert.deepEqual(await ask(host, { do: 'list', nameContains: text.repeat(2) }), [[]]);
			}
		},
	},
	{
		name: 'An empty cell is null or an empty string, and each has its own condition.',
		see: async (host) => {
			const { table } = await newTable(host);
			const rows = [{ owner: null }, { owner: '' }, { owner: 'somebody' }, {}];
			await ask(host, { do: 'insert', table, rows: rows.map((row, size) => ({ ...row, size })) });
			const [read = []] = await ask(host, { do: 'read', table });
			assert.deepEqual(
				read.map(({ owner }) => owner),
				[null, '', 'somebody', null],
			);
			const whose = async (is: 'equal' | 'notEqual', value: string | null) => {
				const where = { every: [{ column: 'owner', is, value }] };
				const [found = []] = await ask(host, { do: 'read', table, where });
				return found.map(({ size }) => size);
			};
			// From n8n 2.16 on, null also matches an empty string.
			assert.deepEqual(
				(await whose('equal', null)).filter((size) => size !== 1),
				[0, 3],
			);
			assert.deepEqual(await whose('equal', ''), [1]);
			assert.deepEqual(
				(await whose('notEqual', null)).filter((size) => size !== 1),
				[2],
			);
			// "Not equal" also matches null.
			assert.deepEqual(await whose('notEqual', 'somebody'), [0, 1, 3]);
			const answers = await ask(
				host,
				...[null, ''].map((stamp) => ({
					do: 'update' as const,
					table,
					where: { every: [equal('stamp', stamp), equal('size', 1)] },
					set: { stamp: 'free 1' },
				})),
			);
			assert.equal(answers.flat().length, 1);
		},
	},
	{
		name: 'A text search ignores case, and % is the only wildcard.',
		see: async (host) => {
			const { table } = await newTable(host);
			const texts = ['User_1', 'userx1', 'a\\b', '50%'];
			await ask(host, { do: 'insert', table, rows: texts.map((owner) => ({ owner })) });
			const matching = async (value: string) => {
				const where = { every: [{ column: 'owner', is: 'like', value }] } as const;
				const [found = []] = await ask(host, { do: 'read', table, where });
				return found.map(({ owner }) => owner);
			};
			assert.deepEqual(await matching('%SER_%'), ['User_1']);
			assert.deepEqual(await matching('user%'), ['User_1', 'userx1']);
			assert.deepEqual(await matching('%ser'), []);
			assert.deepEqual(await matching('%X1'), ['userx1']);
			assert.deepEqual(await matching('%\\%'), ['a\\b']);
			assert.deepEqual(await matching('=1%'), []);
		},
	},
	{
		name: 'A NUL is dropped, a lone surrogate is replaced, everything else is returned unchanged.',
		see: async (host) => {
			const { table } = await newTable(host);
			const strange = 'ü 智能门锁 🔒 \u2028 "\' \\ \n\t <b> %_';
			const owners = ['a\0b', strange, 'x\ud800y'];
			await ask(host, { do: 'insert', table, rows: owners.map((owner) => ({ owner })) });
			const [read = []] = await ask(host, { do: 'read', table });
			assert.deepEqual(
				read.map(({ owner }) => owner),
				['ab', strange, 'x\ufffdy'],
			);
			const [found = []] = await ask(host, { do: 'read', table, where: { every: [equal('owner', 'a\0b')] } });
			assert.equal(found.length, 1);
		},
	},
	{
		name: 'Equality respects case and blanks, % and _ are not wildcards, and numbers are doubles.',
		see: async (host) => {
			const { table } = await newTable(host);
			await ask(host, {
				do: 'insert',
				table,
				rows: [
					{ owner: 'Aa', size: 2 ** 53 },
					{ owner: 'b ', size: 0.1 },
				],
			});
			const count = async (owner: string) => {
				const [found = []] = await ask(host, {
					do: 'read',
					table,
					where: { every: [equal('owner', owner)] },
				});
				return found.length;
			};
			assert.deepEqual(
				[await count('aa'), await count('b'), await count('A%'), await count('A_')],
				[0, 0, 0, 0],
			);
			assert.deepEqual([await count('Aa'), await count('b ')], [1, 1]);
			const sized = async (size: number) => {
				const [found = []] = await ask(host, { do: 'read', table, where: { every: [equal('size', size)] } });
				return found.map((row) => row['size']);
			};
			assert.deepEqual(await sized(2 ** 53 + 1), [2 ** 53]);
			assert.deepEqual([await sized(0.1), await sized(0.2)], [[0.1], []]);
			const [below = []] = await ask(host, {
				do: 'read',
				table,
				where: { every: [{ column: 'size', is: 'less', value: 1 }] },
			});
			assert.deepEqual(
				below.map(({ size }) => size),
				[0.1],
			);
		},
	},
	{
		name: 'Of many simultaneous UPDATEs with the same stamp, exactly one takes effect and returns the updated row.',
		see: async (host) => {
			const { table } = await newTable(host);
			for (let round = 0; round < 5; round++) {
				await ask(host, { do: 'insert', table, rows: [{ owner: `${round}`, stamp: 'seen' }] });
				const where = { every: [equal('owner', `${round}`), equal('stamp', 'seen')] };
				const calls = Array.from({ length: 8 }, (_, index) => ({
					steps: [{ do: 'update', table, where, set: { stamp: `of ${index}` } }] as const,
				}));
				const results = await host.run(calls, true);
				const rows = results.flatMap((result) =>
					'answers' in result ? (result.answers as TableRow[][]).flat() : [],
				);
				assert.deepEqual(
					results.filter((result) => 'error' in result),
					[],
				);
				assert.equal(rows.length, 1, `${rows.length} passed`);
				const [read = []] = await ask(host, {
					do: 'read',
					table,
					where: { every: [equal('owner', `${round}`)] },
				});
				assert.deepEqual(
					read.map(({ stamp }) => stamp),
					rows.map(({ stamp }) => stamp),
				);
			}
		},
	},
	{
		name: 'The steps of a call run in order; a failing step ends it, and earlier steps stay applied.',
		see: async (host) => {
			const { table } = await newTable(host);
			const rows = [{ owner: 'first', stamp: 'a' }];
			const where = { every: [equal('stamp', 'a')] };
			const [, changed = [], removed = [], left = []] = await ask(
				host,
				{ do: 'insert', table, rows },
				{ do: 'update', table, where, set: { stamp: 'b' } },
				{ do: 'remove', table, where: { every: [equal('stamp', 'b')] } },
				{ do: 'read', table },
			);
			assert.deepEqual([changed.length, removed.length, left.length], [1, 1, 0]);
			const nobody = { every: [equal('stamp', 'nobody has it')] };
			// A step that matches no row does not end the call.
			const [none, , read = []] = await ask(
				host,
				{ do: 'update', table, where: nobody, set: { stamp: 'x' } },
				{ do: 'insert', table, rows },
				{ do: 'read', table },
			);
			assert.deepEqual([none, read.length], [[], 1]);
			const why = await whyRefused(
				host,
				{ do: 'insert', table, rows: [{ owner: 'second' }] },
				{ do: 'update', table: { id: 'nosuchtable' }, where: nobody, set: { stamp: 'x' } },
				{ do: 'insert', table, rows: [{ owner: 'third' }] },
			);
			const [after = []] = await ask(host, { do: 'read', table });
			assert.deepEqual([why, after.map(({ owner }) => owner)], ['notFound', ['first', 'second']]);
		},
	},
	{
		name: 'The result of a step is returned even if the last step of the call returns nothing.',
		see: async (host) => {
			const { name, table } = await newTable(host);
			const list = { do: 'list', nameContains: name } as const;
			const insert = { do: 'insert', table, rows: [{ owner: 'x' }] } as const;
			const [listed = [], inserted] = await ask(host, list, insert);
			assert.deepEqual([namedExactly(listed, name)?.id, inserted], [table.id, []]);
			const [before = [], , after = [], dropped] = await ask(host, { do: 'read', table }, insert, list, {
				do: 'drop',
				table,
			});
			assert.deepEqual([before.length, namedExactly(after, name)?.id, dropped], [1, table.id, []]);
		},
	},
	{
		name: 'Every row that matches is changed and returned; conditions are combined with AND or OR.',
		see: async (host) => {
			const { table } = await newTable(host);
			const rows = ['a', 'b', 'c', 'd'].map((owner, size) => ({ owner, size }));
			await ask(host, { do: 'insert', table, rows });
			const some = { some: [equal('owner', 'a'), equal('owner', 'c')] };
			const [changed = []] = await ask(host, { do: 'update', table, where: some, set: { stamp: 'new' } });
			assert.deepEqual(changed.map(({ owner, stamp }) => [owner, stamp]).sort(), [
				['a', 'new'],
				['c', 'new'],
			]);
			const every = { every: [equal('stamp', 'new'), equal('owner', 'c')] };
			const [removed = []] = await ask(host, { do: 'remove', table, where: every });
			const [left = []] = await ask(host, { do: 'read', table });
			assert.deepEqual(
				[removed.map(({ owner }) => owner), left.map(({ owner }) => owner)],
				[['c'], ['a', 'b', 'd']],
			);
			assert.deepEqual(await ask(host, { do: 'remove', table, where: every }), [[]]);
		},
	},
	{
		name: 'SQLite reuses the id of a deleted row, PostgreSQL does not: references need their own names.',
		see: async (host) => {
			const { table } = await newTable(host);
			await ask(host, { do: 'insert', table, rows: [{ owner: 'a' }, { owner: 'b' }] });
			const [, , read = []] = await ask(
				host,
				{ do: 'remove', table, where: { every: [equal('owner', 'b')] } },
				{ do: 'insert', table, rows: [{ owner: 'c' }] },
				{ do: 'read', table },
			);
			const ids = { sqlite: [1, 2], postgres: [1, 3] }[host.database];
			assert.deepEqual(
				read.map(({ id }) => id),
				ids,
			);
		},
	},
	{
		name: 'One call can insert thousands of rows, and the newest can be read.',
		see: async (host) => {
			const { table } = await newTable(host);
			const rows = Array.from({ length: 2500 }, (_, size) => ({ owner: 'bulk', size }));
			await ask(host, { do: 'insert', table, rows });
			const [newest = [], everyRow = []] = await ask(
				host,
				{ do: 'read', table, newest: 3 },
				{ do: 'read', table, where: { every: [equal('owner', 'bulk')] } },
			);
			assert.deepEqual(
				newest.map(({ size }) => size),
				[2499, 2498, 2497],
			);
			assert.deepEqual([everyRow.length, everyRow[0]?.['size'], everyRow.at(-1)?.['size']], [2500, 0, 2499]);
			const [removed = []] = await ask(host, {
				do: 'remove',
				table,
				where: { every: [equal('owner', 'bulk')] },
			});
			assert.equal(removed.length, 2500);
		},
	},
	{
		name: 'Megabytes of content are stored and returned unchanged.',
		see: async (host) => {
			const { table } = await newTable(host);
			const content = 'ABCDefgh0123+/=='.repeat((3 * 1024 * 1024) / 16);
			await ask(host, { do: 'insert', table, rows: [{ owner: 'large', last: content }] });
			const [read = []] = await ask(host, { do: 'read', table });
			assert.ok(read[0]?.['last'] === content);
			await ask(host, { do: 'drop', table });
		},
	},
	{
		name: 'An unknown column or an unknown table id is refused by name.',
		see: async (host) => {
			const { table } = await newTable(host);
			const other = { every: [equal('no_such_column', 'x')] };
			const refusals = [
				await whyRefused(host, { do: 'read', table, where: other }),
				await whyRefused(host, { do: 'insert', table, rows: [{ no_such_column: 'x' }] }),
				await whyRefused(host, {
					do: 'update',
					table,
					where: { every: [equal('id', 1)] },
					set: { no_such: 'x' },
				}),
				await whyRefused(host, { do: 'insert', table, rows: [{ size: 'large' }] }),
			];
			assert.deepEqual(refusals, Array(4).fill('otherColumns'));
			await ask(host, { do: 'drop', table });
			const where = { every: [equal('id', 1)] };
			const gone = [
				await whyRefused(host, { do: 'read', table, where }),
				await whyRefused(host, { do: 'update', table, where, set: { owner: 'x' } }),
				await whyRefused(host, { do: 'insert', table, rows: [{ owner: 'x' }] }),
				await whyRefused(host, { do: 'remove', table, where }),
			];
			assert.deepEqual(gone, Array(4).fill('notFound'));
		},
	},
	{
		name: 'When the space is used up, INSERT and UPDATE fail but DELETE works.',
		see: async (host) => {
			const { table } = await newTable(host);
			await ask(host, { do: 'insert', table, rows: [{ owner: 'lock', stamp: 'a' }] });
			// Small cells that cannot be compressed: PostgreSQL stores large ones elsewhere, which n8n 2.15 does not count.
			const random = () => Math.random().toString(36).slice(2, 10).padEnd(8, '0');
			const large = Array.from({ length: host.maxBytes / 1024 }, () => {
				return { owner: 'large', last: Array.from({ length: 128 }, random).join('') };
			});
			await ask(host, { do: 'insert', table, rows: large });
			const where = { every: [equal('owner', 'lock')] };
			const refusals = [
				await whyRefused(host, { do: 'insert', table, rows: [{ owner: 'x' }] }),
				await whyRefused(host, { do: 'update', table, where, set: { stamp: 'b' } }),
			];
			assert.deepEqual(refusals, ['full', 'full']);
			const [read = []] = await ask(host, { do: 'read', table, where });
			assert.deepEqual(
				read.map(({ stamp }) => stamp),
				['a'],
			);
			const [removed = []] = await ask(host, {
				do: 'remove',
				table,
				where: { every: [equal('owner', 'large')] },
			});
			assert.equal(removed.length, large.length);
			// PostgreSQL counts deleted rows until they are vacuumed; the space of a dropped table is free at once.
			const [again] = await host.run([{ steps: [{ do: 'insert', table, rows: [{ owner: 'x' }] }] }]);
			assert.equal(again !== undefined && 'error' in again, host.database === 'postgres');
			await ask(host, { do: 'drop', table });
			await newTable(host);
		},
	},
];
