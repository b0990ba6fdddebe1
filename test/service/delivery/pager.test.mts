import { describe, expect, test } from '@jest/globals';
import { firstPage, recordsIn, type Paging } from '../../../nodes/TencentCloudIot/service/paging';
import { pagingConduct } from '../../../nodes/TencentCloudIot/service/delivery/pager';
import type { ResponseData } from '../../../nodes/TencentCloudIot/service/outcome';
import type { Requests } from '../../../nodes/TencentCloudIot/service/delivery/conduct';
import type { Delivered } from '../../../nodes/TencentCloudIot/service/fate';
import { failureWith } from '../../support/failures.mts';
import { endOf } from '../../support/sending.mts';
import type { Parameters } from '../../../nodes/TencentCloudIot/service/signing/signature';

type SendPage = Requests['send'];

/** Reads lists of one run. */
function pagerOf(paging: Paging) {
	const conductOf = pagingConduct(paging);
	return async (send: SendPage, parameters: Parameters = {}) =>
		await conductOf(parameters)({ send } as Requests);
}

/** Reads the only list of a run. */
async function sendPages(send: SendPage, parameters: Parameters, paging: Paging): Promise<Delivered> {
	return await pagerOf(paging)(send, parameters);
}

const byOffset: Paging = { list: 'List', size: 'Limit', by: 'Offset' };
const byContext: Paging = { list: 'List', size: 'Size', by: 'Context' };

/** A service that returns these responses in order, and a list of the parameters that it received. */
function serviceOf(answers: readonly ResponseData[]) {
	const asked: Parameters[] = [];
	const send = async (parameters: Parameters): Promise<Delivered> => {
		const data = answers[asked.length] ?? { List: [] };
		asked.push(parameters);
		return {
			kind: 'answered',
			outcome: { outcome: 'OK', data, requestId: undefined },
			requestIds: ['r'],
			parametersDigest: '',
		};
	};
	return { asked, send };
}

async function readAll(paging: Paging, answers: readonly ResponseData[], parameters: Parameters = {}) {
	const { asked, send } = serviceOf(answers);
	const { outcome, pages, requestIds } = endOf(await sendPages(send, parameters, paging));
	const records = outcome.outcome === 'OK' ? recordsIn(outcome.data, 'List') : undefined;
	return { asked, records, pages, requests: requestIds.length };
}

describe('With Offset, a list ends', () => {
	test.each<[string, ResponseData[], unknown[], number[]]>([
		[
			'when Total is reached',
			[
				{ List: [1, 2], Total: 3 },
				{ List: [3], Total: 3 },
			],
			[1, 2, 3],
			[0, 2],
		],
		['at an empty page, without a Total', [{ List: [1, 2] }, { List: [3] }], [1, 2, 3], [0, 2, 3]],
		['at once if it is empty', [{ List: null, Total: 0 }], [], [0]],
		['at a response without the list', [{ List: [1] }, {}], [1], [0, 1]],
	])('%s', async (_, answers, records, offsets) => {
		const read = await readAll(byOffset, answers);
		expect(read.records).toEqual(records);
		expect(read.asked.map(({ Offset }) => Offset)).toEqual(offsets);
		expect([read.pages, read.requests]).toEqual([offsets.length, offsets.length]);
	});
});

describe('With Context, a list ends', () => {
	const page = (record: number, Context: unknown, Listover: boolean) => ({
		List: [record],
		Context,
		Listover,
	});
	test.each<[string, ResponseData[], unknown[], unknown[]]>([
		['with an empty Context', [page(1, 'a', true), page(2, '', false)], [1, 2], [undefined, 'a']],
		['without a Context', [page(1, 'a', true), { List: [2] }], [1, 2], [undefined, 'a']],
		[
			'at an empty page, if each page has the same Context',
			[page(1, 'a', true), page(2, 'a', true), page(3, 'a', true)],
			[1, 2, 3],
			[undefined, 'a', 'a', 'a'],
		],
		[
			'beyond a Total that only counts the page',
			[
				{ ...page(1, 'a', true), Total: 1 },
				{ ...page(2, 'a', true), Total: 1 },
			],
			[1, 2],
			[undefined, 'a', 'a'],
		],
		[
			'with Context 0, after pages with a number as Context',
			[page(1, 7, true), page(2, 8, true), page(3, 0, true)],
			[1, 2, 3],
			[undefined, 7, 8],
		],
		[
			'after empty pages with a new Context',
			[page(1, 'a', true), { List: [], Context: 'b' }, { List: null, Context: 'c' }, page(2, '', true)],
			[1, 2],
			[undefined, 'a', 'b', 'c'],
		],
		[
			'at the fourth empty page in a row',
			[page(1, 'a', true), ...['b', 'c', 'd', 'e', 'f'].map((Context) => ({ List: [], Context }))],
			[1],
			[undefined, 'a', 'b', 'c', 'd'],
		],
		[
			'after more than three empty pages that are not in a row',
			[
				page(1, 'a', true),
				{ List: [], Context: 'b' },
				{ List: [], Context: 'c' },
				page(2, 'd', true),
				{ List: [], Context: 'e' },
				{ List: [], Context: 'f' },
				page(3, '', true),
			],
			[1, 2, 3],
			[undefined, 'a', 'b', 'c', 'd', 'e', 'f'],
		],
		[
			'after pages of equal records, the second of which is the last',
			[page(1, 'a', true), page(1, '', true)],
			[1, 1],
			[undefined, 'a'],
		],
		[
			'after pages of equal records that Total counts',
			['a', 'b', ''].map((Context) => ({ ...page(1, Context, true), Total: 3 })),
			[1, 1, 1],
			[undefined, 'a', 'b'],
		],
		[
			'after pages that begin with equal records',
			[
				{ List: [1, 2], Context: 'a' },
				{ List: [1, 3], Context: '' },
			],
			[1, 2, 1, 3],
			[undefined, 'a'],
		],
		['at an empty page, whatever Listover means', [page(1, 'a', false)], [1], [undefined, 'a']],
	])('%s', async (_, answers, records, contexts) => {
		const read = await readAll(byContext, answers);
		expect(read.records).toEqual(records);
		expect(read.asked.map(({ Context }) => Context)).toEqual(contexts);
	});
});

describe('A list that ends with fewer records than the service counts has failed', () => {
	test.each<[string, Paging, ResponseData[], number, number]>([
		[
			'at an empty page',
			byOffset,
			[
				{ List: [1], Total: 9 },
				{ List: [], Total: 9 },
			],
			1,
			9,
		],
		[
			'when its Total shrinks',
			byOffset,
			[
				{ List: [1, 2], Total: 4 },
				{ List: [4], Total: 3 },
			],
			3,
			4,
		],
		['without a Context', byContext, [{ List: [1], Total: 2, Context: '' }], 1, 2],
	])('%s', async (_, paging, answers, read, counted) => {
		const { send } = serviceOf(answers);
		const { outcome } = endOf(await sendPages(send, {}, paging));
		expect(outcome).toMatchObject({
			outcome: 'UNKNOWN',
			code: 'LIST_INCOMPLETE',
			reason: `The list ended after ${read} of ${counted} records.`,
			scope: 'call',
		});
	});

	test('but not if no more records were requested', async () => {
		const { records } = await readAll(byContext, [{ List: [1, 2], Total: 9, Context: '' }], { Size: 2 });
		expect(records).toEqual([1, 2]);
	});
});

describe('A page whose response was lost', () => {
	/**
	 * A scroll over six records. Each request advances it by two records. The requests with these numbers were sent
	 * twice, because the first response was lost.
	 */
	function scrollLosing(...lost: number[]) {
		let position = 0;
		let pages = 0;
		const asked: unknown[] = [];
		const send = async ({ Context }: Parameters): Promise<Delivered> => {
			if (Context === undefined) {
				position = 0;
			}
			pages++;
			const isLost = lost.includes(pages);
			if (isLost && Context !== undefined) {
				position += 2;
			}
			const List = [1, 2, 3, 4, 5, 6].slice(position, position + 2);
			position += 2;
			asked.push(Context);
			const answered: Delivered = {
				kind: 'answered',
				outcome: { outcome: 'OK', data: { List, Context: 's' }, requestId: undefined },
				requestIds: ['r'],
				parametersDigest: '',
			};
			return isLost ? { ...answered, requestIds: ['lost', 'r'], mayBeTwice: true } : answered;
		};
		return { asked, send };
	}

	test('with Context restarts the list, because a scroll has advanced past it', async () => {
		const { send, asked } = scrollLosing(2);
		const { outcome, pages, requestIds } = endOf(await sendPages(send, {}, byContext));
		expect(outcome.outcome === 'OK' && outcome.data['List']).toEqual([1, 2, 3, 4, 5, 6]);
		expect(asked).toEqual([undefined, 's', undefined, 's', 's', 's']);
		expect([pages, requestIds.length]).toEqual([6, 7]);
	});

	test('does not matter if it was the first page', async () => {
		const { send, asked } = scrollLosing(1);
		const { outcome } = endOf(await sendPages(send, {}, byContext));
		expect(outcome.outcome === 'OK' && outcome.data['List']).toEqual([1, 2, 3, 4, 5, 6]);
		expect(asked).toHaveLength(4);
	});

	test('in each of three attempts fails the call', async () => {
		const { send } = scrollLosing(2, 4, 6);
		const { outcome, pages, requestIds } = endOf(await sendPages(send, {}, byContext));
		expect(outcome).toMatchObject({
			outcome: 'UNKNOWN',
			code: 'LIST_INCOMPLETE',
			reason: 'A page was missing in each of 3 attempts to read the list.',
		});
		expect([pages, requestIds.length]).toEqual([6, 9]);
	});
});

test.each([
	[1, [1]],
	[100, [100]],
	[250, [100, 100, 50]],
])('For a limit of %i, no more records are requested, in pages of at most 100', async (wanted, sizes) => {
	const answer = (Size: number) => ({
		List: Array.from({ length: Size }, Math.random),
		Context: `${Math.random()}`,
	});
	const { asked, records } = await readAll(byContext, sizes.map(answer), { Size: wanted });
	expect(asked.map(({ Size }) => Size)).toEqual(sizes);
	expect(records).toHaveLength(wanted);
});

test('Records above the limit are cut off', async () => {
	const { records } = await readAll(byOffset, [{ List: [1, 2, 3], Total: 3 }], { Limit: 2 });
	expect(records).toEqual([1, 2]);
});

test.each<[ResponseData, readonly unknown[] | undefined]>([
	[{ List: [1] }, [1]],
	[{ List: null }, []],
	[{ Total: 0 }, []],
	[{}, undefined],
	[{ List: {} }, undefined],
	[{ List: 'x', Total: 0 }, undefined],
	[{ Total: 3 }, undefined],
])('The records in %j are %j', (data, records) => {
	expect(recordsIn(data, 'List')).toEqual(records);
});

/** More records than fit into the memory limit of a run, even if they are empty. */
const TOO_MANY_RECORDS = 1_000_000;
const MIB = 1024 * 1024;

describe('A list that is too large for n8n', () => {
	/** A service with pages of one record each, endless or up to a Total. */
	const serviceCounting = (Total: number | undefined, record: (page: number) => unknown = (page) => page) =>
		serviceOf(Array.from({ length: Total ?? 1_000 }, (_, page) => ({ List: [record(page)], Total }))).send;
	const tooLarge = (read: number) => ({
		outcome: 'UNKNOWN',
		code: 'LIST_TOO_LARGE',
		reason: `The lists of this run take more than 96 MiB of heap; reading ended after ${read} record${read === 1 ? '' : 's'}.`,
		advice: "Switch 'Return All' off, or ask for a part of the list",
	});
	const text = 'x'.repeat(MIB);
	const objects = new Array(10_000).fill({});

	test('according to its Total is not read any further', async () => {
		const { outcome, pages } = endOf(
			await sendPages(serviceOf([{ List: [1], Total: TOO_MANY_RECORDS }]).send, {}, byOffset),
		);
		expect(outcome).toMatchObject(tooLarge(1));
		expect(pages).toBe(1);
	});

	test('is read if the limit is small enough', async () => {
		const { send } = serviceOf([1, 2].map((record) => ({ List: [record], Total: TOO_MANY_RECORDS })));
		const { outcome } = endOf(await sendPages(send, { Limit: 2 }, byOffset));
		expect(outcome).toMatchObject({ outcome: 'OK', data: { List: [1, 2] } });
	});

	test.each<[what: string, most: number, record: (page: number) => unknown]>([
		['long texts', 95, (page) => [page, text]],
		['empty objects', 139, (page) => [page, objects]],
	])('is one of %s, whose pages together take too much memory', async (_, most, record) => {
		const { outcome, pages } = endOf(await sendPages(serviceCounting(undefined, record), {}, byOffset));
		expect([outcome, pages]).toEqual([expect.objectContaining(tooLarge(most + 1)), most + 1]);
		const whole = await sendPages(serviceCounting(most, record), {}, byOffset);
		expect(endOf(whole).outcome.outcome).toBe('OK');
	});

	test('is one of several in a run that together take too much memory; failed lists take none', async () => {
		const readList = pagerOf(byOffset);
		const read = async (count: number, Total = count) => {
			const pages = Array.from({ length: count }, (_, page) => ({ List: [[page, text]], Total }));
			return endOf(await readList(serviceOf(pages).send)).outcome;
		};
		expect(await read(60)).toMatchObject({ outcome: 'OK' });
		expect(await read(30, 31)).toMatchObject({ code: 'LIST_INCOMPLETE' });
		expect(await read(60)).toMatchObject(tooLarge(36));
		expect(await read(30)).toMatchObject({ outcome: 'OK' });
	});

	test('does not follow from a list with an unsent page, which takes no memory any more', async () => {
		const readList = pagerOf(byOffset);
		const pages = Array.from({ length: 60 }, (_, page) => ({ List: [[page, text]], Total: 60 }));
		const why = failureWith({ outcome: 'NOT_SENT', code: 'NOT_TRIED', reason: 'Not tried.' });
		const { asked, send } = serviceOf(pages);
		const endedBeforeLast = async (page: Parameters): Promise<Delivered> =>
			asked.length < 59 ? await send(page) : { kind: 'notTried', why };
		const cutShort = endOf(await readList(endedBeforeLast));
		expect(cutShort.outcome).toMatchObject({ code: 'NOT_TRIED' });
		const whole = endOf(await readList(serviceOf(pages).send));
		expect(whole.outcome).toMatchObject({ outcome: 'OK' });
	});
});

describe('A list with an unsent page', () => {
	const why = failureWith({ outcome: 'NOT_SENT', code: 'NOT_TRIED', reason: 'Not tried.' });

	test.each(['notTried', 'postponed'] as const)('is %s if that was the first page', async (kind) => {
		const fate = { kind, why, parametersDigest: 'd' } as Delivered;
		expect(await sendPages(async () => fate, {}, byOffset)).toEqual(fate);
	});

	test('has failed if earlier pages were read, with their RequestIds', async () => {
		const { send } = serviceOf([{ List: [1], Total: 2 }]);
		let pages = 0;
		const endedAfterFirst = async (page: Parameters): Promise<Delivered> => {
			pages++;
			return pages === 1 ? await send(page) : ({ kind: 'notTried', why, parametersDigest: 'd' } as Delivered);
		};
		expect(await sendPages(endedAfterFirst, {}, byOffset)).toMatchObject({
			kind: 'answered',
			outcome: {
				...why,
				reason: 'Page 2 could not be read (1 record was read before it). Not tried.',
			},
			requestIds: ['r'],
			pages: 2,
		});
	});
});

test.each<[string, Paging, (page: number) => ResponseData]>([
	['the same page whatever the Offset is', byOffset, () => ({ List: [{ id: 1 }, { id: 2 }] })],
	['its pages in a circle', byOffset, (page) => ({ List: [{ id: page % 3 }] })],
	['the last page for every later Offset', byOffset, (page) => ({ List: [{ id: Math.min(page, 3) }] })],
	['the same page with the same Context', byContext, () => ({ List: [{ id: 1 }], Context: 'c' })],
	['the same page with new Contexts', byContext, (page) => ({ List: [{ id: 1 }], Context: `c${page}` })],
	['a page again before Total is reached', byOffset, () => ({ List: [{ id: 1 }], Total: 4 })],
])(
	'A service that returns %s fails the call instead of causing endless requests',
	async (_, paging, answer) => {
		let asked = 0;
		const send = async (): Promise<Delivered> => {
			if (asked === 20) {
				throw new Error('Asked for ever.');
			}
			const data = answer(asked);
			asked++;
			return {
				kind: 'answered',
				outcome: { outcome: 'OK', data, requestId: `r${asked}` },
				requestIds: [`r${asked}`],
				parametersDigest: '',
			};
		};
		const { outcome, pages, requestIds } = endOf(await sendPages(send, {}, paging));
		expect(outcome).toMatchObject({
			outcome: 'UNKNOWN',
			code: 'PAGE_REPEATED',
			reason: `Page ${asked} had the same records as an earlier page.`,
			advice:
				'Try again; if it persists, ask for at most 100 records and give the RequestId to Tencent Cloud support',
			scope: 'call',
			requestId: `r${asked}`,
		});
		expect([pages, requestIds.length]).toEqual([asked, asked]);
	},
);

test('The first page of a call starts at the beginning', () => {
	expect(firstPage({ A: 1 }, byOffset)).toEqual({ A: 1, Offset: 0, Limit: 100 });
	expect(firstPage({ Size: 5 }, byContext)).toEqual({ Size: 5 });
});
